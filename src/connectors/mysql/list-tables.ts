import { type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import type { JsonObject } from '../json.ts'
import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem } from '../problem.ts'
import type { RowOf } from './answer.ts'
import { comesAfter, isName, isOneOf, limitOf, pageOf, searched, sorted } from './catalog-names.ts'
import { credentialsOf } from './credentials.ts'
import { databaseDenial, isListed } from './list-databases.ts'
import type { Lister } from './list-in-session.ts'
import { accountIn, grantTableSql } from './remedy-sql.ts'
import { unusableTables } from './unusable-tables.ts'

/** Columns of tables of which only some may be read; more of them are not named. */
const maxNamedColumns = 4_000

const detailsShape = { name: 'text', type: 'text', engine: 'text?', comment: 'text?', size: 'text?' } as const

/** Names first, which costs no server more than a look into its directory: nothing else is asked of any other table. */
const namesSql = (database: string, page: ListingPage): string => `
  SELECT TABLE_NAME FROM information_schema.TABLES
  WHERE ${isName('TABLE_SCHEMA', database)} ${page.after === null ? '' : `AND ${comesAfter('TABLE_NAME', page.after)}`}
    ${searched('TABLE_NAME', page)}
  ORDER BY ${sorted('TABLE_NAME')} LIMIT ${limitOf(page)}`

/** Sizes are those of the server's statistics. MySQL 8 mistakes a view for a broken table when asked for its size. */
const detailsSql = (database: string, names: readonly string[]): string => `
  SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COMMENT, CASE WHEN TABLE_TYPE LIKE '%VIEW' THEN NULL ELSE DATA_LENGTH END
  FROM information_schema.TABLES WHERE ${of(database, names)}`

/** Tables of which the account may read at least a column, as the server itself works it out. */
const readableSql = (database: string, names: readonly string[]): string => `
  SELECT DISTINCT ${sorted('TABLE_NAME')} FROM information_schema.COLUMNS
  WHERE ${of(database, names)} AND FIND_IN_SET('select', PRIVILEGES)`

/** Tables of which somebody may read single columns. */
const columnGrantsSql = (database: string, names: readonly string[]): string => `
  SELECT DISTINCT ${sorted('TABLE_NAME')} FROM information_schema.COLUMN_PRIVILEGES
  WHERE ${of(database, names)} AND PRIVILEGE_TYPE = 'SELECT'`

const readableColumnsSql = (database: string, names: readonly string[]): string => `
  SELECT ${sorted('TABLE_NAME')}, COLUMN_NAME FROM information_schema.COLUMNS
  WHERE ${of(database, names)} AND FIND_IN_SET('select', PRIVILEGES)
  ORDER BY 1, ORDINAL_POSITION LIMIT ${maxNamedColumns}`

const of = (database: string, names: readonly string[]): string =>
  `${isName('TABLE_SCHEMA', database)} AND ${isOneOf('TABLE_NAME', names)}`

/** Tables and views of one database, with what reads each. */
export async function listTables(lister: Lister, database: string, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { run } = lister
  const found = await run(namesSql(database, page), { name: 'text' })
  const { rows, next } = pageOf(found, page, ({ name }) => name)
  const names = rows.map(({ name }) => name)
  if (names.length === 0) return emptyDatabase(lister, database)
  const details = new Map((await run(detailsSql(database, names), detailsShape)).map(row => [row.name, row]))
  // What has gone meanwhile is left out.
  const tables = names.flatMap(name => details.get(name) ?? [])
  const suspects = new Set(tables.filter(isSuspect).map(({ name }) => name))
  const unusable = await findUnusable(lister, database, tables)
  const others = names.filter(name => !suspects.has(name))
  const readable = others.length === 0 ? suspects : await namesIn(lister, readableSql(database, others))
  const queries = await queriesOf(lister, database, names)
  const problemOf = (name: string): Problem | undefined =>
    unusable.get(name) ?? (readable.has(name) || suspects.has(name) ? undefined : denied(lister, database, name))
  return {
    items: tables.map(({ name, type, engine, comment, size }): CatalogEntry => {
      const query = queries.get(name)
      const problem = problemOf(name)
      // In the place of its comment servers say of a view that it is one, and of what they cannot open why.
      const hasComment = engine !== null && comment !== null && comment !== ''
      return {
        name,
        kind: isView(type) ? 'VIEW' : 'TABLE',
        nativeKind: type,
        hasChildren: true,
        ...(hasComment && { comment }),
        ...(size !== null && /^\d{1,15}$/.test(size) && { sizeBytes: Number(size) }),
        ...(query && { query }),
        ...(problem && { problem }),
      }
    }),
    next,
    problem: null,
  }
}

