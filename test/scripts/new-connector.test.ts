import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createConnector, namesOf } from '../../scripts/new-connector/create-connector.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const parts = ['src', 'test', 'scripts', 'bench', 'docs', 'drizzle', 'README.md', 'schema.graphql', 'package.json']
const settings = ['tsconfig.json', 'biome.json', 'codegen.ts', 'vitest.config.ts', 'vitest.interop.config.ts']

let copy: string
let files: readonly string[]

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'patchbay-new-connector-'))
  for (const part of [...parts, ...settings]) await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  // The formatter asks Git what to leave out.
  await run('git', ['init', '--quiet'], { cwd: copy })
  files = await createConnector(copy, namesOf('SQL_SERVER', 'SQL Server'))
}, 60_000)
afterAll(() => rm(copy, { recursive: true, force: true }))

const program = (name: string) => join(root, 'node_modules', '.bin', name)

test('a new type has the files that every type has, and is named where types are named', async () => {
  expect(files.toSorted()).toEqual([
    'docs/connectors/sql-server.md',
    ...['browse', 'form', 'index', 'logo', 'open', 'problem-codes', 'problems', 'query-form', 'query', 'steps'].map(
      name => `src/connectors/sql-server/${name}.ts`,
    ),
    'test/contract/fixtures/sql-server.ts',
  ])
  expect(await readFile(join(copy, 'src/connectors/registry.ts'), 'utf8')).toContain('  sqlServer,\n  simulator,\n]')
})

test('it compiles as it is', async () => {
  const include = files.filter(file => file.endsWith('.ts'))
  await writeFile(join(copy, 'tsconfig.new.json'), JSON.stringify({ extends: './tsconfig.json', include }))
  await expect(run(program('tsc'), ['--project', 'tsconfig.new.json'], { cwd: copy })).resolves.toMatchObject({
    stdout: '',
  })
}, 60_000)

test('the contract suites say what is missing, and nothing else of it fails', async () => {
  const suites = ['fixtures', 'documentation', 'plan', 'form'].map(name => `test/contract/${name}.test.ts`)
  const report = join(copy, 'report.json')
  const options = ['--reporter=json', `--outputFile=${report}`, '--testNamePattern', 'SQL_SERVER']
  // What is missing makes it fail; the report says how.
  await run(program('vitest'), ['run', ...suites, ...options], { cwd: copy }).catch(() => {})
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as {
    readonly testResults: readonly { readonly assertionResults: readonly Verdict[] }[]
  }
  const verdicts = testResults.flatMap(each => each.assertionResults)
  expect(verdicts.filter(each => each.status === 'passed').length).toBeGreaterThan(20)
  expect(
    verdicts
      .filter(each => each.status === 'failed')
      .map(each => each.fullName)
      .toSorted(),
  ).toEqual([
    'the fixture of SQL_SERVER gives every field and every alternative of the form in some input',
    'the fixture of SQL_SERVER serves inputs that it has, and answers queries with rows',
    'the form of SQL_SERVER says of every field what it is called and what it is for (configuration)',
    'the page of SQL_SERVER has a table of what is proven how, with what only a double shows',
    'the page of SQL_SERVER names every field of the forms, those of shared groups there or where it leads to',
    'the page of SQL_SERVER says of every step what it claims',
    'the page of SQL_SERVER says which type it is about, and is found from the first page',
    'the page of SQL_SERVER shows how to make an account that can only read',
    'the steps of SQL_SERVER are those of its plans',
  ])
}, 120_000)

interface Verdict {
  readonly status: string
  readonly fullName: string
}

test.each([
  ['sqlServer', 'SQL Server'],
  ['SQL-SERVER', 'SQL Server'],
  ['SQL_SERVER', "Bob's"],
  ['SQL_SERVER', ' '],
])('the name %s with the label "%s" is refused', (name, label) => {
  expect(() => namesOf(name, label)).toThrow(/^Give the/)
})

test('what is there already is left as it is', async () => {
  await expect(createConnector(copy, namesOf('POSTGRES', 'PostgreSQL'))).rejects.toThrow(
    'src/connectors/postgres already',
  )
})
