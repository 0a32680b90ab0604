import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import { listInSession, maxListingBytes } from '../postgres-protocol/list-in-session.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import { listColumns } from './browse-columns.ts'
import { databasesToAsk, isAboutDatabase, listDatabases } from './browse-databases.ts'
import { listRelations } from './browse-relations.ts'
import { listSchemas, schemaOptions } from './browse-schemas.ts'
import type { PostgresConfig } from './form.ts'
import { openPostgres } from './open.ts'
import { classifyError } from './problems.ts'

/** Values for `database` and for the items of `schemas`. */
export const listOptions = (
  config: PostgresConfig,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> =>
  field === 'database'
    ? databaseOptions(config, page, context)
    : inDatabase(config, context, run => schemaOptions(run, page))

/** Schemas, what lies in one, and the columns of that. A session sees one database: it is no level of its own. */
export async function listCatalog(
  config: PostgresConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const [schema, relation, column, ...deeper] = path
  if (column !== undefined) return notListed(pathNotFound('entry below a column', deeper.at(-1) ?? column))
  return inDatabase<CatalogEntry>(config, context, run => {
    if (schema === undefined) return listSchemas(run, config, page)
    if (relation === undefined) return listRelations(run, config, schema, page)
    return listColumns(run, config, { schema, relation }, page)
  })
}

/** All that lists goes the way that queries go. */
const inDatabase = <Item>(
  config: PostgresConfig,
  context: BrowseContext,
  list: (run: Run) => Promise<Listing<Item>>,
): Promise<Listing<Item>> =>
  listInSession(
    openPostgres(config, context.environment.network, maxListingBytes),
    config,
    context,
    error => classifyError(error, 'WORK', config),
    work => work.transaction.read(work.context, list),
  )

/**
 * Databases can be told only from within one. Where the form's own lets nobody in, those that others try are tried, and
 * what is wrong with the form's stands beside what they tell.
 */
async function databaseOptions(
  config: PostgresConfig,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  const startedAt = performance.now()
  const [own, ...others] = databasesToAsk(config)
  const ask = (database: string) => {
    const budgetMs = context.budgetMs - (performance.now() - startedAt)
    return inDatabase({ ...config, database }, { ...context, budgetMs }, run => listDatabases(run, page))
  }
  const listing = await ask(own)
  if (!isAboutDatabase(listing.problem)) return listing
  for (const database of others) {
    const found = await ask(database)
    if (isAboutDatabase(found.problem)) continue
    return found.problem === null ? { ...found, problem: listing.problem } : found
  }
  return listing
}
