import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** A change of the source that takes one fence between workspaces away. */
export interface Fence {
  readonly name: string
  /** From the project's root. */
  readonly file: string
  /** Occurs once. */
  readonly text: string
  readonly without: string
  readonly suites: Suites
}

/** What must fail without the fence: test files, and which of their tests. */
export interface Suites {
  readonly files: readonly string[]
  readonly pattern?: string
}

const stores = (database: 'sqlite' | 'postgres'): Suites => ({
  files: ['test/isolation/stores.test.ts'],
  pattern: `on ${database}`,
})

/** Conditions whose loss nobody can notice, by the line that they stand in. */
export const unneeded: Readonly<Record<string, string>> = {
  'drizzle/sqlite/0004_api_tokens_and_audit.sql: PRIMARY KEY(`workspace_id`, … of api_tokens':
    'Ids of API tokens are unique over all workspaces.',
}

const conditions = [/eq\((\w+)\.workspaceId, (?:[^()]|\([^()]*\))+?\)/g, /(?<!\w)(\w+)\.workspace_id = \$\{\w+\}/g]

/** Every condition on a workspace in `src/db`, each turned into one that is always true. */
export function storeFences(): readonly Fence[] {
  const files = globSync('src/db/*.ts', { cwd: root }).filter(file => !file.includes('/schema.'))
  return files.sort().flatMap(file => {
    const source = readFileSync(join(root, file), 'utf8')
    return conditions
      .flatMap(condition => [...source.matchAll(condition)])
      .sort((a, b) => a.index - b.index)
      .flatMap(match => {
        const [text, table = ''] = match
        const start = source.lastIndexOf('\n', match.index) + 1
        const line = source.slice(start, source.indexOf('\n', match.index)).trim()
        const always = text.startsWith('eq(')
          ? `eq(${table}.workspaceId, ${table}.workspaceId)`
          : `${table}.workspace_id = ${table}.workspace_id`
        // With what stands before, so that it occurs once.
        const before = uniqueBefore(source, match.index, text)
        // Only PostgreSQL has it.
        const suites = stores(
          line.includes('json_array') ||
            line.includes('list.connector_id') ||
            line.includes('eq(datasets.workspaceId, workspaceId)')
            ? 'postgres'
            : 'sqlite',
        )
        if (`${file}: ${line}` in unneeded) return []
        return [{ name: `${file}: ${line}`, file, text: before + text, without: before + always, suites }]
      })
  })
}

const tableKeys = [/PRIMARY KEY\(`workspace_id`, /g, /UNIQUE INDEX `\w+` ON `\w+` \(`workspace_id`,/g]
const foreignKeys = /,\n\tFOREIGN KEY \(`workspace_id`,`(\w+)`\) REFERENCES `(\w+)`[^\n]*/g

/** Every key of a table that begins with the workspace, without it, and every foreign key, left out. */
export function keyFences(): readonly Fence[] {
  return globSync('drizzle/sqlite/*.sql', { cwd: root })
    .sort()
    .flatMap(file => {
      const source = readFileSync(join(root, file), 'utf8')
      const keys = tableKeys
        .flatMap(key => [...source.matchAll(key)])
        .map(({ 0: text, index }) => {
          const before = uniqueBefore(source, index, text)
          const table = [...source.slice(0, index + text.length).matchAll(/(?:TABLE|ON) `(\w+)`/g)].at(-1)?.[1]
          const without = before + text.replace(/`workspace_id`, ?/, '')
          const name = `${file}: ${text.trim()} … of ${table}`
          return { name, file, text: before + text, without, suites: stores('sqlite') }
        })
      const links = [...source.matchAll(foreignKeys)].map(({ 0: text, 1: column, 2: target, index }) => {
        const before = uniqueBefore(source, index, text)
        return {
          name: `${file}: foreign key ${column} -> ${target}`,
          file,
          text: before + text,
          without: before,
          suites: { files: ['test/db/tenant-keys.test.ts'], pattern: 'sqlite' },
        }
      })
      return [...keys, ...links].filter(({ name }) => !(name in unneeded))
    })
}

function uniqueBefore(source: string, index: number, text: string): string {
  for (let length = 0; length <= index; length++) {
    const before = source.slice(index - length, index)
    if (source.split(before + text).length === 2) return before
  }
  throw new Error(`${text} cannot be told from others.`)
}
