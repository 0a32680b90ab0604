import type { Remaining } from '../cloud/remaining.ts'
import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { JsonRows } from '../json-rows.ts'
import type { Problem } from '../problem.ts'
import { notReadOnly } from '../sql/not-read-only.ts'
import { sessionMs, startMs } from './budgets.ts'
import { awaitCompute, lookAtCompute } from './compute.ts'
import type { DatabricksConfig } from './form.ts'
import { Workspace } from './open.ts'
import { openPatiently } from './open-patiently.ts'
import type { DatabricksQuery } from './query-form.ts'
import { judgeSql } from './read-only-sql.ts'
import { firstPageRows, type ResultPage, resultPages } from './result-pages.ts'
import { SqlSession } from './sql-session.ts'
import { tableSql } from './table-sql.ts'
import { decoderOf, isNull, resultColumn } from './values.ts'
import { problemOf } from './work.ts'

/** A page is written to be read; reading does nothing else. */
const readMs = 3_600_000

const refusal = (found: Problem): QueryEnd => ({ kind: 'PROBLEM', problem: found })

/**
 * Runs one query that reads, as far as its rows are wanted, and stops it on Databricks when they are not wanted any more.
 * What stands still is started for it: whoever asks for rows has asked for that.
 */
export async function runQuery(
  config: DatabricksConfig,
  query: DatabricksQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const text = readingText(config, query, context.limits.maxRows)
  if (typeof text !== 'string') return refusal(text)
  const workspace = new Workspace(config, context.environment, {
    purpose: 'QUERY',
    statementFields: [query.sql ? 'sql.text' : 'table.name'],
  })
  const session = new SqlSession(workspace)
  try {
    return await run(workspace, session, text, context, sink)
  } catch (error) {
    context.signal.throwIfAborted()
    const known = problemOf(error)
    if (!known) throw error
    return refusal(workspace.scrub.problem(known))
  } finally {
    await session.close()
    workspace.close()
  }
}

/** The one statement that a query comes to, or why it is not run. */
function readingText(config: DatabricksConfig, query: DatabricksQuery, maxRows: number): string | Problem {
  // One row more tells that there are more.
  if (query.table) return tableSql(query.table, config, maxRows + 1)
  const verdict = judgeSql(query.sql.text)
  return verdict.kind === 'READ' ? verdict.text : notReadOnly(verdict)
}

async function run(
  workspace: Workspace,
  session: SqlSession,
  text: string,
  { signal, limits }: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const blocked = await workspace.stages.pass(signal)
  if (blocked) return refusal(workspace.scrub.problem(blocked))
  const { catalog, schema, limits: formLimits } = workspace.config
  const seconds = formLimits.statementTimeoutSeconds
  const within = (milliseconds: number) => ({ signal, until: performance.now() + milliseconds })
  const isSeen = await comeUp(workspace, within(startMs))
  const opening = { ...within(isSeen ? sessionMs : startMs), catalog, schema, statementSeconds: seconds }
  await openPatiently({ workspace, signal, seconds: startMs / 1_000, note: () => {} }, session, opening, isSeen)
  const rows = limits.maxRows + 1
  const operation = await session.run({
    ...within(seconds * 1_000),
    text,
    rows,
    firstRows: Math.min(firstPageRows, rows),
    late: { code: 'STATEMENT_TIMED_OUT', params: { seconds }, fields: ['limits.statementTimeoutSeconds'] },
  })
  if (!operation.hasResult) {
    sink.columns([])
    return { kind: 'COMPLETE', truncated: false }
  }
  return passRows(resultPages(workspace, session, operation, { ...within(readMs), rows }), sink)
}

/** Whether the compute runs: where it cannot be looked at, SQL itself has to tell. */
async function comeUp(workspace: Workspace, remaining: Remaining): Promise<boolean> {
  try {
    const state = await lookAtCompute(workspace, remaining)
    await awaitCompute(workspace, state, { ...remaining, mayStart: true, seconds: startMs / 1_000, note: () => {} })
    return true
  } catch (error) {
    remaining.signal.throwIfAborted()
    if (problemOf(error)?.code !== 'WAREHOUSE_NOT_USABLE') throw error
    return false
  }
}

async function passRows(pages: AsyncIterable<ResultPage>, sink: RowSink): Promise<QueryEnd> {
  let isFirst = true
  for await (const page of pages) {
    if (isFirst) sink.columns(page.columns.map(resultColumn))
    isFirst = false
    if (!(await passPage(page, sink))) break
  }
  return { kind: 'COMPLETE', truncated: false }
}

/** Whether more is wanted. */
async function passPage({ columns, values, rowCount }: ResultPage, sink: RowSink): Promise<boolean> {
  const cells = values.map(({ values: packed, nulls }, index) => {
    const decode = decoderOf(columns[index] as (typeof columns)[number])
    return (row: number) => (isNull(nulls, row) ? null : decode(packed[row]))
  })
  const json = new JsonRows(columns.length)
  for (let row = 0; row < rowCount; row += 1) {
    json.begin()
    for (const cell of cells) json.value(cell(row))
    json.finish()
    if (json.full) {
      if (!(await sink.json(json))) return false
      json.clear()
    }
  }
  return json.count === 0 || sink.json(json)
}
