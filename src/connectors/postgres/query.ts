import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { quoteName } from '../postgres-protocol/quote.ts'
import { maxBytesBetweenRows, runStatement } from '../postgres-protocol/run-statement.ts'
import { problem } from '../problem.ts'
import { columnTypes } from './column-types.ts'
import type { PostgresConfig } from './form.ts'
import { openPostgres } from './open.ts'
import { classifyError } from './problems.ts'
import type { PostgresQuery } from './query-form.ts'
import { judgeSql } from './read-only-sql.ts'

/** Runs one query that reads, as far as its rows are wanted. Nothing of it stays, in the session or on the server. */
export async function runQuery(
  config: PostgresConfig,
  query: PostgresQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const verdict = query.sql ? judgeSql(query.sql.text) : ({ kind: 'READ', text: tableSql(query.table) } as const)
  if (verdict.kind === 'REFUSED') {
    const options = { params: { reason: verdict.reason }, fields: ['sql.text'] }
    return { kind: 'PROBLEM', problem: problem('QUERY_NOT_READ_ONLY', options) }
  }
  const opening = openPostgres(config, context.environment.network, maxBytesBetweenRows)
  const statement = {
    text: verdict.text,
    settings: sessionSettings(config),
    columnTypes,
    classify: (error: unknown) => classifyError(error, 'QUERY', config),
  }
  return runStatement(opening, statement, context, sink)
}

function tableSql({ schema, name, columns }: NonNullable<PostgresQuery['table']>): string {
  const list = columns.length === 0 ? '*' : columns.map(quoteName).join(', ')
  return `SELECT ${list} FROM ${quoteName(schema)}.${quoteName(name)}`
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
