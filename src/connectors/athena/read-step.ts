import { plainWords } from '../aws/account-noise.ts'
import { AwsCallError } from '../aws/service.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { askDatabase, type CatalogTable, listDatabases, listTables } from './catalog.ts'
import { heldBy, openCatalog } from './catalog-kind.ts'
import { databaseNotFound, identityField, meant } from './meanings.ts'
import { isDenied } from './problems.ts'
import { queryEvidence } from './query-evidence.ts'
import { StatementError } from './statement.ts'
import type { Work } from './work.ts'
import type { OpenWorkgroup } from './workgroup.ts'

/** Some tables are broken, or closed to the account; more than these need not be tried to know. */
const maxCandidates = 4
/** Databases may be empty; the first few that are not will do. */
const maxDatabases = 5
const maxShown = 10

/** What the catalog was found to hold. */
export interface Found {
  /** ARNs of the functions that it is asked by. */
  readonly functions: readonly string[]
  readonly tables: readonly CatalogTable[]
  /** Whether these are all there are, so that an account could be cut to fit them. */
  readonly isWhole: boolean
}

export const nothing: Found = { functions: [], tables: [], isWhole: false }

/** Lists what there is, and queries a table of it: no row of it unless that may be billed. */
export async function readStep(
  work: Work,
  opened: OpenWorkgroup,
  onFound: (found: Found) => void,
): Promise<StepReport> {
  const { evidence, session, remaining } = work
  const catalog = await openCatalog(session, remaining)
  evidence.push(measuredText('Catalog', session.config.catalog), ...catalog.evidence)
  onFound({ ...nothing, functions: catalog.functions })
  const { mayStartCompute } = session.environment
  if (catalog.kind !== 'GLUE' && !mayStartCompute) return warning(computeNotAllowed(heldBy[catalog.kind]), evidence)
  const found = await list(work)
  if (found instanceof AwsCallError) return warning(notListable(work, found), [...evidence, ...found.report.evidence])
  onFound({ ...found, functions: catalog.functions })
  if (found.tables.length === 0) return nothingReadable(work)
  // What a view reads may be held by functions: whoever asks about it runs them.
  const allowed = found.tables.filter(({ isView }) => mayStartCompute || !isView)
  if (allowed.length === 0) return warning(computeNotAllowed(onlyViews), evidence)
  const candidates = tablesFirst(allowed).slice(0, maxCandidates)
  const report = await queryFirst(work, opened, candidates)
  // Who has no right to any of them, and has been let try them all, can read nothing.
  const isAll = found.isWhole && allowed.length === candidates.length
  if (!isAll || report.problem?.code !== 'PERMISSION_DENIED') return report
  return allowed.length === found.tables.length
    ? nothingReadable(work)
    : warning(computeNotAllowed(onlyViews), evidence)
}

const onlyViews = 'Only views are left to be queried: what they read may be held by functions that are billed.'

const computeNotAllowed = (detail: string): Problem => problem('COMPUTE_NOT_ALLOWED', { detail })

type Tables = Omit<Found, 'functions'>

/** Answers the refusal where the account may not list. */
async function list(work: Work): Promise<Tables | AwsCallError> {
  const { session, remaining, evidence } = work
  const { database } = session.config
  try {
    if (database !== undefined) {
      await existing(work, database)
      const { items, isCut } = await listTables(session, database, remaining)
      evidence.push(measuredText('Tables and views', countText(items.length, isCut)))
      return { tables: items, isWhole: !isCut }
    }
    const databases = await listDatabases(session, remaining)
    evidence.push(measuredText('Databases', namesText(databases.items, databases.isCut)))
    return await tablesOfSome(work, databases.items)
  } catch (error) {
    if (error instanceof AwsCallError && isDenied(error)) return error
    throw error
  }
}

async function existing({ session, remaining, evidence }: Work, database: string): Promise<void> {
  try {
    await askDatabase(session, database, remaining)
    evidence.push(measuredText('Database', database))
  } catch (error) {
    const isMissing = error instanceof AwsCallError && absent.includes(error.problem.code)
    if (isMissing) throw new StatementError(meant(databaseNotFound(database), error.problem.detail))
    throw error
  }
}

