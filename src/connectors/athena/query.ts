import { AwsCallError } from '../aws/service.ts'
import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { JsonRows } from '../json-rows.ts'
import { type Problem, problem } from '../problem.ts'
import { notReadOnly } from '../sql/not-read-only.ts'
import { queryBudgetMs } from './budgets.ts'
import { openCatalog } from './catalog-kind.ts'
import type { AthenaConfig } from './form.ts'
import { AthenaSession } from './open.ts'
import type { AthenaQuery } from './query-form.ts'
import { judgeSql } from './read-only-sql.ts'
import { resultPages, type TextRow } from './result-pages.ts'
import { runStatement, StatementError } from './statement.ts'
import { tableSql } from './table-sql.ts'
import { decoderOf, resultColumn } from './values.ts'
import { openWorkgroup } from './workgroup.ts'

/** Athena has no more. A hostile server could name more. */
const maxColumns = 1_600
/** To be told what the workgroup decides, and who holds the catalog. */
const prepareMs = 15_000

const refusal = (found: Problem): QueryEnd => ({ kind: 'PROBLEM', problem: found })

/**
 * Runs one query that reads, as far as its rows are wanted, and stops it on Athena when they are not wanted any more. What
 * it reads is billed: whoever asks for rows has asked for that.
 */
export async function runQuery(
  config: AthenaConfig,
  query: AthenaQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const text = readingText(query, context.limits.maxRows)
  if (typeof text !== 'string') return refusal(text)
  const sessionSeconds = queryBudgetMs(config) / 1_000
  const session = new AthenaSession(config, context.environment, {
    purpose: 'QUERY',
    sessionSeconds,
    statementFields: [query.sql ? 'sql.text' : 'table.name'],
  })
  try {
    const end = await run(session, text, context, sink)
    return end.kind === 'PROBLEM' ? refusal(session.scrub.problem(end.problem)) : end
  } finally {
    await session.close()
  }
}

/** The one statement that a query comes to, or why it is not run. */
function readingText(query: AthenaQuery, maxRows: number): string | Problem {
  // One row more tells that there are more.
  if (query.table) return tableSql(query.table, maxRows + 1)
  const verdict = judgeSql(query.sql.text)
  return verdict.kind === 'READ' ? verdict.text : notReadOnly(verdict)
}

async function run(session: AthenaSession, text: string, context: QueryContext, sink: RowSink): Promise<QueryEnd> {
  const { signal, limits } = context
  const seconds = session.config.limits.statementTimeoutSeconds
  const within = (milliseconds: number) => ({ signal, until: performance.now() + milliseconds, graceMs: 1_000 })
  try {
    const blocked = await session.stages.pass(signal)
    if (blocked) return refusal(blocked)
    const { results } = await openWorkgroup(session, within(prepareMs))
    await openCatalog(session, within(prepareMs))
    const ended = await runStatement(session, {
      ...within(seconds * 1_000),
      text,
      results,
      inCatalog: true,
      seconds,
      late: { code: 'STATEMENT_TIMED_OUT', params: { seconds }, fields: ['limits.statementTimeoutSeconds'] },
      onState: () => {},
    })
    return await passRows(resultPages(session, ended, { signal, rows: limits.maxRows + 1 }), sink)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof StatementError || error instanceof AwsCallError) return refusal(error.problem)
    throw error
  }
}

async function passRows(pages: ReturnType<typeof resultPages>, sink: RowSink): Promise<QueryEnd> {
  let decoders: readonly Decoder[] | null = null
  for await (const { columns, rows } of pages) {
    if (!decoders) {
      if (columns.length > maxColumns) {
        return refusal(problem('RESULT_TOO_LARGE', { params: { limit: `${maxColumns} columns` } }))
      }
      sink.columns(columns.map(resultColumn))
      decoders = columns.map(decoderOf)
    }
    if (!(await passPage(rows, decoders, sink))) break
  }
  return { kind: 'COMPLETE', truncated: false }
}

type Decoder = ReturnType<typeof decoderOf>

/** Whether more is wanted. */
async function passPage(rows: readonly TextRow[], decoders: readonly Decoder[], sink: RowSink): Promise<boolean> {
  const json = new JsonRows(decoders.length)
  for (const row of rows) {
    json.begin()
    for (const [index, decode] of decoders.entries()) {
      const text = row[index] ?? null
      json.value(text === null ? null : decode(text))
    }
    json.finish()
    if (json.full) {
      if (!(await sink.json(json))) return false
      json.clear()
    }
  }
  return json.count === 0 || sink.json(json)
}
