import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import { openSession } from '../session/open-session.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { notReadOnly } from '../sql/not-read-only.ts'
import { perform } from './answer.ts'
import type { MysqlConfig } from './form.ts'
import { MysqlOpening } from './open.ts'
import { classifyError } from './problems.ts'
import type { MysqlQuery } from './query-form.ts'
import { prepareForQuery } from './query-session.ts'
import { quoteName } from './quote.ts'
import { beginReadOnly, makeReadOnly, rollBack } from './read-only-session.ts'
import { judgeSql } from './read-only-sql.ts'
import { ResultRows } from './result-rows.ts'
import { columnType } from './types.ts'

/** What the server may send from one row to the next: the row, and whatever else it says. */
const maxBytesBetweenRows = 32 * 1_048_576
const maxNameLength = 256
/** Servers that do not stop a statement by themselves are told to. */
const timeoutGraceMs = 2_000

/** Runs one query that reads, as far as its rows are wanted. Nothing of it stays, in the session or on the server. */
export async function runQuery(
  config: MysqlConfig,
  query: MysqlQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const verdict = query.sql ? judgeSql(query.sql.text) : ({ kind: 'READ', text: tableSql(query.table) } as const)
  if (verdict.kind === 'REFUSED') return refusal(notReadOnly(verdict))
  const opening = new MysqlOpening(config, context.environment.network, maxBytesBetweenRows)
  let busy = false
  try {
    const blocked = await openSession(opening, context.signal)
    if (blocked) return refusal(blocked)
    busy = true
    const end = await untilAborted(read(opening, config, verdict.text, context, sink), context.signal)
    // A server that has not sent all of its answer by now may still be working on it.
    busy = !opening.session.failure && !opening.session.idle
    return end
  } finally {
    await opening.close({ busy })
  }
}

const refusal = (known: Problem): QueryEnd => ({ kind: 'PROBLEM', problem: known })

function tableSql({ schema, name, columns }: NonNullable<MysqlQuery['table']>): string {
  const list = columns.length === 0 ? '*' : columns.map(quoteName).join(', ')
  return `SELECT ${list} FROM ${schema === undefined ? '' : `${quoteName(schema)}.`}${quoteName(name)}`
}

async function read(
  opening: MysqlOpening,
  config: MysqlConfig,
  text: string,
  { limits }: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const { session } = opening
  const { statementTimeoutSeconds } = config.limits
  // Whose fault an error is: until the text is sent, not the reader's.
  let phase: 'WORK' | 'QUERY' = 'WORK'
  const tooLong = Promise.withResolvers<never>()
  tooLong.promise.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  try {
    if (config.database !== undefined) await perform(session, `USE ${quoteName(config.database)}`)
    await prepareForQuery(session, { charset: config.charset, statementTimeoutSeconds, maxRows: limits.maxRows + 1 })
    await makeReadOnly(session)
    await beginReadOnly(session)
    phase = 'QUERY'
    timer = setTimeout(
      () => tooLong.reject(new StatementTimeoutError()),
      statementTimeoutSeconds * 1_000 + timeoutGraceMs,
    )
    const rows = new ResultRows(session, text)
    const columns = await Promise.race([rows.columns, tooLong.promise])
    const types = columns.map(columnType)
    sink.columns(
      columns.map(({ name }, index) => ({
        name: name.slice(0, maxNameLength),
        nativeType: types[index]?.name ?? 'unknown',
        type: types[index]?.common ?? 'OTHER',
      })),
    )
    for (;;) {
      const batch = await Promise.race([rows.read(), tooLong.promise])
      if (batch === null) break
      if (!(await sink.json(batch))) {
        await rows.discard()
        break
      }
    }
    return { kind: 'COMPLETE', truncated: false }
  } catch (error) {
    if (error instanceof StatementTimeoutError) return refusal(opening.broken ?? timedOut(statementTimeoutSeconds))
    return refusal(opening.broken ?? classifyError(session.failure ?? error, phase, config, session.flavour))
  } finally {
    clearTimeout(timer)
    if (!session.failure && session.idle) await rollBack(session)
  }
}

class StatementTimeoutError extends Error {
  constructor() {
    super('The server did not stop the statement in time.')
    this.name = 'StatementTimeoutError'
  }
}

const timedOut = (seconds: number): Problem =>
  problem('STATEMENT_TIMED_OUT', { params: { seconds }, fields: ['limits.statementTimeoutSeconds'] })
