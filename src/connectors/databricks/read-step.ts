import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import type { Problem } from '../problem.ts'
import {
  askCatalog,
  askSchema,
  type Listed,
  type ListedTable,
  legacyCatalog,
  listCatalogs,
  listSchemas,
  listTables,
  type Securable,
} from './catalog.ts'
import { catalogNotFound, identityField, type Meaning, meant, schemaNotFound } from './meanings.ts'
import type { Opened } from './open-step.ts'
import { DatabricksError } from './problems.ts'
import { listBySql } from './sql-listing.ts'
import type { SqlSession } from './sql-session.ts'
import { answerOf } from './sql-work.ts'
import { tickPath } from './table-sql.ts'
import { problemOf, type Work } from './work.ts'

/** Some tables are broken, or closed to the principal; more than these need not be tried to know. */
const maxCandidates = 4
/** Catalogs and schemas may be empty; the first few will do. */
const maxCatalogs = 4
const maxSchemas = 6
const maxShown = 10
/** What every workspace holds, and nobody makes connectors for. */
const ownCatalogs = ['system', 'samples', '__databricks_internal']
const describing = 'information_schema'

/** What there is to read, as far as it was listed. */
export interface Found {
  readonly securables: readonly Securable[]
  readonly tables: readonly ListedTable[]
  /** Whether these are all tables there are in what the form names. */
  readonly isWhole: boolean
  /** Whether Unity Catalog knows it: it tells rights only of that. */
  readonly isUnity: boolean
}

export const nothing: Found = { securables: [], tables: [], isWhole: false, isUnity: true }

/** Lists what there is, and reads a row of a table of it where compute runs already. */
export async function readStep(work: Work, opened: Opened, onFound: (found: Found) => void): Promise<StepReport> {
  const { workspace, evidence } = work
  const listed = await contentsOf(work, opened)
  if (!('tables' in listed)) return listed
  onFound(listed)
  const { tables, isWhole } = listed
  evidence.push(measuredText('Tables and views', isWhole ? String(tables.length) : `${tables.length} and more`))
  if (tables.length === 0) return warning(nothingReadable(work), evidence)
  if (!opened.session) {
    const { catalog, schema } = workspace.config
    const unseen =
      catalog === undefined && schema !== undefined
        ? ` Nor was the schema "${schema}" looked for: only SQL tells which catalog is the default one.`
        : ''
    const words = `Listed: ${namesOf(tables)}. No row was read, because that takes compute.${unseen}`
    return warning(meant(workspace, { code: 'COMPUTE_NOT_ALLOWED' }, words), evidence)
  }
  return readFirst(work, opened.session, listed)
}

/** What there is, or the report where that is all there is to say. */
async function contentsOf(work: Work, opened: Opened): Promise<Found | StepReport> {
  const { workspace } = work
  const isLegacy = workspace.config.catalog === legacyCatalog
  try {
    if (!isLegacy) return await byUnity(work, opened)
  } catch (error) {
    work.signal.throwIfAborted()
    const refusal = listingRefusal(error)
    if (!refusal) throw error
    if (!opened.session) return warning(notListable(work, refusal), work.evidence)
  }
  if (opened.session) return listBySql(work, opened.session, opened.catalog)
  const words = `Only SQL tells what ${legacyCatalog} holds, and that takes compute.`
  return warning(meant(workspace, { code: 'COMPUTE_NOT_ALLOWED' }, words), work.evidence)
}

/** Where the REST API does not tell what there is, SQL may. */
function listingRefusal(error: unknown): DatabricksError | null {
  if (!(error instanceof DatabricksError)) return null
  const isWithoutUnity = error.word.startsWith('METASTORE_')
  return isWithoutUnity || (error.problem.code === 'CLOUD_ACCESS_DENIED' && error.problem.remedies.length === 0)
    ? error
    : null
}

async function byUnity(work: Work, opened: Opened): Promise<Found> {
  const { workspace } = work
  const { catalog, schema } = workspace.config
  const within = work
  const named = catalog ?? (schema === undefined ? undefined : (opened.catalog ?? undefined))
  if (named === legacyCatalog) throw new DatabricksError(meant(workspace, { code: 'CLOUD_ACCESS_DENIED' }))
  if (named === undefined) return ofCatalogs(work)
  const inCatalog = await askCatalog(workspace, named, catalogNotFound(named), within)
  work.evidence.push(measuredText('Catalog', named))
  if (schema === undefined) return ofSchemas(work, inCatalog)
  const inSchema = await askSchema(workspace, [named, schema], schemaNotFound(schema), within)
  work.evidence.push(measuredText('Schema', schema))
  const { items, isCut } = await listTables(workspace, [named, schema], within)
  return { securables: [inCatalog, inSchema], tables: tablesFirst(items), isWhole: !isCut, isUnity: true }
}

