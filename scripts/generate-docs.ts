import { writeFile } from 'node:fs/promises'
import { configTable } from '../src/config.ts'
import { type ProblemDefinition, problemTable } from '../src/connectors/problem-table.ts'
import { problemsOfAnyType } from '../src/connectors/problems-of-any-type.ts'
import { builtInConnectorTypes } from '../src/connectors/registry.ts'
import type { ProofSource } from '../test/proofs/proves.ts'
import { readRecord, recordNames, simulated, unite } from '../test/proofs/record.ts'

/** Writes the pages that are generated from declarations: docs/problems.md and docs/configuration.md. */
const originNames: Record<ProblemDefinition['origin'], string> = {
  FORM: 'what was entered in the form',
  NETWORK: 'the network between Patchbay and the data source',
  SOURCE: 'the data source itself',
  SECRET_STORE: 'the store that keeps secrets',
  POLICY: "a rule of Patchbay's operator or of Patchbay itself",
  PATCHBAY: 'Patchbay itself',
}

const sourceNames: Record<ProofSource, string> = {
  REAL_SERVER: 'a real server',
  PUBLIC_IMPLEMENTATION: 'another public implementation',
  DOUBLE: 'a double',
}
const proofs = unite(...recordNames.map(readRecord))
const types = builtInConnectorTypes.filter(type => type.name !== simulated)

/** Who may report a problem, each with what proves it. */
function provenBy(code: string): string {
  const reporters = [
    ...types
      .filter(type => type.problems.some(each => each === code))
      .map(type => ({ name: type.name, label: type.label })),
    ...(problemsOfAnyType.some(each => each === code)
      ? [{ name: 'ANY', label: 'Patchbay itself, whatever the type' }]
      : []),
  ]
  const lines = reporters.map(({ name, label }) => {
    const sources = proofs[name]?.[code] ?? []
    return `${label} (proven by ${sources.length === 0 ? 'nothing yet' : sources.map(by => sourceNames[by]).join(', ')})`
  })
  return lines.length === 0 ? 'nobody yet' : lines.join('; ')
}

function problemsPage(): string {
  const entries = Object.entries(problemTable as Record<string, ProblemDefinition>)
  const sections = entries.map(
    ([code, { title, origin, message, mend, retryable }]) => `<a id="${code.toLowerCase().replaceAll('_', '-')}"></a>

### ${code}

**${title}.** ${message}

- Look at: ${originNames[origin]} (\`${origin}\`).
- Mend: ${mend}
- ${retryable ? 'The same attempt may succeed later without any change.' : 'Trying again without a change will not help.'}
- Reported by: ${provenBy(code)}.
`,
  )
  return `# Problems

Everything that can go wrong with a data source is reported in one shape, \`Problem\`, with one of the codes below. The
words in braces are filled in for the case at hand and are also given apart, as \`params\`, for clients that translate.
This page is generated from the problem table; the same list is in the API as \`problemCatalogue\`.

Each problem names the connector types that may report it, and what stood at the other end when a test saw it reported:

- **a real server**: the product itself, such as PostgreSQL, PgBouncer, MySQL or MariaDB, and for the network a real machine;
- **another public implementation** that passed the problem on or caused it: a pooler or an SSH server on the way, FerretDB
  for MongoDB, moto for AWS, s3rver for S3, fakesnow for Snowflake, goccy's emulator for BigQuery;
- **a double**: a server of our own that behaves as the product was documented or measured to, used where the product
  cannot be brought to do it on demand. For problems of Patchbay itself, a connector type that misbehaves on demand.

The tests note this themselves (\`test/proofs\`); a problem that no test has seen fails the test suite. What the simulator
reports on demand is no proof and is not counted.

${sections.join('\n')}`
}

function configurationPage(): string {
  return `# Configuration

Patchbay reads its configuration from the environment, and from a file \`.env\` in the working directory for what the
environment leaves open. It reads it once, at start, and reports every mistake at once. Nothing has to be set for a
first try.

${configTable()}
`
}

await writeFile('docs/problems.md', problemsPage())
await writeFile('docs/configuration.md', configurationPage())
