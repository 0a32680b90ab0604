import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import { HttpCallError } from '../cloud/http-caller.ts'
import { listWithin } from '../cloud/list-within.ts'
import { pageByName } from '../listed-page.ts'
import { pathNotFound } from '../listing-problems.ts'
import type { Problem } from '../problem.ts'
import { listColumns } from './browse-columns.ts'
import { type Lister, listDatasets, listProjects, listTables, whyNoDatasets } from './browse-lists.ts'
import { listLocations } from './browse-locations.ts'
import { type BigqueryConfig, datasetText } from './form.ts'
import { dataProjectOf } from './identity-field.ts'
import { BigquerySession } from './open.ts'
import { isName } from './resources.ts'

/** Values for a field. Only what the field needs is asked about: a project that is still to be chosen never is. */
export function listOptions(
  config: BigqueryConfig,
  field: string,
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<FieldOption>> {
  return inSession(config, context, async lister => {
    if (field === 'projectId' || field === 'dataProjectId') return listProjects(lister, page)
    if (field === 'location') return listLocations(lister, page)
    const { items, ...rest } = await listDatasets(lister, dataProjectOf(config), page)
    return {
      items: items.map(({ id, location }) => ({ value: id, ...(location !== null && { help: location }) })),
      ...rest,
    }
  })
}

/** What the connector's projects hold, by metadata alone: nothing of it is billed, and no job is made. */
export async function listCatalog(
  config: BigqueryConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const nowhere = whyNowhere(config, path)
  if (nowhere) return notListed(nowhere)
  const [projectId, datasetId, tableId] = path
  return inSession(config, context, async lister => {
    if (projectId === undefined) return listOwnProjects(lister, page)
    if (datasetId === undefined) {
      const { items, ...rest } = await listDatasets(lister, projectId, page)
      return {
        items: items.map(({ id: name, comment }) => ({
          name,
          kind: 'SCHEMA' as const,
          hasChildren: true,
          ...(comment !== '' && { comment }),
        })),
        ...rest,
      }
    }
    if (tableId === undefined) return listTables(lister, { projectId, datasetId }, page)
    return listColumns(lister, { projectId, datasetId, tableId }, page)
  })
}

/** The project of the data, and the one that pays, where that is another one. */
const ownProjects = (config: BigqueryConfig): readonly string[] => [
  ...new Set([dataProjectOf(config), config.projectId]),
]

/** Each with why its datasets are not listed, where that is so. */
async function listOwnProjects(lister: Lister, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { items: shown, next } = pageByName(ownProjects(lister.session.config), name => name, page)
  const items: CatalogEntry[] = []
  for (const name of shown) {
    const found = await whyNoDatasets(lister, name)
    items.push({ name, kind: 'CATALOG', hasChildren: true, ...(found && { problem: found }) })
  }
  return { items, next, problem: null }
}

/** Of a path that leads nowhere whatever there is: its names come from clients, and become parts of addresses. */
function whyNowhere(config: BigqueryConfig, [project, dataset, table, ...deeper]: readonly string[]): Problem | null {
  if (project !== undefined && !ownProjects(config).includes(project))
    return pathNotFound('project', project, { fields: ['dataProjectId'] })
  if (dataset !== undefined && !datasetText.safeParse(dataset).success) return pathNotFound('dataset', dataset)
  if (table !== undefined && !(isName(table) && table.isWellFormed())) return pathNotFound('table', table)
  return deeper[0] === undefined ? null : pathNotFound('entry', deeper[0])
}

function inSession<Item extends FieldOption | CatalogEntry>(
  config: BigqueryConfig,
  context: BrowseContext,
  list: (lister: Lister) => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  const lifetimeSeconds = context.budgetMs / 1_000
  const session = new BigquerySession(config, context.environment, { purpose: 'QUERY', lifetimeSeconds })
  return listWithin(session, context, {
    list: remaining => list({ session, remaining }),
    problemOf: error => (error instanceof HttpCallError ? error.problem : null),
  })
}
