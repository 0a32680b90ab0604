import { HttpCallError } from '../cloud/http-caller.ts'
import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import { notReadOnly } from '../sql/not-read-only.ts'
import { askMs, queryBudgetMs } from './budgets.ts'
import type { BigqueryConfig } from './form.ts'
import { dataProjectOf } from './identity-field.ts'
import { statementSubject } from './meanings.ts'
import { BigquerySession } from './open.ts'
import type { BigqueryQuery } from './query-form.ts'
import { judgeSql } from './read-only-sql.ts'
import type { TableReference } from './resources.ts'
import { passRows } from './rows.ts'
import { runStatement } from './run-statement.ts'
import { StatementError } from './statement.ts'
import { type TableRows, tableRows } from './table-rows.ts'

const refusal = (found: Problem): QueryEnd => ({ kind: 'PROBLEM', problem: found })

/** What a query comes to: one statement that reads, or a table. */
type Read =
  | { readonly kind: 'SQL'; readonly text: string }
  | { readonly kind: 'TABLE'; readonly table: TableReference; readonly columns: readonly string[] }

/**
 * Runs one query that reads, as far as its rows are wanted, and stops it in BigQuery when they are not wanted any more. A
 * statement is billed for what it reads, and never for more than the connector allows; a table is not billed.
 */
export async function runQuery(
  config: BigqueryConfig,
  query: BigqueryQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const wanted = readOf(config, query)
  if ('code' in wanted) return refusal(wanted)
  const lifetimeSeconds = queryBudgetMs(config) / 1_000
  const session = new BigquerySession(config, context.environment, { purpose: 'QUERY', lifetimeSeconds })
  try {
    const end = await run(session, wanted, context, sink)
    return end.kind === 'PROBLEM' ? refusal(session.scrub.problem(end.problem)) : end
  } finally {
    await session.close()
  }
}

function readOf(config: BigqueryConfig, query: BigqueryQuery): Read | Problem {
  if (query.sql) {
    const verdict = judgeSql(query.sql.text)
    return verdict.kind === 'READ' ? { kind: 'SQL', text: verdict.text } : notReadOnly(verdict)
  }
  const { project, dataset = config.defaultDataset, name, columns } = query.table
  if (dataset === undefined) {
    const detail = 'Neither the query nor the connector says in which dataset the table is.'
    return problem('QUERY_MALFORMED', { detail, fields: ['table.dataset'] })
  }
  if (name === '.' || name === '..') return problem('OBJECT_NOT_FOUND', { fields: ['table.name'] })
  const table = { projectId: project ?? dataProjectOf(config), datasetId: dataset, tableId: name }
  return { kind: 'TABLE', table, columns }
}

async function run(session: BigquerySession, wanted: Read, context: QueryContext, sink: RowSink): Promise<QueryEnd> {
  const { signal } = context
  try {
    const blocked = await session.stages.pass(signal)
    if (blocked) return refusal(blocked)
    const { pages, order } = await rowsOf(session, wanted, context)
    await passRows(session, pages, sink, order)
    return { kind: 'COMPLETE', truncated: false }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof StatementError || error instanceof HttpCallError) return refusal(error.problem)
    throw error
  }
}

async function rowsOf(session: BigquerySession, wanted: Read, context: QueryContext): Promise<TableRows> {
  const { signal, limits } = context
  const options = { signal, maxRows: limits.maxRows, planMs: askMs }
  if (wanted.kind === 'TABLE') return tableRows(session, { ...options, ...wanted })
  const subject = statementSubject(['sql.text'])
  return { pages: runStatement(session, { ...options, sql: wanted.text, subject }), order: null }
}
