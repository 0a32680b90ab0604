import type { CatalogEntry, Listing, ListingPage } from '../browse.ts'
import { patiently } from '../cloud/patiently.ts'
import { budgetOf, type Remaining } from '../cloud/remaining.ts'
import { tokenPages } from '../cloud/token-pages.ts'
import { isRecord } from '../form-tree-walk.ts'
import { ListingProblemError } from '../listing-problem-error.ts'
import { cleanText, type Problem, problem } from '../problem.ts'
import { restMs } from './budgets.ts'
import { mayNot, unityPath } from './catalog.ts'
import { catalogNotFound, identityField, type Meaning, meant } from './meanings.ts'
import type { Workspace } from './open.ts'
import { type About, DatabricksError } from './problems.ts'
import type { JsonRecord } from './raw-answers.ts'
import { problemOf } from './work.ts'

/** What a listing asks, and until when. */
export interface Lister {
  readonly workspace: Workspace
  readonly remaining: Remaining
}

/** It describes the others of its catalog. */
const describing = 'information_schema'

/** Throws as `Workspace.rest`, and `ListingProblemError`. */
export const listCatalogs = (lister: Lister, page: ListingPage): Promise<Listing<CatalogEntry>> =>
  listPages(lister, page, { what: 'catalogs', about: { action: 'to list catalogs' } }, item =>
    namespaceEntry(lister, 'CATALOG', item),
  )

/** One that is named, also where it may not be used. Throws as `Workspace.rest`. */
export async function askCatalogEntry(lister: Lister, name: string): Promise<CatalogEntry> {
  const about = {
    action: 'to see the catalog',
    missing: catalogNotFound(name),
    denied: denied(lister, 'CATALOG', [name]),
  }
  const path = `${unityPath}/catalogs/${encodeURIComponent(name)}?include_browse=true`
  try {
    const item = await askUnity(lister, path, about)
    return namespaceEntry(lister, 'CATALOG', { ...item, name }) ?? { name, kind: 'CATALOG', hasChildren: true }
  } catch (error) {
    const found = error instanceof DatabricksError ? error.problem : null
    if (found?.code !== 'PERMISSION_DENIED') throw error
    return { name, kind: 'CATALOG', hasChildren: true, problem: found }
  }
}

/** Throws as `listCatalogs`. */
export const listSchemas = (lister: Lister, catalog: string, page: ListingPage): Promise<Listing<CatalogEntry>> => {
  const about = {
    action: 'to list schemas',
    missing: notFound('catalog', [catalog]),
    denied: denied(lister, 'CATALOG', [catalog]),
  }
  return listPages(lister, page, { what: 'schemas', query: { catalog_name: catalog }, about }, item =>
    item['name'] === describing ? null : namespaceEntry(lister, 'SCHEMA', item),
  )
}

/** Tables and views of every kind. Throws as `listCatalogs`. */
export const listTables = (
  lister: Lister,
  [catalog, schema]: readonly [catalog: string, schema: string],
  page: ListingPage,
): Promise<Listing<CatalogEntry>> => {
  const about = {
    action: 'to list tables',
    missing: notFound('schema', [catalog, schema]),
    denied: denied(lister, 'SCHEMA', [catalog, schema]),
  }
  const query = { catalog_name: catalog, schema_name: schema, omit_columns: 'true', omit_properties: 'true' }
  return listPages(lister, page, { what: 'tables', query, about }, item => tableEntry(lister, [catalog, schema], item))
}

const notFound = (what: string, parts: readonly string[]): Meaning => ({
  code: 'CATALOG_PATH_NOT_FOUND',
  params: { what, name: cleanText(parts.join('.'), 100) },
})

const denied = ({ workspace }: Lister, type: 'CATALOG' | 'SCHEMA', parts: readonly string[]): Meaning => ({
  ...mayNot(workspace, type, parts),
  code: 'PERMISSION_DENIED',
})

