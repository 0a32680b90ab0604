import type pg from 'pg'
import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import { openSession } from '../session/open-session.ts'
import type { ServerOpening } from '../session/server-opening.ts'
import { settledWithin } from '../session/settled-within.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { openPortal } from './portal.ts'
import { PortalRows, TooManyRowsError } from './portal-rows.ts'
import { RowEncoder } from './row-encoder.ts'
import type { Session } from './session.ts'
import { commonType, type TypeInfo } from './types.ts'
import { assertInTransaction, rollbackGraceMs } from './work-transaction.ts'

/** What the server may send from one row to the next: the row, and whatever else it says. */
export const maxBytesBetweenRows = 32 * 1_048_576

/** PostgreSQL's own limits: a hostile server could name more columns, and name them at more length. */
const maxColumns = 1_664
const maxNameLength = 63
const maxTypeLength = 100

export interface Statement {
  /** One statement that has been judged to read. */
  readonly text: string
  /** `SET LOCAL ...`: how values are written, and how long it may take; gone with the transaction. */
  readonly settings: readonly string[]
  /** The types of the columns, in their order; null where nothing is known of one. */
  readonly columnTypes: (client: pg.Client, fields: readonly pg.FieldDef[]) => Promise<readonly (TypeInfo | null)[]>
  readonly classify: (error: unknown) => Problem
}

const refusal = (known: Problem): QueryEnd => ({ kind: 'PROBLEM', problem: known })

/** Runs one statement that reads, as far as its rows are wanted. Nothing of it stays, in the session or on the server. */
export async function runStatement(
  opening: ServerOpening<Session>,
  statement: Statement,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  let busy = false
  try {
    const blocked = await openSession(opening, context.signal)
    if (blocked) return refusal(blocked)
    busy = true
    const end = await untilAborted(read(opening, statement, context, sink), context.signal)
    const { client, failure } = opening.session
    // A server that has not ended the transaction by now may still be working on it.
    busy = !failure && client.getTransactionStatus() !== 'I'
    return end
  } finally {
    await opening.close({ busy })
  }
}

async function read(
  opening: ServerOpening<Session>,
  { text, settings, columnTypes, classify }: Statement,
  { limits }: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const { session } = opening
  const { client } = session
  try {
    // After its first query PostgreSQL no longer lets a transaction become writable. One message: all of it is ours.
    await client.query(['BEGIN READ ONLY', 'SELECT 1', ...settings].join('; '))
    assertInTransaction(client)
    const fields = await openPortal(client, text)
    if (fields.length > maxColumns)
      return refusal(problem('RESULT_TOO_LARGE', { params: { limit: `${maxColumns} columns` } }))
    const types = await columnTypes(client, fields)
    const columns = fields.map(({ name }, index) => ({ name, type: types[index] ?? unknownType }))
    sink.columns(
      columns.map(({ name, type }) => ({
        name: name.slice(0, maxNameLength),
        nativeType: type.name.slice(0, maxTypeLength),
        type: commonType(type),
      })),
    )
    const portalRows = new PortalRows(session, new RowEncoder(columns.map(column => column.type)), limits)
    for (let rows = await portalRows.read(); rows; rows = await portalRows.read()) {
      if (!(await sink.json(rows))) break
    }
    portalRows.discard()
    return { kind: 'COMPLETE', truncated: false }
  } catch (error) {
    return refusal(opening.broken ?? statementProblem(session.failure ?? error, text, classify))
  } finally {
    if (!session.failure) await settledWithin(client.query('ROLLBACK'), rollbackGraceMs)
  }
}

const unknownType: TypeInfo = { name: 'unknown', base: 0, isList: false }

function statementProblem(error: unknown, text: string, classify: (error: unknown) => Problem): Problem {
  if (error instanceof TooManyRowsError)
    return problem('RESULT_TOO_LARGE', { params: { limit: 'what was asked for' }, detail: error.message })
  const known = classify(error)
  const { position } = error as { position?: string }
  if (position === undefined || known.detail === null) return known
  const line = text.slice(0, Number(position) - 1).split('\n').length
  return { ...known, params: { ...known.params, line }, detail: `${known.detail} (line ${line})` }
}
