import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import { problem } from '../problem.ts'
import type { MysqlConfig } from './form.ts'
import { listColumns } from './list-columns.ts'
import { databaseOptions, listDatabases } from './list-databases.ts'
import { listInSession } from './list-in-session.ts'
import { listTables } from './list-tables.ts'

/** Databases that this account may know of, for `database`. */
export async function listOptions(
  config: MysqlConfig,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  if (field === 'database') return listInSession(config, context, lister => databaseOptions(lister, page))
  return notListed(problem('LISTING_UNSUPPORTED', { params: { reason: 'the values of this field are typed' } }))
}

/** Databases, then tables and views, then columns. The form's database narrows nothing: queries may name others. */
export async function listCatalog(
  config: MysqlConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const [database, table, column, ...deeper] = path
  if (column !== undefined) return notListed(pathNotFound('entry below a column', deeper.at(-1) ?? column))
  return listInSession(config, context, lister => {
    if (database === undefined) return listDatabases(lister, page)
    if (table === undefined) return listTables(lister, database, page)
    return listColumns(lister, { database, table }, page)
  })
}
