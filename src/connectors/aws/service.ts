import type { EndpointSteps } from '../cloud/endpoint-steps.ts'
import type { StepReport } from '../connection-test.ts'
import type { Problem } from '../problem.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { type AnyClient, guardAnswers, type ServerClock } from './answer-guard.ts'
import { clientConfig } from './client-config.ts'
import type { AwsEndpoint } from './endpoint.ts'
import type { AwsKeys } from './identity.ts'
import { type AwsCall, failedCall, nameOfAwsError } from './problems.ts'

/** What every client of the SDK has. */
export interface AwsClient extends AnyClient {
  destroy(): void
}

/** Settings that fit every client of the SDK. */
export type ClientSettings = ReturnType<typeof clientConfig>

export interface ServiceOptions<C extends AwsClient> {
  /** The way to the endpoint; its steps must have passed before anything is asked. */
  readonly endpoint: EndpointSteps<AwsEndpoint>
  readonly place: AwsCall['place']
  /** With what requests are signed. Asked for each of them, so that a role can be assumed anew. */
  readonly keys: () => AwsKeys
  readonly make: (settings: ClientSettings) => C
  /** Of one answer; 1 MiB when it is not given: no answer to a question of ours is longer. */
  readonly maxAnswerBytes?: number
  /** As of `AnswerGuard`. */
  readonly carriesObjects?: boolean
}

/** One question to a service, for the words in which its failure is told. */
export interface Question {
  /** As policies call it: `athena:GetWorkGroup`. */
  readonly action: string
  readonly subject: AwsCall['subject']
  readonly signal: AbortSignal
  /** What this one call may take. */
  readonly budgetMs: number
}

/** A call that failed, with what it comes to. */
export class AwsCallError extends Error {
  /** FAILED, with the problem and the evidence that goes with it. */
  readonly report: StepReport & { readonly problem: Problem }
  /** The service's name of its error, without its ending: `AccessDenied`; what the SDK threw otherwise. */
  readonly awsName: string

  constructor(report: StepReport & { readonly problem: Problem }, awsName: string, cause: unknown) {
    super(report.problem.message, { cause })
    this.name = 'AwsCallError'
    this.report = report
    this.awsName = awsName
  }

  get problem(): Problem {
    return this.report.problem
  }
}

/** A socket that says nothing for so long is given up, whatever the calls on it may take. */
const idleMs = 60_000

/** No answer to a question of ours is longer, unless it is told. */
export const usualAnswerBytes = 1_048_576

/** One service of AWS as a run calls it: at the address that was checked, once each time, within a budget. */
export class AwsService<C extends AwsClient> {
  readonly #options: ServiceOptions<C>
  readonly #clock: ServerClock = { skewMs: null }
  #client: C | null = null
  #keys: AwsKeys | null = null
  #isClosed = false

  constructor(options: ServiceOptions<C>) {
    this.#options = options
  }

  /** Throws `AwsCallError` for what went wrong, and the signal's reason when that aborts. */
  async ask<T>(question: Question, send: (client: C, options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    const { signal, budgetMs } = question
    const budget = AbortSignal.timeout(Math.ceil(budgetMs))
    const abortSignal = AbortSignal.any([signal, budget])
    try {
      return await untilAborted(send(this.#current(), { abortSignal }), abortSignal)
    } catch (error) {
      signal.throwIfAborted()
      throw this.failure(budget.aborted ? budget.reason : error, question)
    }
  }

  /** What an error comes to that was thrown while an answer's body was read. */
  failure(error: unknown, { action, subject, budgetMs }: Omit<Question, 'signal'>): AwsCallError {
    if (error instanceof AwsCallError) return error
    const { endpoint, place } = this.#options
    const report = failedCall(error, {
      endpoint: endpoint.endpoint,
      place,
      action,
      subject,
      clock: this.#clock,
      budgetMs,
    })
    return new AwsCallError(report, nameOfAwsError(error), error)
  }

  /** Ends what is still being asked. Nothing can be asked any more. */
  close(): void {
    this.#isClosed = true
    this.hangUp()
  }

  /** Ends what is still being asked; the next question opens connections again. */
  hangUp(): void {
    this.#client?.destroy()
    this.#client = null
  }

  #current(): C {
    const { endpoint, keys, make, maxAnswerBytes = usualAnswerBytes, carriesObjects = false } = this.#options
    // Whoever asks once more because of the end would open connections that nobody closes.
    if (this.#isClosed) throw new Error('It has been closed.')
    const given = keys()
    if (this.#client && this.#keys === given) return this.#client
    this.hangUp()
    const client = make(clientConfig(endpoint, given, idleMs))
    guardAnswers(client, { maxBytes: maxAnswerBytes, clock: this.#clock, carriesObjects })
    this.#keys = given
    this.#client = client
    return client
  }
}
