import { postgresListing } from './hostile-postgres-listing.ts'
import type { Column, Value } from './hostile-postgres-messages.ts'

/** What a sound server with one table answers to a statement. */
export interface Answer {
  /** Names the statement, as a stage of the double. */
  readonly stage: string
  readonly tag: string
  /** Null for statements without rows. */
  readonly columns: readonly Column[] | null
  readonly rows: readonly (readonly Value[])[]
}

const names = (...columns: readonly string[]): Column[] => columns.map(name => ({ name }))
export const command = (stage: string, tag: string): Answer => ({ stage, tag, columns: null, rows: [] })
export const rows = (stage: string, columns: readonly string[], ...values: readonly (readonly Value[])[]): Answer => ({
  stage,
  tag: `SELECT ${values.length}`,
  columns: names(...columns),
  rows: values,
})

/** The first that fits; statements that only a reader can have written are `QUERY`. */
const answers: readonly (readonly [RegExp, Answer])[] = [
  [/^BEGIN/, command('BEGIN', 'BEGIN')],
  [/^ROLLBACK TO/, command('ROLLBACK_TO', 'ROLLBACK')],
  [/^ROLLBACK/, command('ROLLBACK', 'ROLLBACK')],
  [/^SAVEPOINT/, command('SAVEPOINT', 'SAVEPOINT')],
  [/^SET LOCAL/, command('SET', 'SET')],
  [/AS recovering/, rows('OPEN', ['database', 'version', 'recovering', 'encoding'], ['postgres', '18.4', 'f', 'UTF8'])],
  [/AS rows FROM/, rows('READ', ['rows'], ['1'])],
  [/LEFT JOIN LATERAL/, rows('CANDIDATES', ['schema', 'name', 'column'], ['public', 'orders', 'id'])],
  [/AS name\s+WHERE NOT EXISTS/, rows('MISSING', ['name'])],
  [/server_version_num/, rows('FACTS', ['version', 'temp', 'bypass', 'definers'], ['180004', 't', 'f', '{}'])],
  [/'SUPERUSER' AS kind/, rows('ROLES', ['kind', 'object', 'via'])],
  [/DISTINCT ON \(n\.nspname\)/, rows('SCHEMAS', ['kind', 'object', 'via'])],
  [/ranked|gravest/, rows('RELATIONS', ['kind', 'object', 'via'])],
  [/'LARGE_OBJECT' AS kind/, rows('OTHERS', ['kind', 'object', 'via'])],
  [/rolname::text AS name FROM/, rows('ROLE_NAMES', ['name'])],
  [/bool_and\(readable\)/, rows('READABLE', ['schema', 'whole', 'tables'], ['public', 't', '{orders}'])],
  [/WITH grants AS/, rows('GRANTS', ['kind', 'schema', 'name', 'column', 'privileges'])],
  [/WITH RECURSIVE wanted/, rows('TYPES', ['oid', 'name', 'base', 'isList'], ['25', 'text', '25', 'f'])],
]

/** `values`: what was bound to the statement's parameters. */
export const answerTo = (sql: string, values: readonly (string | null)[] = []): Answer =>
  postgresListing({ sql, values }) ??
  answers.find(([pattern]) => pattern.test(sql.trim()))?.[1] ??
  rows('QUERY', ['n'], ['one'], ['two'])
