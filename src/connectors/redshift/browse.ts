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
import { scrubListing } from '../scrub/scrub-listing.ts'
import { verdictOfListing } from '../sign-in-verdict.ts'
import { listColumns } from './browse-columns.ts'
import { listDatabases } from './browse-databases.ts'
import { listRelations } from './browse-relations.ts'
import { listSchemas, schemaOptions } from './browse-schemas.ts'
import { isServerless } from './deployment.ts'
import type { RedshiftConfig } from './form.ts'
import { openRedshift } from './open.ts'
import { classifyError, computeNotAllowed } from './problems.ts'
import { type Work, workOf } from './work.ts'

/** Values for `database` and for the items of `schemas`. */
export const listOptions = (
  config: RedshiftConfig,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> =>
  field === 'database'
    ? databaseOptions(config, page, context)
    : inDatabase(config, context, work => schemaOptions(work, page))

/** Schemas, external ones too; what lies in one; and the columns of that. A session works with one database. */
export async function listCatalog(
  config: RedshiftConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const [schema, relation, column, ...deeper] = path
  if (column !== undefined) return notListed(pathNotFound('entry below a column', deeper.at(-1) ?? column))
  return inDatabase<CatalogEntry>(config, context, work => {
    if (schema === undefined) return listSchemas(work, page)
    if (relation === undefined) return listRelations(work, schema, page)
    return listColumns(work, { schema, relation }, page)
  })
}

const billed = 'A serverless workgroup bills every statement, those about its catalogue too.'

/** All that lists goes the way that queries go, unless asking alone would cost money. */
async function inDatabase<Item extends FieldOption | CatalogEntry>(
  config: RedshiftConfig,
  context: BrowseContext,
  list: (work: Work) => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  if (isServerless(config) && !context.environment.mayStartCompute) return notListed(computeNotAllowed(billed))
  const startedAt = performance.now()
  const { signal } = context
  const opening = openRedshift(config, context.environment, maxListingBytes)
  const blocked = await opening.stages.pass(signal).finally(() => opening.stages.close())
  if (blocked) return notListed(opening.scrub.problem(blocked))
  const listing = await listInSession(
    opening.database,
    config,
    { signal, budgetMs: context.budgetMs - (performance.now() - startedAt) },
    error => classifyError(error, 'WORK', config, opening.username),
    work => list(workOf(work.transaction, opening.username, work.context)),
  )
  return scrubListing(opening.scrub, listing)
}

/** The one that every cluster and workgroup begins with. */
const firstDatabase = 'dev'

/**
 * Databases can be told only from within one. Where the form's own does not exist, the first one is tried, and what is
 * wrong with the form's stands beside what it tells.
 */
async function databaseOptions(
  config: RedshiftConfig,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  const startedAt = performance.now()
  const listing = await inDatabase(config, context, work => listDatabases(work, page))
  const { problem } = listing
  if (problem?.code !== 'DATABASE_NOT_FOUND' || config.database === firstDatabase) return listing
  const budgetMs = context.budgetMs - (performance.now() - startedAt)
  const found = await inDatabase({ ...config, database: firstDatabase }, { ...context, budgetMs }, work =>
    listDatabases(work, page),
  )
  if (found.problem === null) return { ...found, problem }
  // That the password is wrong comes before all else, also where a server has looked for the database first.
  return verdictOfListing(found, 'SIGN_IN') === 'REFUSED' ? found : listing
}
