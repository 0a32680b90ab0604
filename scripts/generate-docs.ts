import { writeFile } from 'node:fs/promises'
import { configTable } from '../src/config.ts'
import { type ProblemDefinition, problemTable } from '../src/connectors/problem-table.ts'

/** Writes the pages that are generated from declarations: docs/problems.md and docs/configuration.md. */
const originNames: Record<ProblemDefinition['origin'], string> = {
  FORM: 'what was entered in the form',
  NETWORK: 'the network between Patchbay and the data source',
  SOURCE: 'the data source itself',
  SECRET_STORE: 'the store that keeps secrets',
  POLICY: "a rule of Patchbay's operator or of Patchbay itself",
  PATCHBAY: 'Patchbay itself',
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
`,
  )
  return `# Problems

Everything that can go wrong with a data source is reported in one shape, \`Problem\`, with one of the codes below. The
words in braces are filled in for the case at hand and are also given apart, as \`params\`, for clients that translate.
This page is generated from the problem table; the same list is in the API as \`problemCatalogue\`.

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
