import { type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem } from '../problem.ts'
import { isName, limitOf, pageOf, searched } from './catalog-names.ts'
import { credentialsOf } from './credentials.ts'
import type { Lister } from './list-in-session.ts'
import { databaseProblem } from './list-tables.ts'
import { quoteName } from './quote.ts'
import { columnType, commonTypeOf } from './types.ts'
import { preparing } from './unusable-tables.ts'

export interface TablePath {
  readonly database: string
  readonly table: string
}

/** Of an ENUM it is all of its values. */
const maxTypeLength = 500

const shape = {
  place: 'integer',
  name: 'text',
  native: 'text',
  type: 'text',
  nullable: 'text',
  comment: 'text?',
  readable: 'integer',
} as const

const tableSql = ({ database, table }: TablePath): string =>
  `${isName('TABLE_SCHEMA', database)} AND ${isName('TABLE_NAME', table)}`

const columnsSql = (path: TablePath, page: ListingPage): string => `
  SELECT ORDINAL_POSITION, COLUMN_NAME, LEFT(COLUMN_TYPE, ${maxTypeLength}), DATA_TYPE, IS_NULLABLE, COLUMN_COMMENT,
    FIND_IN_SET('select', PRIVILEGES) > 0
  FROM information_schema.COLUMNS
  WHERE ${tableSql(path)} AND ORDINAL_POSITION > ${placeIn(page)} ${searched('COLUMN_NAME', page)}
  ORDER BY ORDINAL_POSITION LIMIT ${limitOf(page)}`

/** Anything else than a place is made up, and comes before all of them. */
const placeIn = ({ after }: ListingPage): number => (/^\d{1,6}$/.test(after ?? '') ? Number(after) : 0)

/** The columns of a table or view in their own order, with the types that its rows are given with. */
export async function listColumns(lister: Lister, path: TablePath, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { run, config } = lister
  const found = await run(columnsSql(path, page), shape)
  if (found.length === 0) return noColumns(lister, path, page)
  const { rows, next } = pageOf(found, page, ({ place }) => String(place))
  const json = await jsonColumns(
    lister,
    path,
    rows.filter(({ type, readable }) => type === 'longtext' && readable === 1).map(({ name }) => name),
  )
  return {
    items: rows.map(
      ({ name, native, type, nullable, comment, readable }): CatalogEntry => ({
        name,
        kind: 'COLUMN',
        hasChildren: false,
        ...(comment && { comment }),
        column: {
          nativeType: native,
          type: json.has(name) ? 'JSON' : commonTypeOf(type),
          isNullable: nullable === 'YES',
        },
        ...(readable !== 1 && {
          problem: problem('PERMISSION_DENIED', {
            detail: `The account has no SELECT right on the column "${name}".`,
            fields: [`${credentialsOf(config).path}.username`],
          }),
        }),
      }),
    ),
    next,
    problem: null,
  }
}

/** Servers show no columns of what they cannot open, nor of what the account may not read. */
async function noColumns(lister: Lister, path: TablePath, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { database, table } = path
  const [found] = await lister.run(`SELECT TABLE_TYPE FROM information_schema.TABLES WHERE ${tableSql(path)} LIMIT 1`, {
    type: 'text',
  })
  if (!found) return notListed((await databaseProblem(lister, database)) ?? pathNotFound('table or view', table))
  const unusable = await preparing(lister, database, [table])
  if (unusable) return notListed(unusable)
  if (page.search !== null || page.after !== null) return { items: [], next: null, problem: null }
  return notListed(noneTold(lister, table))
}

const noneTold = ({ config }: Lister, table: string): Problem =>
  problem('PERMISSION_DENIED', {
    detail: `The server tells this account of no column of "${table}".`,
    fields: [`${credentialsOf(config).path}.username`],
  })

/**
 * MariaDB's JSON is a long text with a constraint, which an account that can only read is not told of. What a statement
 * that reads no row says of its columns is what queries go by.
 */
async function jsonColumns(
  { run, work }: Lister,
  path: TablePath,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const none: ReadonlySet<string> = new Set()
  if (names.length === 0 || work.session.flavour !== 'MARIADB') return none
  const [table] = await run(`SELECT TABLE_TYPE FROM information_schema.TABLES WHERE ${tableSql(path)}`, {
    type: 'text',
  })
  // To look at what a view is made of, servers may have to do some of its work.
  if (!table || table.type.endsWith('VIEW')) return none
  const sql = `SELECT ${names.map(quoteName).join(', ')} FROM ${quoteName(path.database)}.${quoteName(path.table)} LIMIT 0`
  try {
    const columns = await work.columnsOf(sql)
    return new Set(columns.filter(column => columnType(column).common === 'JSON').map(({ name }) => name))
  } catch (error) {
    // Somebody is changing the table, or it has gone: then they are long texts.
    if (work.failure || typeof (error as { errno?: unknown }).errno !== 'number') throw error
    return none
  }
}