/** `VIEW`, `SYSTEM VIEW`. */
const isView = (type: string): boolean => type.endsWith('VIEW')

type Details = RowOf<typeof detailsShape>

/** Views may be broken whatever servers say of them; a table is where nothing is told of what stores it. */
const isSuspect = ({ type, engine }: Details): boolean => isView(type) || engine === null

/** Views together, for most of them are sound; tables one by one, for each takes time. */
async function findUnusable(
  lister: Lister,
  database: string,
  tables: readonly Details[],
): Promise<ReadonlyMap<string, Problem>> {
  const suspects = tables.filter(isSuspect)
  const views = suspects.filter(({ type }) => isView(type)).map(({ name }) => name)
  const unusable = new Map(await unusableTables(lister, database, views))
  for (const { name, type } of suspects) {
    if (isView(type)) continue
    for (const [table, problem] of await unusableTables(lister, database, [name])) unusable.set(table, problem)
  }
  return unusable
}

const denied = ({ config, work }: Lister, database: string, name: string): Problem =>
  problem('PERMISSION_DENIED', {
    detail: `The account has no SELECT right on any column of "${name}".`,
    fields: [`${credentialsOf(config).path}.username`],
    remedies: [
      {
        kind: 'RUN_SQL',
        title: 'Let the account read the table',
        sql: grantTableSql(database, name, null, accountIn(work.session.account)),
      },
    ],
  })

/** Null for nothing: an empty database, or one in which nothing has such a name. */
async function emptyDatabase(lister: Lister, database: string): Promise<Listing<CatalogEntry>> {
  const problem = await databaseProblem(lister, database)
  return problem ? notListed(problem) : { items: [], next: null, problem: null }
}

/** Why nothing can be listed in a database; null where it can. */
export async function databaseProblem(lister: Lister, database: string): Promise<Problem | null> {
  if (!(await isListed(lister, database))) return pathNotFound('database', database)
  return databaseDenial(lister, database)
}

async function namesIn({ run }: Lister, sql: string): Promise<ReadonlySet<string>> {
  return new Set((await run(sql, { name: 'text' })).map(({ name }) => name))
}

/** Longer names are none of MySQL's, and the form of queries takes none. */
const maxNameLength = 64

/** What reads each table: all of it, or the columns that the account may read where rights are given by columns. */
async function queriesOf(
  lister: Lister,
  schema: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const byColumn = await namesIn(lister, columnGrantsSql(schema, names))
  const columns = new Map<string, string[]>()
  if (byColumn.size > 0) {
    const rows = await lister.run(readableColumnsSql(schema, [...byColumn]), { table: 'text', column: 'text' })
    for (const { table, column } of rows) columns.set(table, [...(columns.get(table) ?? []), column])
    // There may be more of the last one's.
    const last = rows.at(-1)
    if (last && rows.length === maxNamedColumns) columns.delete(last.table)
  }
  const queries = new Map<string, JsonObject>()
  for (const name of names) {
    if (name.length > maxNameLength || schema.length > maxNameLength) continue
    const named = columns.get(name)
    if (named) queries.set(name, { table: { schema, name, columns: named } })
    else if (!byColumn.has(name)) queries.set(name, { table: { schema, name } })
  }
  return queries
}
