import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import { columnTypes } from './column-types.ts'
import type { PostgresConfig } from './form.ts'
import { PostgresOpening } from './open.ts'
import { openPortal } from './portal.ts'
import { PortalRows, TooManyRowsError } from './portal-rows.ts'
import { classifyError } from './problems.ts'
import type { PostgresQuery } from './query-form.ts'
import { quoteName } from './quote.ts'
import { judgeSql } from './read-only-sql.ts'
import { settledWithin } from './settled-within.ts'
import { commonType, type TypeInfo, toJson } from './types.ts'
import { assertInTransaction, rollbackGraceMs } from './work-transaction.ts'

/** What the server may send from one row to the next: the row, and whatever else it says. */
const maxBytesBetweenRows = 32 * 1_048_576

/** PostgreSQL's own limits: a hostile server could name more columns, and name them at more length. */
const maxColumns = 1_664
const maxNameLength = 63
const maxTypeLength = 100

/** Runs one query that reads, as far as its rows are wanted. Nothing of it stays, in the session or on the server. */
export async function runQuery(
  config: PostgresConfig,
  query: PostgresQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const verdict = query.sql ? judgeSql(query.sql.text) : ({ kind: 'READ', text: tableSql(query.table) } as const)
  if (verdict.kind === 'REFUSED') {
    const fields = ['sql.text']
    return refusal(problem('QUERY_NOT_READ_ONLY', { params: { reason: verdict.reason }, fields }))
  }
  const opening = new PostgresOpening(config, context.environment.network, maxBytesBetweenRows)
  let busy = false
  try {
    const blocked = await open(opening, context.signal)
    if (blocked) return refusal(blocked)
    busy = true
    const end = await untilAborted(read(opening, config, verdict.text, context, sink), context.signal)
    const { client, failure } = opening.session
    // A server that has not ended the transaction by now may still be working on it.
    busy = !failure && client.getTransactionStatus() !== 'I'
    return end
  } finally {
    await opening.close({ busy })
  }
}

const refusal = (known: Problem): QueryEnd => ({ kind: 'PROBLEM', problem: known })

function tableSql({ schema, name, columns }: NonNullable<PostgresQuery['table']>): string {
  const list = columns.length === 0 ? '*' : columns.map(quoteName).join(', ')
  return `SELECT ${list} FROM ${quoteName(schema)}.${quoteName(name)}`
}

/** The way in is a test's, step by step and within the same budgets; the first step that fails is the answer. */
async function open(opening: PostgresOpening, signal: AbortSignal): Promise<Problem | null> {
  for (const key of opening.keys) {
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
  sink: RowSink,
): Promise<QueryEnd> {
  const { session } = opening
  const { client } = session
  try {
    // After its first query PostgreSQL no longer lets a transaction become writable. One message: all of it is ours.
    await client.query(['BEGIN READ ONLY', 'SELECT 1', ...sessionSettings(config)].join('; '))
    assertInTransaction(client)
    const fields = await openPortal(client, text)
    if (fields.length > maxColumns)
      return refusal(problem('RESULT_TOO_LARGE', { params: { limit: `${maxColumns} columns` } }))
    const types = await columnTypes(client, fields)
    const typeAt = (index: number) => types[index] ?? unknownType
    sink.columns(
      fields.map(({ name }, index) => ({
        name: name.slice(0, maxNameLength),
        nativeType: typeAt(index).name.slice(0, maxTypeLength),
        type: commonType(typeAt(index)),
      })),
    )
    const portalRows = new PortalRows(session, limits)
    for (let rows = await portalRows.read(); rows; rows = await portalRows.read()) {
      const more = await sink.rows(rows.map(row => row.map((value, index) => toJson(value, typeAt(index)))))
      if (!more) break
    }
    portalRows.discard()
    return { kind: 'COMPLETE', truncated: false }
  } catch (error) {
    return refusal(opening.broken ?? queryProblem(session.failure ?? error, config, text))
  } finally {
    if (!session.failure) await settledWithin(client.query('ROLLBACK'), rollbackGraceMs)
  }
}

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
  if (error instanceof TooManyRowsError)
    return problem('RESULT_TOO_LARGE', { params: { limit: 'what was asked for' }, detail: error.message })
  const known = classifyError(error, 'QUERY', config)
  const { position } = error as { position?: string }
  if (position === undefined || known.detail === null) return known
  const line = text.slice(0, Number(position) - 1).split('\n').length
  return { ...known, params: { ...known.params, line }, detail: `${known.detail} (line ${line})` }
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
