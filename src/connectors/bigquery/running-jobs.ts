import { randomUUID } from 'node:crypto'
import { HttpCallError } from '../cloud/http-caller.ts'
import { mayHaveHappened } from '../cloud/may-have-happened.ts'
import { isRecord } from '../form-tree-walk.ts'
import type { JsonValue } from '../json.ts'
import { settledWithin } from '../session/settled-within.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { endpoints } from './endpoints.ts'
import { type Subject, statementSubject } from './meanings.ts'
import type { BigquerySession, JsonRecord } from './open.ts'
import { projectPath } from './resources.ts'

/** How long BigQuery is to wait for a statement's end before it tells which job it has begun. */
export const firstWaitMs = 500

/** To be told of a job that it was begun, by the first answer or by asking again, and to stop it: less than two seconds. */
const answerGraceMs = firstWaitMs + 200
const askAgainMs = 500
const stopMs = 600

/** Where a job is. */
export interface JobReference {
  readonly projectId: string
  readonly jobId: string
  /** Null where BigQuery does not tell. */
  readonly location: string | null
}

/** The first answer to a statement: its first rows, when it has ended already. */
export interface StartedJob {
  readonly job: JobReference
  readonly answer: JsonRecord
}

/** A statement that has been sent, and may be running. */
interface RunningJob {
  readonly started: Promise<StartedJob>
  /** Sends it again: by the same id of the request BigQuery answers with the same job. */
  readonly askAgain: (budgetMs: number) => Promise<StartedJob>
  /** Whether it is known that BigQuery has not begun it. */
  readonly isRefused: () => boolean
}

export interface StartOptions {
  /** For jobs.query, but for the id of the request and how long it waits. */
  readonly request: { readonly [name: string]: JsonValue }
  readonly subject: Subject
  readonly signal: AbortSignal
  readonly budgetMs: number
  readonly maxBytes: number
}

/** Where there is no token BigQuery has not been asked. */
const isUncertain = ({ problem }: HttpCallError): boolean =>
  mayHaveHappened.includes(problem.code) && problem.params['service'] === endpoints.bigquery

/** The jobs of one run, from before they are sent until they are known to have ended. */
export class RunningJobs {
  readonly #session: BigquerySession
  readonly #running = new Set<RunningJob>()
  readonly #stopping = new Set<Promise<void>>()
  /** Not the run's signal: which job was begun is wanted to be known when that aborts, too. */
  readonly #life = new AbortController()

  constructor(session: BigquerySession) {
    this.#session = session
  }

  /**
   * Sends a statement. It is looked after until `ended` is told: whoever leaves before that has it stopped by `stopAll`.
   * Throws as `ask`.
   */
  async start(options: StartOptions): Promise<StartedJob & { ended(): void }> {
    // Whoever leaves meanwhile has nothing begun.
    await this.#session.tokens.get('READ', options)
    const running = this.#send(options)
    const started = await untilAborted(running.started, options.signal)
    return { ...started, ended: () => this.#running.delete(running) }
  }

  /** Stops what still runs. Ends within two seconds, and never rejects. */
  async stopAll(): Promise<void> {
    for (const job of this.#running) this.#stopping.add(this.#stop(job))
    this.#running.clear()
    await settledWithin(Promise.all(this.#stopping), answerGraceMs + askAgainMs + stopMs + 100)
    this.#life.abort()
  }

  #send({ request, subject, budgetMs, maxBytes }: StartOptions): RunningJob {
    const session = this.#session
    const requestId = randomUUID()
    const { signal } = this.#life
    const { projectId } = session.config
    const send = async (timeoutMs: number, ownBudgetMs: number): Promise<StartedJob> => {
      const answer = await session.ask({
        method: 'POST',
        path: `${projectPath(projectId)}/queries`,
        json: { ...request, requestId, timeoutMs },
        use: 'READ',
        subject,
        signal,
        budgetMs: ownBudgetMs,
        maxBytes,
      })
      return { job: this.#referenceIn(answer), answer }
    }
    let isRefused = false
    const started = send(firstWaitMs, budgetMs).catch(error => {
      isRefused = error instanceof HttpCallError && !isUncertain(error)
      throw error
    })
    const job = { started, askAgain: (ms: number) => send(0, ms), isRefused: () => isRefused }
    this.#running.add(job)
    started.catch(() => {
      if (isRefused) this.#running.delete(job)
    })
    return job
  }

  #referenceIn(answer: JsonRecord): JobReference {
    const reference = answer['jobReference']
    const { jobId, location } = isRecord(reference) ? reference : {}
    const isName = (text: unknown): text is string => typeof text === 'string' && /^[\w:-]{1,1024}$/.test(text)
    if (!isName(jobId)) throw this.#session.violation('it does not tell which job it has begun')
    // It is where it was asked for, whatever else the answer says.
    return { projectId: this.#session.config.projectId, jobId, location: isName(location) ? location : null }
  }

  /** Where nobody has said that it was begun it may have been. */
  async #stop({ started, askAgain, isRefused }: RunningJob): Promise<void> {
    await settledWithin(started, answerGraceMs)
    if (isRefused()) return
    try {
      // In this order, and caught outside: with a turn more it would always come second.
      const known = await Promise.race([started, Promise.resolve(null)]).catch(() => null)
      const { job } = known ?? (await askAgain(askAgainMs))
      await this.#cancel(job)
    } catch {
      // Nothing more can be done: BigQuery ends it at the time that it was given.
    }
  }

  /** Once more where nobody knows whether it was heard. */
  async #cancel({ projectId, jobId, location }: JobReference): Promise<void> {
    const until = performance.now() + stopMs
    for (let tries = 2; tries > 0 && performance.now() < until; tries -= 1) {
      try {
        await this.#session.ask({
          method: 'POST',
          path: `${projectPath(projectId)}/jobs/${encodeURIComponent(jobId)}/cancel`,
          query: { location: location ?? undefined },
          use: 'JOBS',
          subject: statementSubject([]),
          signal: this.#life.signal,
          budgetMs: Math.max(1, (until - performance.now()) / tries),
        })
        return
      } catch (error) {
        if (!(error instanceof HttpCallError) || !isUncertain(error)) return
      }
    }
  }
}
