import Cursor from 'pg-cursor'
import type { QueryContext, QueryOutcome, QueryResult } from '../define.ts'
import type { JsonValue } from '../json.ts'
import { type Problem, problem } from '../problem.ts'
import { columnTypes } from './column-types.ts'
import { fetchRows } from './fetch-rows.ts'
import type { PostgresConfig } from './form.ts'
import { openingSteps, PostgresOpening } from './open.ts'
import { classifyError } from './problems.ts'
import type { PostgresQuery } from './query-form.ts'
import { quoteName } from './quote.ts'
import { judgeSql } from './read-only-sql.ts'
import { commonType, type TypeInfo, toJson } from './types.ts'

/** Beside the rows asked for: catalogue answers, and one row that is larger than all of them may be. */
const overheadBytes = 16 * 1_048_576

/** PostgreSQL's own limits: a hostile server could name more columns, and name them at more length. */
const maxColumns = 1_664
const maxNameLength = 63
const maxTypeLength = 100

/** Runs one query that reads and answers its first rows. Nothing of it stays, in the session or on the server. */
export async function runQuery(
  config: PostgresConfig,
  query: PostgresQuery,
  context: QueryContext,
): Promise<QueryOutcome> {
  const verdict = query.sql ? judgeSql(query.sql.text) : ({ kind: 'READ', text: tableSql(query.table) } as const)
  if (verdict.kind === 'REFUSED') {
    const fields = ['sql.text']
    return refusal(problem('QUERY_NOT_READ_ONLY', { params: { reason: verdict.reason }, fields }))
  }
  const opening = new PostgresOpening(config, context.environment.network, overheadBytes + 4 * context.limits.maxBytes)
  let busy = false
  try {
    const blocked = await open(opening, context.signal)
    if (blocked) return refusal(blocked)
    busy = true
    const outcome = await untilAborted(read(opening, config, verdict.text, context), context.signal)
    busy = false
    return outcome
  } finally {
    await opening.close({ busy })
  }
}

const refusal = (known: Problem): QueryOutcome => ({ kind: 'PROBLEM', problem: known })

function tableSql({ schema, name, columns }: NonNullable<PostgresQuery['table']>): string {
  const list = columns.length === 0 ? '*' : columns.map(quoteName).join(', ')
  return `SELECT ${list} FROM ${quoteName(schema)}.${quoteName(name)}`
}

/** The way in is a test's, step by step and within the same budgets; the first step that fails is the answer. */
async function open(opening: PostgresOpening, signal: AbortSignal): Promise<Problem | null> {
  for (const key of openingSteps) {
    const budgetMs = opening.budgetMs(key)
    const budget = AbortSignal.timeout(budgetMs)
    try {
      const report = await opening.steps[key]({ signal: AbortSignal.any([signal, budget]), budgetMs })
      if (report.status === 'FAILED') return report.problem
    } catch (error) {
      signal.throwIfAborted()
      if (!budget.aborted) throw error
      return opening.timedOut(key, budgetMs / 1_000)
    }
  }
  return null
}

async function read(
  opening: PostgresOpening,
  config: PostgresConfig,
  text: string,
  { limits }: QueryContext,
): Promise<QueryOutcome> {
  const { session } = opening
  const { client } = session
  try {
    // After its first query PostgreSQL no longer lets a transaction become writable. One message: all of it is ours.
    await client.query(['BEGIN READ ONLY', 'SELECT 1', ...sessionSettings(config)].join('; '))
    const cursor = client.query(
      new Cursor<(string | null)[]>(text, undefined, { rowMode: 'array', types: { getTypeParser: () => asText } }),
    )
    const fetched = await fetchRows(cursor, limits)
    await cursor.close()
    if (fetched.fields.length > maxColumns)
      return refusal(problem('RESULT_TOO_LARGE', { params: { limit: `${maxColumns} columns` } }))
    const types = await columnTypes(client, fetched.fields)
    const columns = fetched.fields.map(({ name }, index) => {
      const type = types[index] ?? unknownType
      return {
        name: name.slice(0, maxNameLength),
        nativeType: type.name.slice(0, maxTypeLength),
        type: commonType(type),
      }
    })
    const rows = fetched.rows.map(row => row.map((value, index) => toJson(value, types[index] ?? unknownType)))
    return { kind: 'RESULT', result: cut({ columns, rows, truncated: fetched.truncated }, limits.maxBytes) }
  } catch (error) {
    return refusal(queryProblem(session.failure ?? error, config, text))
  } finally {
    if (!session.failure) await client.query('ROLLBACK').catch(() => {})
  }
}

const asText = (text: string): string => text
const unknownType: TypeInfo = { name: 'unknown', base: 0, isList: false }

/** How values are written, so that the same row reads alike whatever the account's defaults; gone with the transaction. */
const sessionSettings = (config: PostgresConfig): string[] => [
  `SET LOCAL statement_timeout = ${config.limits.statementTimeoutSeconds * 1_000}`,
  // The text was judged by these rules.
  'SET LOCAL standard_conforming_strings = on',
  "SET LOCAL datestyle = 'ISO, YMD'",
  "SET LOCAL intervalstyle = 'iso_8601'",
  "SET LOCAL bytea_output = 'hex'",
]

function queryProblem(error: unknown, config: PostgresConfig, text: string): Problem {
  const known = classifyError(error, 'QUERY', config)
  const { position } = error as { position?: string }
  if (position === undefined || known.detail === null) return known
  const line = text.slice(0, Number(position) - 1).split('\n').length
  return { ...known, params: { ...known.params, line }, detail: `${known.detail} (line ${line})` }
}

/** Cuts the rows to what their JSON may weigh. */
function cut(result: QueryResult, maxBytes: number): QueryResult {
  const rows: (readonly JsonValue[])[] = []
  let bytes = 0
  for (const row of result.rows) {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1
    if (bytes > maxBytes) return { ...result, rows, truncated: true }
    rows.push(row)
  }
  return result
}

/** Rejects with the signal's reason as soon as it aborts; the work is then stopped by whoever catches that. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  work.catch(() => {})
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
