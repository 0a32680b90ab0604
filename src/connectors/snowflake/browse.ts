import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import { listWithin } from '../cloud/list-within.ts'
import type { Remaining } from '../cloud/remaining.ts'
import { pathNotFound } from '../listing-problems.ts'
import type { Problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { listColumns } from './browse-columns.ts'
import { listDatabases, listObjects, listSchemas, onlyDatabase } from './browse-lists.ts'
import { unseenPart, whyNotListed } from './browse-missing.ts'
import { listRoles } from './browse-roles.ts'
import { showPage } from './browse-show.ts'
import { listWarehouses } from './browse-warehouses.ts'
import { objectName, type SnowflakeConfig } from './form.ts'
import { quotedPath } from './names.ts'
import { SnowflakeSession } from './open.ts'
import { useRole } from './scope.ts'
import { isDenied, knownProblem, type Work, workOf } from './work.ts'

/**
 * Values for a field. No warehouse is made the session's, so none needs to be known or running; and while the role is
 * chosen, it is the user's default one that asks.
 */
export function listOptions(
  config: SnowflakeConfig,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  if (field === 'role') return inSession(withoutRole(config), context, work => listRoles(work, page))
  return inSession(config, context, async work => {
    await useRole(work)
    if (field === 'warehouse') return listWarehouses(work, page)
    const { database } = config
    if (field !== 'schema' || database === undefined) return optionsOf(await showPage(work, 'DATABASES', '', page))
    const within = ` IN DATABASE ${quoteName(database)}`
    return orWhyNot(work, [database], page, async () => optionsOf(await showPage(work, 'SCHEMAS', within, page)))
  })
}

const optionsOf = ({ rows, next }: Awaited<ReturnType<typeof showPage>>): Listing<FieldOption> => ({
  items: rows.map(({ name = '', comment = '' }) => ({ value: name, ...(comment !== '' && { help: comment }) })),
  next,
  problem: null,
})

/** A token of OAuth is asked for with the role of the form, unless the form says with what: without one there may be none. */
const withoutRole = (config: SnowflakeConfig): SnowflakeConfig =>
  config.auth.oauthClientCredentials ? config : { ...config, role: undefined }

/** What the role sees below a path: databases, or the form's own alone; schemas; tables and views; columns. */
export async function listCatalog(
  config: SnowflakeConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const nowhere = whyNowhere(config, path)
  if (nowhere) return notListed(nowhere)
  const [database, schema, table] = path
  return inSession(config, context, async work => {
    await useRole(work)
    if (database === undefined)
      return config.database === undefined ? listDatabases(work, page) : onlyDatabase(work, page)
    return orWhyNot(work, path, page, () => {
      if (schema === undefined) return listSchemas(work, database, page)
      if (table === undefined) return listObjects(work, [database, schema], page)
      return listColumns(work, quotedPath(database, schema, table), page)
    })
  })
}

/** Of a path that leads nowhere whatever there is. A connector for one database shows nothing of others. */
function whyNowhere({ database }: SnowflakeConfig, path: readonly string[]): Problem | null {
  const [first, , , ...deeper] = path
  if (first !== undefined && database !== undefined && first !== database)
    return pathNotFound('database', first, { fields: ['database'] })
  const strange = deeper[0] ?? path.find(name => !objectName.safeParse(name).success)
  return strange === undefined ? null : pathNotFound('entry', strange)
}

/** Whoever may not look into something, or sees nothing there, is told which part of its path is not there, or not theirs. */
async function orWhyNot<Item>(
  work: Work,
  path: readonly string[],
  { search, after }: ListingPage,
  list: () => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  try {
    const listing = await list()
    const isEmpty = listing.items.length === 0 && listing.next === null && search === null && after === null
    return isEmpty ? { ...listing, problem: await unseenPart(work, path) } : listing
  } catch (error) {
    if (!isDenied(error, work.session)) throw error
    return notListed(await whyNotListed(work, path, error))
  }
}

function inSession<Item extends FieldOption | CatalogEntry>(
  config: SnowflakeConfig,
  context: BrowseContext,
  list: (work: Work) => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  const session = new SnowflakeSession(config, context.environment)
  const { budgetMs } = context
  return listWithin<Item>(session, context, {
    list: ({ signal, until }: Remaining) => list(workOf(session, { signal, budgetMs, note: () => {}, until })),
    problemOf: error => knownProblem(error, session),
  })
}
