import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How one type is called in the places that name it. */
export interface ConnectorNames {
  /** `SQL_SERVER`, the GraphQL enum value. */
  readonly name: string
  /** `sqlServer`, the input key. */
  readonly key: string
  /** `sql-server`, the folder. */
  readonly folder: string
  /** `SqlServer`, in names of TypeScript types. */
  readonly pascal: string
  /** `SQL Server`, for readers. */
  readonly label: string
}

export class BadConnectorNameError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'BadConnectorNameError'
  }
}

/** Throws `BadConnectorNameError`. */
export function namesOf(name: string, label: string): ConnectorNames {
  if (!/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(name)) {
    throw new BadConnectorNameError('Give the name in capitals, with underscores between words: SQL_SERVER.')
  }
  if (label.trim() === '' || /['\\\n]/.test(label)) {
    throw new BadConnectorNameError('Give the label as readers should see it, without quotes: "SQL Server".')
  }
  const words = name.toLowerCase().split('_')
  const pascal = words.map(word => word[0]?.toUpperCase() + word.slice(1)).join('')
  return { name, label, folder: words.join('-'), pascal, key: pascal[0]?.toLowerCase() + pascal.slice(1) }
}

const templates = join(import.meta.dirname, 'template')

/**
 * Writes the files of a new connector type into a copy of the repository at `root`, and names it where types are named.
 * Answers the files, relative to `root`. Throws `BadConnectorNameError` when there is such a type already.
 */
export async function createConnector(root: string, names: ConnectorNames): Promise<readonly string[]> {
  const folder = join('src', 'connectors', names.folder)
  if (existsSync(join(root, folder))) throw new BadConnectorNameError(`There is a folder ${folder} already.`)
  const written: string[] = []
  await mkdir(join(root, folder), { recursive: true })
  for (const template of await readdir(templates)) {
    const file = template.replace('.template', '')
    const path = placeOf(file, folder, names)
    await writeFile(join(root, path), filled(await readFile(join(templates, template), 'utf8'), names))
    written.push(path)
  }
  await nameIn(join(root, 'src', 'connectors', 'registry.ts'), {
    import: `import { ${names.key} } from './${names.folder}/index.ts'`,
    entry: `  ${names.key},`,
    before: '  simulator,\n]',
  })
  await nameIn(join(root, 'test', 'contract', 'fixtures.ts'), {
    import: `import { ${names.key}Fixture } from './fixtures/${names.folder}.ts'`,
    entry: `  ${names.name}: ${names.key}Fixture,`,
    before: '  SIMULATOR: simulatorFixture,\n}',
  })
  return written
}

function placeOf(file: string, folder: string, names: ConnectorNames): string {
  if (file === 'fixture.ts') return join('test', 'contract', 'fixtures', `${names.folder}.ts`)
  if (file === 'page.md') return join('docs', 'connectors', `${names.folder}.md`)
  return join(folder, file)
}

const filled = (text: string, { name, key, folder, pascal, label }: ConnectorNames): string =>
  text
    .replaceAll('EXAMPLE_NAME', name)
    .replaceAll('exampleKey', key)
    .replaceAll('example-folder', folder)
    .replaceAll('Example Label', label)
    .replaceAll('Example', pascal)

interface Naming {
  readonly import: string
  readonly entry: string
  /** What the list ends with. */
  readonly before: string
}

async function nameIn(file: string, { import: line, entry, before }: Naming): Promise<void> {
  const text = await readFile(file, 'utf8')
  if (!text.includes(before)) throw new Error(`${file} does not end its list as expected.`)
  await writeFile(file, `${line}\n${text.replace(before, `${entry}\n${before}`)}`)
}
