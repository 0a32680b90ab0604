import { setTimeout as delay } from 'node:timers/promises'
import type { QueryExecution } from '@aws-sdk/client-athena'
import { IncompleteAnswerError } from '../aws/problems.ts'
import type { Problem } from '../problem.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { failedQuery } from './failed-query.ts'
import { type Meaning, meant, notReadOnly, type QueryPlace } from './meanings.ts'
import type { AthenaSession } from './open.ts'
import type { Remaining, StartInput } from './running-queries.ts'
import type { ResultsPlace } from './workgroup.ts'

/** A query that was not run to its end, and why. */
export class StatementError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'StatementError'
    this.problem = problem
  }
}

/** A query that has succeeded. */
export interface EndedQuery {
  readonly id: string
  readonly execution: QueryExecution
}

export interface StatementOptions extends Remaining {
  /** One statement that has been judged to read. */
  readonly text: string
  readonly results: ResultsPlace
  /** Whether it is about the connector's catalog: nobody need be asked about one otherwise. */
  readonly inCatalog: boolean
  /** `QUEUED` or `RUNNING`, when that changes. */
  readonly onState: (state: string) => void
  /** How long it has, for the words in which it is told that it took longer. */
  readonly seconds: number
  /** What it comes to when it is running still, and so is stopped. */
  readonly late: Meaning
}

/** Whatever else Athena may come to say, the query may be running. */
const over: readonly string[] = ['SUCCEEDED', 'FAILED', 'CANCELLED']

const firstPauseMs = 50
const maxPauseMs = 1_500

/**
 * Runs a statement on Athena, and stops it there when it takes too long, when the signal aborts, and when Athena takes it
 * for something else than a read. Throws `StatementError` and `AwsCallError`, and the signal's reason when that aborts.
 */
export async function runStatement(session: AthenaSession, options: StatementOptions): Promise<EndedQuery> {
  const { queries } = session
  const { signal } = options
  const query = queries.start(startInput(session, options), options)
  try {
    const id = await untilAborted(query.id, signal)
    const execution = await untilEnded(session, id, options)
    if (over.includes(execution.Status?.State ?? '')) queries.ended(query)
    if (execution.Status?.State !== 'SUCCEEDED') {
      throw new StatementError(failedQuery(execution, session.queryPlace))
    }
    if (execution.StatementType === undefined) {
      throw session.failure(new IncompleteAnswerError('type of the statement'), askedState)
    }
    return { id, execution }
  } catch (error) {
    const stopping = queries.stop(query)
    // Whoever has cancelled does not wait: closing the session does.
    if (!signal.aborted) await stopping
    throw error
  }
}

function startInput({ config }: AthenaSession, { text, results, inCatalog }: StatementOptions): StartInput {
  const { catalog, database, workgroup } = config
  return {
    QueryString: text,
    WorkGroup: workgroup,
    ...(inCatalog && {
      QueryExecutionContext: { Catalog: catalog, ...(database !== undefined && { Database: database }) },
    }),
    ...(results.kind === 'FORM' && { ResultConfiguration: { OutputLocation: results.location } }),
  }
}

async function untilEnded(session: AthenaSession, id: string, options: StatementOptions): Promise<QueryExecution> {
  const { signal, until, onState } = options
  let state = ''
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, pauseMs * 1.5)) {
    const execution = await session.queries.look(id, options)
    assertReads(execution, session.queryPlace)
    const found = execution.Status?.State ?? ''
    if (!['QUEUED', 'RUNNING'].includes(found)) return execution
    if (found !== state) onState(found)
    state = found
    const remainingMs = until - performance.now()
    if (remainingMs <= 0) throw tooLate(state, options)
    await delay(Math.min(pauseMs, remainingMs), undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

const tooLate = (state: string, { seconds, late }: StatementOptions): StatementError =>
  new StatementError(meant(state === 'QUEUED' ? { code: 'QUERY_STILL_QUEUED', params: { seconds } } : late))

/**
 * What Athena takes the statement for, which it says while the query runs. Everything else has been refused already:
 * should that have been mistaken, it is stopped here.
 */
function assertReads({ StatementType: type, SubstatementType: subtype }: QueryExecution, place: QueryPlace): void {
  if (type === undefined) return
  const isRead =
    (type === 'DML' && (subtype === undefined || readingDml.includes(subtype))) ||
    (type === 'UTILITY' && (subtype === undefined || /^(?:SHOW|DESC|EXPLAIN$)/.test(subtype)))
  if (isRead) return
  const taken = /^[A-Z_]{1,60}$/.exec(subtype ?? type)?.[0] ?? 'something else'
  throw new StatementError(meant(notReadOnly(place, `is ${taken} to Athena`)))
}

const askedState = { action: 'GetQueryExecution', field: 'workgroup' } as const

/** VALUES, TABLE and WITH are SELECT to it. */
const readingDml = ['SELECT', 'EXPLAIN']
