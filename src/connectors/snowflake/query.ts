import { HttpCallError } from '../cloud/http-caller.ts'
import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { JsonRows } from '../json-rows.ts'
import { type Problem, problem } from '../problem.ts'
import { notReadOnly } from '../sql/not-read-only.ts'
import type { ResultAnswer, TextRow } from './answers.ts'
import { openMs } from './budgets.ts'
import type { SnowflakeConfig } from './form.ts'
import { SnowflakeSession } from './open.ts'
import type { SnowflakeQuery } from './query-form.ts'
import { isQuery, judgeSql } from './read-only-sql.ts'
import { SnowflakeRefusalError } from './refusal.ts'
import { resultPages } from './result-pages.ts'
import { useRole, useScope } from './scope.ts'
import { queryRefusal, readRefusal } from './statement-type.ts'
import { tableSql } from './table-sql.ts'
import { decoderOf, resultColumn } from './values.ts'
import { useWarehouse, withoutWarehouse } from './warehouse.ts'
import { knownProblem, type Work, workOf } from './work.ts'

/** Snowflake itself stops what takes too long; this long after that it has been heard of. */
const graceMs = 3_000

/** No table has so many. A hostile server could name more. */
const maxColumns = 10_000

const refusal = (found: Problem): QueryEnd => ({ kind: 'PROBLEM', problem: found })

/**
 * Runs one query that reads, as far as its rows are wanted, and stops it on Snowflake when they are not wanted any more. It
 * runs on a warehouse, which it may start: whoever asks for rows has asked for that.
 */
export async function runQuery(
  config: SnowflakeConfig,
  query: SnowflakeQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const text = readingText(config, query, context.limits.maxRows)
  if (typeof text !== 'string') return refusal(text)
  const session = new SnowflakeSession(config, context.environment)
  try {
    const end = await run(session, { text, field: query.sql ? 'sql.text' : 'table.name' }, context, sink)
    return end.kind === 'PROBLEM' ? refusal(session.scrub.problem(end.problem)) : end
  } finally {
    await session.close()
  }
}

/** The one statement that a query comes to, or why it is not run. */
function readingText(config: SnowflakeConfig, query: SnowflakeQuery, maxRows: number): string | Problem {
  // One row more tells that there are more.
  if (query.table) return tableSql(query.table, maxRows + 1, config)
  const verdict = judgeSql(query.sql.text)
  return verdict.kind === 'READ' ? verdict.text : notReadOnly(verdict)
}

interface Statement {
  readonly text: string
  /** The form path that it comes from. */
  readonly field: string
}

async function run(
  session: SnowflakeSession,
  statement: Statement,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const { signal } = context
  const about = { statementFields: [statement.field] }
  try {
    const blocked = await session.stages.pass(signal)
    if (blocked) return refusal(blocked)
    const work = workOf(session, { signal, budgetMs: openMs, note: () => {} })
    await useRole(work)
    await useWarehouse(work)
    await useScope(work)
    const result = await execute(work, statement, context)
    if ('code' in result) return refusal(result)
    return await passRows(resultPages(result, session.storage, signal), result, sink)
  } catch (error) {
    signal.throwIfAborted()
    const known = knownProblem(error, session, about)
    if (!known) throw error
    return refusal(known)
  }
}

/** Compiled first, which costs nothing: Snowflake says what kind of statement it is, and only what selects is run. */
async function execute(
  { session }: Work,
  { text, field }: Statement,
  { signal, limits }: QueryContext,
): Promise<ResultAnswer | Problem> {
  const seconds = session.config.limits.statementTimeoutSeconds
  const maxRows = limits.maxRows + 1
  const until = performance.now() + seconds * 1_000 + graceMs
  const options = { text, signal, until, seconds, maxRows }
  const refused = (reason: string) => problem('QUERY_NOT_READ_ONLY', { params: { reason }, fields: [field] })
  const mustCompile = isQuery(text)
  try {
    if (mustCompile) {
      const reason = queryRefusal(await session.run({ ...options, describeOnly: true }))
      if (reason !== null) return refused(reason)
    }
    const result = await session.run(options)
    const reason = mustCompile ? queryRefusal(result) : readRefusal(result)
    return reason === null ? result : refused(reason)
  } catch (error) {
    if (error instanceof SnowflakeRefusalError && error.code === '000606') {
      return withoutWarehouse(workOf(session, { signal, budgetMs: openMs, note: () => {} }), error)
    }
    if (!(error instanceof HttpCallError && error.problem.code === 'CLOUD_TIMED_OUT')) throw error
    return problem('STATEMENT_TIMED_OUT', { params: { seconds }, fields: ['limits.statementTimeoutSeconds'] })
  }
}

async function passRows(
  pages: AsyncGenerator<readonly TextRow[]>,
  { columns }: ResultAnswer,
  sink: RowSink,
): Promise<QueryEnd> {
  if (columns.length > maxColumns) {
    return refusal(problem('RESULT_TOO_LARGE', { params: { limit: `${maxColumns} columns` } }))
  }
  sink.columns(columns.map(resultColumn))
  const decoders = columns.map(decoderOf)
  const json = new JsonRows(decoders.length)
  for await (const rows of pages) {
    for (const row of rows) {
      addRow(json, row, decoders)
      if (!json.full) continue
      if (!(await sink.json(json))) return { kind: 'COMPLETE', truncated: false }
      json.clear()
    }
  }
  if (json.count > 0) await sink.json(json)
  return { kind: 'COMPLETE', truncated: false }
}

function addRow(json: JsonRows, row: TextRow, decoders: readonly ReturnType<typeof decoderOf>[]): void {
  json.begin()
  for (const [index, decode] of decoders.entries()) {
    const text = row[index] ?? null
    json.value(text === null ? null : decode(text))
  }
  json.finish()
}
