import { budgetOf, type Remaining } from '../cloud/remaining.ts'
import { isRecord } from '../form-tree-walk.ts'
import { restMs } from './budgets.ts'
import { identityField, type Meaning } from './meanings.ts'
import type { Workspace } from './open.ts'
import type { JsonRecord } from './raw-answers.ts'
import { tick } from './table-sql.ts'

/** Something that Unity Catalog has rights on. */
export interface Securable {
  readonly type: 'METASTORE' | 'CATALOG' | 'SCHEMA' | 'TABLE'
  /** From the catalog down; the id of a metastore. */
  readonly parts: readonly string[]
  /** Who owns it; empty where that is not told. */
  readonly owner: string
}

export interface Metastore extends Securable {
  /** Its name, cloud and region. */
  readonly where: string
}

export interface ListedTable extends Securable {
  readonly isView: boolean
}

export interface Listed<T> {
  readonly items: readonly T[]
  /** Whether there are more. */
  readonly isCut: boolean
}

/** Of the metastore that was before Unity Catalog: only SQL tells what it holds. */
export const legacyCatalog = 'hive_metastore'

export const unityPath = '/api/2.1/unity-catalog'
/** A page of the REST API holds no more tables. */
const pageSize = 50
/** Pages may be empty, and have another after them all the same. */
const maxPages = 20
const maxItems = 200

const nameOf = (item: JsonRecord): string => (typeof item['name'] === 'string' ? item['name'] : '')
const ownerOf = (item: JsonRecord): string => (typeof item['owner'] === 'string' ? item['owner'] : '')

/** The right that is missing, as a script that grants it: on the catalog or the schema that was asked for. */
export function mayNot(workspace: Workspace, type: 'CATALOG' | 'SCHEMA', parts: readonly string[]): Meaning {
  const { config, identity } = workspace
  const on = `${type} ${parts.map(tick).join('.')}`
  return {
    code: 'CLOUD_ACCESS_DENIED',
    params: { action: `USE ${type} on ${parts.join('.')}` },
    fields: [identityField(config), type === 'CATALOG' ? 'catalog' : 'schema'],
    remedies: identity
      ? [
          {
            kind: 'RUN_SQL',
            title: `Let it use the ${type.toLowerCase()}`,
            sql: `GRANT USE ${type} ON ${on} TO ${tick(identity.name)};`,
          },
        ]
      : [],
  }
}

/** The metastore of the workspace. Throws as `rest`. */
export async function askMetastore(workspace: Workspace, remaining: Remaining): Promise<Metastore> {
  const answer = await workspace.rest({
    path: `${unityPath}/metastore_summary`,
    about: { action: 'to see the metastore' },
    ...budgetOf(remaining, restMs),
  })
  const text = (key: string) => (typeof answer[key] === 'string' ? answer[key] : '')
  const id = text('metastore_id')
  if (id === '') throw workspace.violation('it does not say which metastore is its own')
  const where = [text('name'), text('cloud'), text('region')].filter(Boolean).join(', ')
  return { type: 'METASTORE', parts: [id], owner: ownerOf(answer), where }
}

/** Looks at the catalog that the form names. Throws `DatabricksError`, with `missing` where there is none. */
export async function askCatalog(
  workspace: Workspace,
  name: string,
  missing: Meaning,
  remaining: Remaining,
): Promise<Securable> {
  const answer = await workspace.rest({
    path: `${unityPath}/catalogs/${encodeURIComponent(name)}`,
    about: { action: 'to see the catalog', missing, denied: mayNot(workspace, 'CATALOG', [name]) },
    ...budgetOf(remaining, restMs),
  })
  return { type: 'CATALOG', parts: [name], owner: ownerOf(answer) }
}

/** The same for a schema. */
export async function askSchema(
  workspace: Workspace,
  parts: readonly [catalog: string, schema: string],
  missing: Meaning,
  remaining: Remaining,
): Promise<Securable> {
  const answer = await workspace.rest({
    path: `${unityPath}/schemas/${encodeURIComponent(parts.join('.'))}`,
    about: { action: 'to see the schema', missing, denied: mayNot(workspace, 'SCHEMA', parts) },
    ...budgetOf(remaining, restMs),
  })
  return { type: 'SCHEMA', parts, owner: ownerOf(answer) }
}

export function listCatalogs(workspace: Workspace, remaining: Remaining): Promise<Listed<Securable>> {
  return list(workspace, 'catalogs', {}, remaining, item => ({
    type: 'CATALOG',
    parts: [nameOf(item)],
    owner: ownerOf(item),
  }))
}

export function listSchemas(workspace: Workspace, catalog: string, remaining: Remaining): Promise<Listed<Securable>> {
  return list(workspace, 'schemas', { catalog_name: catalog }, remaining, item => ({
    type: 'SCHEMA',
    parts: [catalog, nameOf(item)],
    owner: ownerOf(item),
  }))
}

export function listTables(
  workspace: Workspace,
  [catalog, schema]: readonly [catalog: string, schema: string],
  remaining: Remaining,
): Promise<Listed<ListedTable>> {
  const question = { catalog_name: catalog, schema_name: schema, omit_columns: 'true', omit_properties: 'true' }
  return list(workspace, 'tables', question, remaining, item => ({
    type: 'TABLE',
    parts: [catalog, schema, nameOf(item)],
    owner: ownerOf(item),
    isView: /VIEW$/.test(String(item['table_type'])),
  }))
}

async function list<T extends Securable>(
  workspace: Workspace,
  what: 'catalogs' | 'schemas' | 'tables',
  question: Readonly<Record<string, string>>,
  remaining: Remaining,
  read: (item: JsonRecord) => T,
): Promise<Listed<T>> {
  const items: T[] = []
  let token: string | null = null
  for (let page = 0; page < maxPages; page += 1) {
    const query = new URLSearchParams({
      ...question,
      max_results: String(pageSize),
      ...(token !== null && { page_token: token }),
    })
    const answer: JsonRecord = await workspace.rest({
      path: `${unityPath}/${what}?${query}`,
      about: { action: `to list ${what}` },
      ...budgetOf(remaining, restMs),
    })
    const found = answer[what] ?? []
    if (!Array.isArray(found)) throw workspace.violation(`it lists no ${what}`)
    items.push(
      ...found
        .filter(isRecord)
        .map(read)
        .filter(({ parts }) => parts.at(-1) !== ''),
    )
    const next = answer['next_page_token']
    if (typeof next !== 'string' || next === '')
      return { items: items.slice(0, maxItems), isCut: items.length > maxItems }
    if (next === token) throw workspace.violation(`its list of ${what} has no end`)
    if (items.length >= maxItems) break
    token = next
  }
  return { items: items.slice(0, maxItems), isCut: true }
}
