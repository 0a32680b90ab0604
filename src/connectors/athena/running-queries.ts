import { randomUUID } from 'node:crypto'
import {
  GetQueryExecutionCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandInput,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import { requireText } from '../aws/problems.ts'
import { AwsCallError } from '../aws/service.ts'
import { mayHaveHappened } from '../cloud/may-have-happened.ts'
import { patiently } from '../cloud/patiently.ts'
import { settledWithin } from '../session/settled-within.ts'
import type { AthenaSession } from './open.ts'

/** To be told of a query that it was started, by the first answer or by asking again, and to stop it: less than two seconds. */
const answerGraceMs = 400
const askAgainMs = 500
const stopMs = 700

/** One call of a query takes no longer than this, whatever there is left. */
const callBudgetMs = 10_000

export type StartInput = Omit<StartQueryExecutionCommandInput, 'ClientRequestToken' | 'ResultReuseConfiguration'>

/** A query that has been sent to Athena and may be running there. */
export interface RunningQuery {
  /** Once Athena has told it. */
  readonly id: Promise<string>
  /** Sends it again: by the same token Athena answers with the same query, and starts nothing twice. */
  readonly askAgain: (budgetMs: number) => Promise<string>
  /** Whether it is known that Athena has not begun it. */
  readonly isRefused: () => boolean
}

/** What is left for a step or a query. */
export interface Remaining {
  readonly signal: AbortSignal
  /** `performance.now()` at which it is over. */
  readonly until: number
  /** How long after that an answer is still waited for. */
  readonly graceMs: number
}

/** For a call that may take all that is left. */
export const budgetOf = ({ signal, until, graceMs }: Remaining) => ({ signal, budgetMs: left(until + graceMs) })

/** The queries of one run, from before they are sent until they are known to have ended. */
export class RunningQueries {
  readonly #session: AthenaSession
  readonly #running = new Set<RunningQuery>()
  readonly #stopping = new Set<Promise<void>>()
  /** Not the run's signal: whether a query was started is wanted to be known when that aborts, too. */
  readonly #life = new AbortController()

  constructor(session: AthenaSession) {
    this.#session = session
  }

  /** Sends a query. What becomes of it is looked after from here on. */
  start(input: StartInput, { signal, until, graceMs }: Remaining): RunningQuery {
    const token = randomUUID()
    const { signal: life } = this.#life
    const send = (budgetMs: number) =>
      this.#session.ask({ ...asked('StartQueryExecution'), signal: life, budgetMs }, async (client, options) => {
        const command = new StartQueryExecutionCommand({
          ...input,
          ClientRequestToken: token,
          // Results of earlier queries would say nothing about this one.
          ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
        })
        const { QueryExecutionId } = await client.send(command, options)
        return requireText(QueryExecutionId, 'id of the query')
      })
    let mayRun = false
    let isRefused = false
    const id = patiently({ signal: AbortSignal.any([signal, life]), until, tries: 3 }, () => {
      isRefused = false
      return send(left(until + graceMs)).catch(error => {
        mayRun ||= !(error instanceof AwsCallError) || mayHaveHappened.includes(error.problem.code)
        isRefused = !mayRun
        throw error
      })
    })
    const query = { id, askAgain: send, isRefused: () => isRefused }
    this.#running.add(query)
    id.catch(() => {
      if (isRefused) this.#running.delete(query)
    })
    return query
  }

  /** How it goes with a query. Throws as `ask`. */
  look(id: string, remaining: Remaining): Promise<QueryExecution> {
    return this.#session.read({ ...asked('GetQueryExecution'), tries: 6, ...remaining }, async (client, options) => {
      const { QueryExecution: found } = await client.send(
        new GetQueryExecutionCommand({ QueryExecutionId: id }),
        options,
      )
      requireText(found?.Status?.State, 'state of the query')
      return found as QueryExecution
    })
  }

  /** It has ended by itself. */
  ended(query: RunningQuery): void {
    this.#running.delete(query)
  }

  /** Asks Athena to stop it. Ends within two seconds, and never rejects. */
  stop(query: RunningQuery): Promise<void> {
    if (!this.#running.delete(query)) return Promise.resolve()
    const stopping = this.#stop(query)
    this.#stopping.add(stopping)
    void stopping.then(() => this.#stopping.delete(stopping))
    return stopping
  }

  async stopAll(): Promise<void> {
    for (const query of [...this.#running]) void this.stop(query)
    await settledWithin(Promise.all(this.#stopping), answerGraceMs + askAgainMs + stopMs + 100)
    this.#life.abort()
  }

  /** Where nobody has said that it was started it may have been. */
  async #stop({ id, askAgain, isRefused }: RunningQuery): Promise<void> {
    await settledWithin(id, answerGraceMs)
    if (isRefused()) return
    try {
      // In this order, and caught outside: with a turn more it would always come second.
      const known = await Promise.race([id, Promise.resolve(null)]).catch(() => null)
      const QueryExecutionId = known ?? (await askAgain(askAgainMs))
      const until = performance.now() + stopMs
      const { signal } = this.#life
      await patiently({ signal, until, tries: 3 }, () =>
        this.#session.ask({ ...asked('StopQueryExecution'), signal, budgetMs: left(until) }, (client, options) =>
          client.send(new StopQueryExecutionCommand({ QueryExecutionId }), options),
        ),
      )
    } catch {
      // Nothing more can be done.
    }
  }
}

const asked = (action: string) => ({ action, field: 'workgroup' }) as const

const left = (until: number): number => Math.min(callBudgetMs, Math.max(1, until - performance.now()))
