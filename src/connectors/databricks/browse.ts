import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import { listWithin } from '../cloud/list-within.ts'
import { pageByName } from '../listed-page.ts'
import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem } from '../problem.ts'
import { listColumns } from './browse-columns.ts'
import { askCatalogEntry, type Lister, listCatalogs, listSchemas, listTables } from './browse-unity.ts'
import { listWarehouses } from './browse-warehouses.ts'
import { legacyCatalog } from './catalog.ts'
import { type DatabricksConfig, objectName } from './form.ts'
import { Workspace } from './open.ts'
import { problemOf } from './work.ts'

/** Values for a field, by the REST API alone: no compute has to be known, or run. */
export async function listOptions(
  config: DatabricksConfig,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  const catalog = field === 'schema' ? config.catalog : undefined
  if (catalog === legacyCatalog) return notListed(onlyBySql(['catalog']))
  return inWorkspace(config, context, async lister => {
    if (field === 'httpPath') return listWarehouses(lister, page)
    return optionsOf(await (catalog === undefined ? listCatalogs(lister, page) : listSchemas(lister, catalog, page)))
  })
}

const optionsOf = ({ items, ...rest }: Listing<CatalogEntry>): Listing<FieldOption> => ({
  items: items.map(({ name, comment, problem: found }) => {
    const help = [found?.detail ?? '', comment ?? ''].filter(text => text !== '').join(' ')
    return { value: name, ...(help !== '' && { help }) }
  }),
  ...rest,
})

/** What Unity Catalog shows below a path: catalogs, or the form's own alone; schemas; tables and views; columns. */
export async function listCatalog(
  config: DatabricksConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const nowhere = whyNowhere(config, path)
  if (nowhere) return notListed(nowhere)
  const [catalog, schema, table] = path
  return inWorkspace(config, context, async lister => {
    if (catalog === undefined)
      return config.catalog === undefined ? listCatalogs(lister, page) : onlyCatalog(lister, config.catalog, page)
    if (schema === undefined) return listSchemas(lister, catalog, page)
    if (table === undefined) return listTables(lister, [catalog, schema], page)
    return listColumns(lister, [catalog, schema, table], page)
  })
}

async function onlyCatalog(lister: Lister, catalog: string, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { items, next } = pageByName([await askCatalogEntry(lister, catalog)], ({ name }) => name, page)
  return { items, next, problem: null }
}

/**
 * Of a path that leads nowhere whatever there is: its names come from clients, and become parts of addresses, those of a
 * table with dots between. A connector for one catalog shows nothing of others.
 */
function whyNowhere({ catalog: own }: DatabricksConfig, path: readonly string[]): Problem | null {
  const [catalog = own, , , ...deeper] = path
  const fields = own === undefined ? [] : ['catalog']
  if (own !== undefined && catalog !== own) return pathNotFound('catalog', catalog ?? '', { fields })
  // The form's own name becomes such a part, too.
  if (own !== undefined && !isName(own)) return pathNotFound('catalog', own, { fields })
  const strange = deeper[0] ?? path.find(name => !isName(name))
  if (strange !== undefined) return pathNotFound('entry', strange)
  return catalog === legacyCatalog ? onlyBySql(fields) : null
}

const isName = (text: string): boolean =>
  objectName.safeParse(text).success && !/[./]/.test(text) && text.isWellFormed()

function onlyBySql(fields: readonly string[]): Problem {
  const reason = `only SQL tells what ${legacyCatalog} holds, and that takes compute`
  return problem('LISTING_UNSUPPORTED', { params: { reason }, fields })
}

function inWorkspace<Item extends FieldOption | CatalogEntry>(
  config: DatabricksConfig,
  context: BrowseContext,
  list: (lister: Lister) => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  const workspace = new Workspace(config, context.environment, { purpose: 'QUERY' })
  return listWithin(workspace, context, { list: remaining => list({ workspace, remaining }), problemOf })
}
