import { type Problem, problem } from '../problem.ts'
import type { ChildMessage, Job, StepMessage } from './protocol.ts'
import type { TestTranscript } from './test-transcript.ts'

const maxStepMessageBytes = 2 ** 20
/** What a query's answer may hold besides its rows: its columns, or a problem. */
const maxAnswerOverheadBytes = 2 ** 20
/** Twice what a child's own limiter lets through. */
const maxNotesPerSecond = 20

export interface JobRequest {
  readonly job: Job
  /** What the child may say about the job's steps; of no steps for a query. */
  readonly transcript: TestTranscript
  /** Called in order, before the job's end; must not throw. */
  readonly onStep: (message: StepMessage) => void
  readonly signal: AbortSignal
  readonly deadlineMs: number
}

export type DoneMessage = Extract<ChildMessage, { kind: 'TEST_DONE' | 'QUERY_DONE' }>
export type JobMessage = DoneMessage | Extract<ChildMessage, { kind: 'STEP' }>
export type JobEnd =
  | { readonly kind: 'DONE'; readonly message: DoneMessage }
  | { readonly kind: 'PROBLEM'; readonly problem: Problem }

/** How a running job reaches the child that runs it. */
export interface JobControl {
  readonly killGraceMs: number
  /** Asks the child to stop. */
  cancel(): void
  /** Ends the child, which ends the job with `reason`. */
  kill(reason: Problem): void
}

export const hostFailed = (reason: string): Problem => problem('CONNECTOR_HOST_FAILED', { params: { reason } })

/** The parent's view of a job that a child runs: its deadlines, and what the child may say about it. */
export class RunningJob {
  readonly end: Promise<JobEnd>
  readonly #request: JobRequest
  readonly #control: JobControl
  readonly #settle: (end: JobEnd) => void
  readonly #deadline: NodeJS.Timeout
  #grace: NodeJS.Timeout | undefined
  #cancelling = false
  #messagesLeft: number

  constructor(request: JobRequest, control: JobControl) {
    this.#request = request
    this.#control = control
    const { transcript, signal, deadlineMs } = request
    this.#messagesLeft = 3 * transcript.length + Math.ceil((deadlineMs / 1_000) * maxNotesPerSecond)
    const { promise, resolve } = Promise.withResolvers<JobEnd>()
    this.end = promise
    this.#settle = resolve
    this.#deadline = setTimeout(
      () => control.kill(problem('DEADLINE_EXCEEDED', { params: { seconds: deadlineMs / 1_000 } })),
      deadlineMs,
    )
    if (signal.aborted) this.#cancel()
    else signal.addEventListener('abort', this.#cancel, { once: true })
  }

  /** The largest message that the child may send about this job. */
  get maxMessageBytes(): number {
    const { job } = this.#request
    return job.kind === 'TEST' ? maxStepMessageBytes : job.limits.maxBytes + job.limits.maxRows + maxAnswerOverheadBytes
  }

  /** Whether the child may say `message` now; if so, it counts. */
  accept(message: JobMessage): boolean {
    const { job, transcript, onStep } = this.#request
    switch (message.kind) {
      case 'STEP':
        this.#messagesLeft -= 1
        if (this.#messagesLeft < 0 || !transcript.accept(message.step, this.#cancelling)) return false
        onStep(message.step)
        return true
      case 'TEST_DONE':
        if (job.kind !== 'TEST' || !transcript.complete) return false
        this.#finish({ kind: 'DONE', message })
        return true
      case 'QUERY_DONE': {
        const { outcome } = message
        if (job.kind !== 'QUERY') return false
        if (outcome.kind === 'RESULT' && outcome.result.rows.length > job.limits.maxRows) return false
        this.#finish({ kind: 'DONE', message })
        return true
      }
    }
  }

  /** The child that ran it is lost. */
  lose(reason: Problem): void {
    this.#finish({ kind: 'PROBLEM', problem: reason })
  }

  readonly #cancel = () => {
    this.#cancelling = true
    this.#control.cancel()
    const reason = hostFailed('it did not stop when it was cancelled')
    this.#grace = setTimeout(() => this.#control.kill(reason), this.#control.killGraceMs)
  }

  #finish(end: JobEnd): void {
    clearTimeout(this.#deadline)
    clearTimeout(this.#grace)
    this.#request.signal.removeEventListener('abort', this.#cancel)
    this.#settle(end)
  }
}
