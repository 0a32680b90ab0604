import { HttpCallError } from '../cloud/http-caller.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { ResultAnswer } from './answers.ts'
import { inStepTime } from './late-answer.ts'
import { plainPath, quotedPath } from './names.ts'
import { isRefusal, type SnowflakeRefusalError } from './refusal.ts'
import { isRunning, lookAtWarehouse, type Warehouse, withoutWarehouse } from './warehouse.ts'
import { isDenied, type ListedRow, type Work } from './work.ts'

/** Some tables are seen that may not be read; more than these need not be tried to know. */
const maxCandidates = 5
/** Databases may be empty; the first few that are not will do. */
const maxDatabases = 5
const maxShown = 10
const maxListed = 100

interface Table {
  readonly database: string
  readonly schema: string
  readonly name: string
}

/** Lists what there is, has a query of a table compiled, which costs nothing, and reads a row of it where that may cost. */
export async function readStep(work: Work, opened: Warehouse | null): Promise<StepReport> {
  const { evidence, session } = work
  const tables = await listTables(work)
  if (tables.length === 0) return nothingReadable(work)
  const compiled = await firstReadable(work, tables)
  if (!compiled) return nothingReadable(work)
  const { table, columnCount } = compiled
  const label = plainPath(table.database, table.schema, table.name)
  const columns = `${columnCount} ${columnCount === 1 ? 'column' : 'columns'}`
  // It may have gone to sleep since it was looked at, or have been woken.
  const warehouse = opened ? await lookAtWarehouse(work) : null
  const runs = warehouse !== null && isRunning(warehouse)
  if (runs && opened && !isRunning(opened)) {
    evidence.push(
      measuredText('State of the warehouse', `${warehouse.state}: somebody, or something, has started it meanwhile`),
    )
  }
  if (!runs && !session.environment.mayStartCompute) {
    evidence.push(measuredText('Compiled, not run', `a query of ${label}: ${columns}`))
    return warning(problem('COMPUTE_NOT_ALLOWED', { detail: stillDetail(work, warehouse) }), evidence)
  }
  if (!runs) work.note(`The warehouse ${session.config.warehouse} is starting.`)
  const read = await readRow(work, table, warehouse)
  if ('code' in read) return failed(inStepTime(read, work.budgetMs), evidence)
  evidence.push(
    measuredText('Read', `${label}: ${columns}, ${read.rows.length === 0 ? 'it is empty' : 'one row read'}`),
    ...(read.queryId === '' ? [] : [measuredText('Query id', read.queryId)]),
  )
  return passed(evidence)
}

const stillDetail = ({ session }: Work, warehouse: Warehouse | null): string => {
  const { warehouse: name } = session.config
  return warehouse
    ? `The warehouse ${name} is ${warehouse.state.toLowerCase()}: reading a row would start it.`
    : `Whether the warehouse ${name} is running may not be seen with this role: reading a row may start it.`
}

async function listTables(work: Work): Promise<readonly Table[]> {
  const { evidence, session } = work
  const { database, schema } = session.config
  if (database !== undefined) {
    const within = schema === undefined ? quoteName(database) : quotedPath(database, schema)
    const tables = await tablesIn(work, `${schema === undefined ? 'DATABASE' : 'SCHEMA'} ${within}`, database)
    evidence.push(measuredText('Tables and views', countText(tables.length)))
    return tables
  }
  const { rows } = await work.list('SHOW DATABASES')
  const names = rows.map(({ name = '' }) => name).filter(name => name !== '')
  evidence.push(measuredText('Databases', namesText(names)))
  const found: Table[] = []
  for (const name of ownFirst(names).slice(0, maxDatabases)) {
    if (found.length >= maxCandidates) break
    found.push(...(await tablesIn(work, `DATABASE ${quoteName(name)}`, name)))
  }
  return found
}

/** Those that Snowflake puts into every account come last. */
const ownFirst = (names: readonly string[]): readonly string[] => {
  const isOwn = (name: string) => !/^SNOWFLAKE(?:$|_)/.test(name)
  return [...names.filter(isOwn), ...names.filter(name => !isOwn(name))]
}

/** Tables, and views where there are none. Nothing where it may not be listed. */
async function tablesIn(work: Work, within: string, database: string): Promise<readonly Table[]> {
  for (const kind of ['TABLES', 'VIEWS']) {
    const { rows } = await listedIfAllowed(work, `SHOW ${kind} IN ${within} LIMIT ${maxListed}`)
    const tables = rows.flatMap(row => tableOf(row, database))
    if (tables.length > 0) return tables
  }
  return []
}

async function listedIfAllowed(work: Work, text: string) {
  try {
    return await work.list(text, maxListed)
  } catch (error) {
    if (isDenied(error, work.session)) return { rows: [], isWhole: false }
    throw error
  }
}

function tableOf(row: ListedRow, within: string): Table[] {
  const { name = '', schema_name: schema = '', database_name: database = within } = row
  // Views that every database has of itself.
  if (name === '' || schema === '' || schema === 'INFORMATION_SCHEMA') return []
  return [{ database: database === '' ? within : database, schema, name }]
}

/** The first of which a query compiles; null when none may be read. */
async function firstReadable(
  work: Work,
  tables: readonly Table[],
): Promise<{ readonly table: Table; readonly columnCount: number } | null> {
  let last: SnowflakeRefusalError | null = null
  for (const table of tables.slice(0, maxCandidates)) {
    try {
      const { columns } = await work.run(sampleOf(table), { describeOnly: true })
      return { table, columnCount: columns.length }
    } catch (error) {
      if (!isRefusal(error)) throw error
      const label = plainPath(table.database, table.schema, table.name)
      work.evidence.push(measuredText('Cannot be read', `${label}: ${error.message}`))
      last = error
    }
  }
  if (last && !isDenied(last, work.session)) throw last
  return null
}

const sampleOf = ({ database, schema, name }: Table): string =>
  `SELECT * FROM ${quotedPath(database, schema, name)} LIMIT 1`

/** What was read, or why nothing was. Throws as `Work.run`. */
async function readRow(work: Work, table: Table, before: Warehouse | null): Promise<ResultAnswer | Problem> {
  try {
    return await work.run(sampleOf(table), { maxRows: 1 })
  } catch (error) {
    if (isRefusal(error) && error.code === '000606') return withoutWarehouse(work, error)
    const isLate = error instanceof HttpCallError && error.problem.code === 'CLOUD_TIMED_OUT'
    if (!isLate || (before && isRunning(before))) throw error
    const { warehouse } = work.session.config
    const seconds = error.problem.params['seconds'] ?? '?'
    return problem('WAREHOUSE_STILL_STARTING', { params: { warehouse, seconds }, fields: ['warehouse'] })
  }
}

function nothingReadable({ session, evidence }: Work): StepReport {
  const { config } = session
  const fields = [...(config.database === undefined ? [] : ['database']), 'role']
  const username = session.user ?? config.username
  return warning(problem('NOTHING_READABLE', { params: { username }, fields }), evidence)
}

const countText = (count: number): string => (count >= maxListed ? `${count} and more` : String(count))

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, maxShown).join(', ')
  return names.length > maxShown ? `${shown} and more` : shown || 'none'
}