const absent: readonly string[] = ['OBJECT_NOT_FOUND', 'DATABASE_NOT_FOUND']

/** A few of each of the first databases: one may be closed that the account has no use for. Throws the last refusal of none. */
async function tablesOfSome({ session, remaining, evidence }: Work, databases: readonly string[]): Promise<Tables> {
  const tables: CatalogTable[] = []
  const asked: string[] = []
  let refused: AwsCallError | null = null
  for (const database of databases.slice(0, maxDatabases)) {
    if (tables.length >= maxCandidates) break
    asked.push(database)
    try {
      const { items } = await listTables(session, database, remaining)
      tables.push(...tablesFirst(items).slice(0, maxCandidates / 2))
    } catch (error) {
      if (!(error instanceof AwsCallError && isDenied(error))) throw error
      refused = error
    }
  }
  evidence.push(measuredText('Looked for tables in', namesText(asked, asked.length < databases.length)))
  if (refused && tables.length === 0) throw refused
  return { tables, isWhole: false }
}

const tablesFirst = (tables: readonly CatalogTable[]): CatalogTable[] =>
  [...tables].sort((a, b) => Number(a.isView) - Number(b.isView))

async function queryFirst(
  work: Work,
  { results }: OpenWorkgroup,
  candidates: readonly CatalogTable[],
): Promise<StepReport> {
  const { evidence, session } = work
  const limit = session.environment.mayStartCompute ? 1 : 0
  let last: Problem | null = null
  for (const { database, name } of candidates) {
    const label = `${database}.${name}`
    try {
      const text = `SELECT * FROM ${quoteName(database)}.${quoteName(name)} LIMIT ${limit}`
      const { ended, columnCount, rows } = await work.run({ text, results, inCatalog: true })
      const what = limit === 0 ? 'no row asked for' : rows.length === 0 ? 'it is empty' : 'one row read'
      evidence.push(
        measuredText('Queried', `${label}: ${columnCount} ${columnCount === 1 ? 'column' : 'columns'}, ${what}`),
        ...queryEvidence(ended, 'Query'),
      )
      return passed(evidence)
    } catch (error) {
      // What is wrong with this table need not be wrong with the next.
      if (!(error instanceof StatementError) || ofAnyTable.includes(error.problem.code)) throw error
      last = error.problem
      evidence.push(measuredText('Could not be queried', `${label}: ${last.detail ?? last.message}`))
    }
  }
  return failed(last ?? problem('UNCLASSIFIED', { detail: 'READ' }), evidence)
}

const ofAnyTable: readonly string[] = [
  'STEP_TIMED_OUT',
  'QUERY_STILL_QUEUED',
  // The next would be billed too.
  'SCAN_LIMIT_REACHED',
  'OUTPUT_LOCATION_MISSING',
  'OUTPUT_LOCATION_UNUSABLE',
  'CLOUD_THROTTLED',
  'CLOUD_UNAVAILABLE',
]

function notListable({ session }: Work, { problem: refused }: AwsCallError): Problem {
  const { action = 'athena:ListDatabases' } = refused.params
  return problem('CATALOG_NOT_LISTABLE', {
    params: { name: session.config.catalog, action },
    detail: refused.detail,
    fields: refused.fields,
  })
}

function nothingReadable({ session, evidence }: Work): StepReport {
  const { config } = session
  const { database } = config
  const identity = session.access.identity?.arn ?? 'that asks'
  const field = identityField(config)
  return warning(
    problem('NOTHING_READABLE', {
      params: { username: plainWords(identity) },
      fields: database === undefined ? ['catalog', field] : ['database', field],
    }),
    evidence,
  )
}

const countText = (count: number, isCut: boolean): string => (isCut ? `${count} and more` : String(count))

function namesText(names: readonly string[], isCut: boolean): string {
  const shown = names.slice(0, maxShown).join(', ')
  return isCut || names.length > maxShown ? `${shown} and more` : shown || 'none'
}
