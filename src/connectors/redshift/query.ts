import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { maxBytesBetweenRows, runStatement } from '../postgres-protocol/run-statement.ts'
import { readingText, type SqlQuery } from '../postgres-protocol/sql-query.ts'
import { columnTypes } from './column-types.ts'
import type { RedshiftConfig } from './form.ts'
import { openRedshift, type RedshiftOpening } from './open.ts'
import { classifyError } from './problems.ts'
import { judgeSql } from './read-only-sql.ts'

/**
 * Runs one query that reads, as far as its rows are wanted. Nothing of it stays, in the session or on the server. On a
 * workgroup it is billed: whoever asks for rows has asked for that.
 */
export async function runQuery(
  config: RedshiftConfig,
  query: SqlQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const reading = readingText(query, judgeSql)
  if (reading.kind === 'PROBLEM') return reading
  const opening = openRedshift(config, context.environment, maxBytesBetweenRows)
  const end = await run(opening, config, reading.text, context, sink)
  return end.kind === 'PROBLEM' ? { ...end, problem: opening.scrub.problem(end.problem) } : end
}

async function run(
  opening: RedshiftOpening,
  config: RedshiftConfig,
  text: string,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const blocked = await opening.stages.pass(context.signal).finally(() => opening.stages.close())
  if (blocked) return { kind: 'PROBLEM', problem: blocked }
  const statement = {
    text,
    settings: sessionSettings(config),
    columnTypes,
    classify: (error: unknown) => classifyError(error, 'QUERY', config, opening.username),
  }
  return runStatement(opening.database, statement, context, sink)
}

/** How values are written, so that the same row reads alike whatever the account's defaults; gone with the transaction. */
const sessionSettings = (config: RedshiftConfig): string[] => [
  `SET LOCAL statement_timeout = ${config.limits.statementTimeoutSeconds * 1_000}`,
  "SET LOCAL datestyle = 'ISO, YMD'",
]