/** The form names no catalog: a few of those that there are. */
async function ofCatalogs(work: Work): Promise<Found> {
  const { workspace, evidence } = work
  const { items, isCut } = await listCatalogs(workspace, work)
  evidence.push(measuredText('Catalogs', namesText(items, isCut)))
  const own = items.filter(({ parts: [name = ''] }) => !ownCatalogs.includes(name))
  const tried = (own.length > 0 ? own : items).slice(0, maxCatalogs)
  let found: Found = { ...nothing, isWhole: tried.length === items.length && !isCut }
  for (const catalog of tried) {
    if (found.tables.length >= maxCandidates) return { ...found, isWhole: false }
    try {
      const more = await ofSchemas(work, catalog)
      found = {
        ...found,
        securables: [...found.securables, ...more.securables],
        tables: [...found.tables, ...more.tables],
        isWhole: found.isWhole && more.isWhole,
      }
    } catch (error) {
      // One that is closed says nothing about the next.
      if (problemOf(error)?.code !== 'CLOUD_ACCESS_DENIED') throw error
      found = { ...found, isWhole: false }
    }
  }
  return found
}

async function ofSchemas(work: Work, catalog: Securable): Promise<Found> {
  const { workspace, evidence } = work
  const [name = ''] = catalog.parts
  const { items, isCut } = await listSchemas(workspace, name, work)
  const own = items.filter(({ parts }) => parts[1] !== describing)
  evidence.push(measuredText(`Schemas of ${name}`, namesText(own, isCut)))
  const looked: Securable[] = []
  const tables: ListedTable[] = []
  let isWhole = !isCut
  for (const schema of own) {
    if (looked.length >= maxSchemas || tables.length >= maxCandidates) {
      isWhole = false
      break
    }
    looked.push(schema)
    try {
      const listed = await listTables(workspace, [name, schema.parts[1] ?? ''], work)
      tables.push(...tablesFirst(listed.items))
      isWhole &&= !listed.isCut
    } catch (error) {
      if (problemOf(error)?.code !== 'CLOUD_ACCESS_DENIED') throw error
      isWhole = false
    }
  }
  return { securables: [catalog, ...looked], tables: tablesFirst(tables), isWhole, isUnity: true }
}

const tablesFirst = (tables: readonly ListedTable[]): ListedTable[] =>
  [...tables].sort((a, b) => Number(a.isView) - Number(b.isView))

async function readFirst(work: Work, session: SqlSession, { tables, isWhole }: Found): Promise<StepReport> {
  const { workspace, evidence } = work
  const candidates = tables.slice(0, maxCandidates)
  let last: Problem | null = null
  let isDenied = true
  for (const { parts } of candidates) {
    const label = parts.join('.')
    try {
      const text = `SELECT * FROM ${tickPath(parts)} LIMIT 1`
      const { id, columnCount, rows } = await answerOf(workspace, session, text, { ...work, rows: 1 })
      const what = rows.length === 0 ? 'it is empty' : 'one row read'
      evidence.push(
        measuredText('Read', `${label}: ${columnCount} ${columnCount === 1 ? 'column' : 'columns'}, ${what}`),
        measuredText('Statement', id),
      )
      return passed(evidence)
    } catch (error) {
      work.signal.throwIfAborted()
      // What is wrong with this table need not be wrong with the next.
      if (!(error instanceof DatabricksError) || ofAnyTable.includes(error.problem.code)) throw error
      last = error.problem
      isDenied &&= last.code === 'PERMISSION_DENIED'
      evidence.push(measuredText('Could not be read', `${label}: ${last.detail ?? last.message}`))
    }
  }
  // Who has no right to any of them, and has been let try them all, can read nothing.
  if (isDenied && isWhole && candidates.length === tables.length) return warning(nothingReadable(work), evidence)
  return failed(last ?? meant(workspace, { code: 'UNCLASSIFIED' }), evidence)
}

const ofAnyTable: readonly string[] = [
  'STEP_TIMED_OUT',
  'STATEMENT_TIMED_OUT',
  'STATEMENT_CANCELLED',
  'CLOUD_THROTTLED',
  'CLOUD_UNAVAILABLE',
  'WAREHOUSE_CANNOT_START',
]

function notListable({ workspace }: Work, { problem: refused, word }: DatabricksError): Problem {
  const { catalog } = workspace.config
  if (word.startsWith('METASTORE_')) {
    const words = 'The workspace has no Unity Catalog: only SQL tells what there is, and that takes compute.'
    return meant(workspace, { code: 'COMPUTE_NOT_ALLOWED' }, words)
  }
  const { action = 'to list catalogs' } = refused.params
  const meaning: Meaning = {
    code: 'CATALOG_NOT_LISTABLE',
    params: { name: catalog ?? workspace.config.host, action },
    fields: refused.fields,
  }
  return meant(workspace, meaning, refused.detail)
}

export function nothingReadable({ workspace }: Pick<Work, 'workspace'>): Problem {
  const { config, identity } = workspace
  const { catalog, schema } = config
  const fields = [...(schema === undefined ? [] : ['schema']), ...(catalog === undefined ? [] : ['catalog'])]
  return meant(workspace, {
    code: 'NOTHING_READABLE',
    params: { username: identity?.name ?? 'that asks' },
    fields: [...fields, identityField(config)],
  })
}

const namesOf = (tables: readonly Securable[]): string => namesText(tables, false)

function namesText(found: Listed<Securable>['items'], isCut: boolean): string {
  const shown = found
    .slice(0, maxShown)
    .map(({ parts, type }) => (type === 'TABLE' ? parts.join('.') : parts.at(-1)))
    .join(', ')
  return isCut || found.length > maxShown ? `${shown} and more` : shown || 'none'
}
