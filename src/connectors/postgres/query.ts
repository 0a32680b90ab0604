import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { maxBytesBetweenRows, runStatement } from '../postgres-protocol/run-statement.ts'
import { readingText, type SqlQuery } from '../postgres-protocol/sql-query.ts'
import { columnTypes } from './column-types.ts'
import type { PostgresConfig } from './form.ts'
import { openPostgres } from './open.ts'
import { classifyError } from './problems.ts'
import { judgeSql } from './read-only-sql.ts'

/** Runs one query that reads, as far as its rows are wanted. Nothing of it stays, in the session or on the server. */
export async function runQuery(
  config: PostgresConfig,
  query: SqlQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const reading = readingText(query, judgeSql)
  if (reading.kind === 'PROBLEM') return reading
  const opening = openPostgres(config, context.environment.network, maxBytesBetweenRows)
  const statement = {
    text: reading.text,
    settings: sessionSettings(config),
    columnTypes,
    classify: (error: unknown) => classifyError(error, 'QUERY', config),
  }
  return runStatement(opening, statement, context, sink)
}

/** How values are written, so that the same row reads alike whatever the account's defaults; gone with the transaction. */
const sessionSettings = (config: PostgresConfig): string[] => [
  `SET LOCAL statement_timeout = ${config.limits.statementTimeoutSeconds * 1_000}`,
  // The text was judged by these rules.
  'SET LOCAL standard_conforming_strings = on',
  "SET LOCAL datestyle = 'ISO, YMD'",
  "SET LOCAL intervalstyle = 'iso_8601'",
  "SET LOCAL bytea_output = 'hex'",
]