/** Of a name that is none, null. */
function namespaceEntry(lister: Lister, kind: 'CATALOG' | 'SCHEMA', item: JsonRecord): CatalogEntry | null {
  const name = textOf(item['name'])
  if (name === '') return null
  return { name, kind, hasChildren: true, ...saidOf(lister, item) }
}

function tableEntry(lister: Lister, parts: readonly [string, string], item: JsonRecord): CatalogEntry | null {
  const name = textOf(item['name'])
  if (name === '') return null
  const [catalog, schema] = parts
  const shown = textOf(item['table_type']).replaceAll('_', ' ')
  const kind = /\bVIEW$/.test(shown) ? 'VIEW' : 'TABLE'
  return {
    name,
    kind,
    ...(!plainKinds.includes(shown) && { nativeKind: shown }),
    hasChildren: true,
    ...saidOf(lister, item),
    query: { table: { catalog, schema, name } },
  }
}

/** They say no more than the kind does. */
const plainKinds: readonly string[] = ['', 'MANAGED', 'TABLE', 'VIEW']

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What may only be seen is listed, and says so: https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges/privileges#browse */
const saidOf = ({ workspace }: Lister, item: JsonRecord): Pick<CatalogEntry, 'comment' | 'problem'> => ({
  ...(textOf(item['comment']) !== '' && { comment: textOf(item['comment']) }),
  ...(item['browse_only'] === true && {
    problem: meant(workspace, { code: 'PERMISSION_DENIED', fields: [identityField(workspace.config)] }, onlySeen),
  }),
})
const onlySeen = 'It may be seen, but not used.'

/** Asks Unity Catalog, again while it is only too busy. Throws as `Workspace.rest`, and `ListingProblemError`. */
export async function askUnity({ workspace, remaining }: Lister, path: string, of: About): Promise<JsonRecord> {
  try {
    return await patiently({ ...remaining, tries: 3 }, () =>
      workspace.rest({ path, about: of, ...budgetOf(remaining, restMs) }),
    )
  } catch (error) {
    const isWithoutUnity = error instanceof DatabricksError && error.word.startsWith('METASTORE_')
    throw isWithoutUnity ? new ListingProblemError(withoutUnity(error.problem)) : error
  }
}

const withoutUnity = ({ detail }: Problem): Problem => {
  const reason = 'the workspace has no Unity Catalog, so only SQL tells what there is, and that takes compute'
  return problem('LISTING_UNSUPPORTED', { params: { reason }, detail })
}

interface ListQuestion {
  readonly what: 'catalogs' | 'schemas' | 'tables'
  readonly query?: Readonly<Record<string, string>>
  readonly about: About
}

/** Of tables the service puts no more on a page. */
const maxSizes = { catalogs: 200, schemas: 200, tables: 50 } as const

function listPages(
  lister: Lister,
  page: ListingPage,
  { what, query = {}, about: of }: ListQuestion,
  entryOf: (item: JsonRecord) => CatalogEntry | null,
): Promise<Listing<CatalogEntry>> {
  const { workspace, remaining } = lister
  return tokenPages<CatalogEntry>({
    ...remaining,
    of: [what, query['catalog_name'] ?? '', query['schema_name'] ?? ''],
    page,
    maxSize: maxSizes[what],
    namesOf: ({ name }) => [name],
    ask: async ({ token, size }) => {
      const asked = {
        ...query,
        include_browse: 'true',
        max_results: String(size),
        ...(token !== null && { page_token: token }),
      }
      const answer = await askUnity(lister, `${unityPath}/${what}?${new URLSearchParams(asked)}`, of)
      const { [what]: list = [], next_page_token: next } = answer
      if (!Array.isArray(list)) throw workspace.violation(`it lists no ${what}`)
      return {
        items: list.flatMap(item => (isRecord(item) ? (entryOf(item) ?? []) : [])),
        next: typeof next === 'string' && next !== '' ? next : null,
      }
    },
    problemOf,
    mayBeOfToken: error => problemOf(error)?.code === 'CLOUD_REQUEST_INVALID',
    endless: () => workspace.violation(`its list of ${what} has no end`),
  })
}
