import { AwsCallError } from '../aws/service.ts'
import { tokenPage } from '../aws/token-pages.ts'
import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import type { JsonObject } from '../json.ts'
import { nameMatches } from '../listed-page.ts'
import { pathNotFound } from '../listing-problems.ts'
import type { Problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import {
  catalogEntry,
  catalogOption,
  columnEntry,
  databaseEntry,
  databaseOption,
  tableEntry,
  workgroupOption,
} from './browse-entries.ts'
import { isSameCatalog, listCatalogs, listDatabases, listTables, listWorkgroups, ofCatalog } from './browse-lists.ts'
import { columnsOf } from './browse-parts.ts'
import { type Browsing, inSession } from './browse-session.ts'
import { type CatalogKind, lookAtCatalog } from './catalog-kind.ts'
import { type AthenaConfig, glueName } from './form.ts'
import { isDenied } from './problems.ts'

/** Values for the fields that say where queries run and what they read. */
export function listOptions(
  config: AthenaConfig,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  return inSession(config, page, context, async browsing => {
    switch (field) {
      case 'workgroup':
        return mapped(await listWorkgroups(browsing), workgroupOption)
      case 'catalog':
        return mapped(await listCatalogs(browsing), ({ name, type }) => catalogOption(name, type))
      case 'database':
        return mapped(await ofCatalog(browsing, () => listDatabases(browsing)), databaseOption)
      default:
        throw new Error(`The field "${field}" has no live options.`)
    }
  })
}

/** Catalogs, their databases, the tables and views of these, and their columns. */
export async function listCatalog(
  config: AthenaConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const [catalog, database, table, column] = path
  if (catalog === undefined) return inSession(config, page, context, listAllCatalogs)
  if (column !== undefined) return notListed(notFound(path, path.length - 1))
  const invalid = path.findIndex(name => !glueName.safeParse(name).success || !name.isWellFormed())
  if (invalid >= 0) return notListed(notFound(path, invalid))
  return inSession(
    { ...config, catalog },
    page,
    context,
    browsing =>
      ofCatalog(browsing, async kind => {
        if (database === undefined) return mapped(await listDatabases(browsing), databaseEntry)
        if (table !== undefined) return listColumns(browsing, database, table)
        const query = queriesOf(config, { kind, catalog, database })
        return mapped(await listTables(browsing, database, kind), listed => tableEntry(listed, query(listed.name)))
      }),
    found => explained(found, path),
  )
}

/** That of the connector first, which Athena does not tell of in all cases, and which needs no right to be told. */
async function listAllCatalogs(browsing: Browsing): Promise<Listing<CatalogEntry>> {
  const { session, remaining, page } = browsing
  const { mayStartCompute } = session.environment
  const { catalog } = session.config
  const isFirst = page.after === null && nameMatches(catalog, page.search)
  const own = isFirst ? [catalogEntry(catalog, await lookAtCatalog(session, remaining), mayStartCompute)] : []
  try {
    const others = await listCatalogs({ ...browsing, page: { ...page, first: page.first - own.length } }, catalog)
    const entries = mapped(others, ({ name, type }) =>
      catalogEntry(name, { kind: type === 'GLUE' ? 'GLUE' : 'FEDERATED', type }, mayStartCompute),
    )
    return { ...entries, items: [...own, ...entries.items] }
  } catch (error) {
    if (!(error instanceof AwsCallError && isDenied(error)) || own.length === 0) throw error
    return { items: own, next: null, problem: error.problem }
  }
}

/** What reads a table of the database, by its name. */
function queriesOf(
  { catalog: own, credentials }: AthenaConfig,
  { kind, catalog, database }: Pick<CatalogKind, 'kind'> & { readonly catalog: string; readonly database: string },
): (table: string) => JsonObject | null {
  if (isSameCatalog(catalog, own)) return name => ({ table: { database, name } })
  // A role's session asks the functions of the connector's own catalog alone.
  if (kind !== 'GLUE' && credentials.assumeRole) return () => null
  return name => ({ sql: { text: `SELECT * FROM ${[catalog, database, name].map(quoteName).join('.')}` } })
}

/** They come in one answer, so that a page is cut from it. */
async function listColumns(browsing: Browsing, database: string, table: string): Promise<Listing<CatalogEntry>> {
  const { page, session, enoughAt } = browsing
  const columns = await tokenPage(
    {
      id: ['columns', session.config.catalog, database, table, page.search ?? ''],
      ask: async () => ({ items: await columnsOf(browsing, database, table), next: null }),
      isWanted: ({ name }) => nameMatches(name, page.search),
      violation: fault => new Error(fault),
      enoughAt,
    },
    page,
  )
  return mapped(columns, columnEntry)
}

/** What it says of a path that something on it is not there. */
function explained(found: Problem, path: readonly string[]): Problem {
  if (found.code === 'CLOUD_RESOURCE_NOT_FOUND' && found.params['what'] === 'catalog') return notFound(path, 0, found)
  return found.code === 'OBJECT_NOT_FOUND' ? notFound(path, path.length - 1, found) : found
}

const levels = ['catalog', 'database', 'table or view'] as const

const notFound = (path: readonly string[], level: number, { detail = null }: Partial<Problem> = {}): Problem =>
  pathNotFound(levels[level] ?? 'entry below a column', path[level] ?? '', { detail })

const mapped = <From, To>({ items, ...rest }: Listing<From>, entry: (from: From) => To): Listing<To> => ({
  ...rest,
  items: items.map(entry),
})
