import type { Listing, ListingRequest } from '../browse.ts'
import type { QueryLimits } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import type { RowsPart } from './connector-host.ts'
import {
  maxColumnsBytes,
  maxListingBytes,
  maxReportBytes,
  maxRowBytes,
  rowsMessageBytes,
  rowsOverheadBytes,
  rowWindowBytes,
} from './message-limits.ts'
import type { ChildMessage, Job, StepMessage } from './protocol.ts'
import type { QueryInbox } from './query-inbox.ts'
import { type RowsMessage, weightOf } from './rows-message.ts'
import { rowsPart } from './rows-part.ts'
import type { TestTranscript } from './test-transcript.ts'

/** Twice what a child's own limiter lets through. */
const maxNotesPerSecond = 20

export interface JobRequest {
  readonly job: Job
  /** What the child may say about the job's steps; of no steps for anything but a test. */
  readonly transcript: TestTranscript
  /** Called in order, before the job's end; must not throw. */
  readonly onStep: (message: StepMessage) => void
  /** Where a query's columns and rows go; its end is that of the job. */
  readonly inbox?: QueryInbox
  readonly signal: AbortSignal
  readonly deadlineMs: number
}

export type DoneMessage = Extract<ChildMessage, { kind: 'TEST_DONE' | 'QUERY_DONE' | 'LISTING_DONE' }>
export type JobMessage = DoneMessage | Extract<ChildMessage, { kind: 'STEP' | 'COLUMNS' | 'ROWS' }>
export type JobEnd =
  | { readonly kind: 'DONE'; readonly message: DoneMessage }
  | { readonly kind: 'PROBLEM'; readonly problem: Problem }

/** How a running job reaches the child that runs it. */
export interface JobControl {
  readonly killGraceMs: number
  /** Asks the child to stop. */
  cancel(): void
  /** Lets the child send rows of so much weight more. */
  grant(bytes: number): void
  /** Ends the child, which ends the job with `reason`. */
  kill(reason: Problem): void
  /** Takes back what a message of rows was in. */
  readonly recycle: (json: Buffer) => void
  /** The child has lied: ends it, whatever it does now. */
  breach(): void
}

export const brokeProtocol = 'it broke the protocol'

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
  #ended = false
  #messagesLeft: number
  #columnCount: number | null = null
  #rows = 0
  /** Bytes of rows, with the comma that follows each. */
  #rowBytes = 0
  /** Of the ROWS messages that nobody has taken yet. */
  #weight = 0

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
    if (request.inbox) {
      request.inbox.onTaken = weight => {
        this.#weight -= weight
        if (!this.#ended) control.grant(weight)
      }
    }
    if (signal.aborted) this.#cancel()
    else signal.addEventListener('abort', this.#cancel, { once: true })
  }

  /** The largest message that the child may send about this job. */
  get maxMessageBytes(): number {
    const { job } = this.#request
    if (job.kind === 'TEST') return maxReportBytes
    if (job.kind === 'LIST') return maxListingBytes
    const largestRow = Math.min(job.limits.maxBytes, maxRowBytes)
    return Math.max(rowsMessageBytes, largestRow, maxColumnsBytes, maxReportBytes) + rowsOverheadBytes
  }

  /** Whether the child may say `message` now; if so, it counts. */
  accept(message: JobMessage): boolean {
    const { job, transcript, onStep, inbox } = this.#request
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
      case 'COLUMNS':
        if (job.kind !== 'QUERY' || this.#columnCount !== null) return false
        this.#columnCount = message.columns.length
        inbox?.put({ kind: 'COLUMNS', columns: message.columns }, 0)
        return true
      case 'ROWS':
        if (job.kind !== 'QUERY' || this.#columnCount === null || !this.#hasRoomFor(message, job.limits)) return false
        inbox?.put(this.#partOf(message, this.#columnCount), weightOf(message.json))
        return true
      case 'QUERY_DONE':
        if (job.kind !== 'QUERY') return false
        this.#finish({ kind: 'DONE', message })
        return true
      case 'LISTING_DONE':
        if (job.kind !== 'LIST' || !answers(message.listing, job.request)) return false
        this.#finish({ kind: 'DONE', message })
        return true
    }
  }

  #partOf(message: RowsMessage, columnCount: number): RowsPart {
    return rowsPart(message, { columnCount, onLie: this.#distrust, recycle: this.#control.recycle })
  }

  /** Whether the rows fit the limits and the window; if so, they count. */
  #hasRoomFor({ count, json }: RowsMessage, { maxRows, maxBytes }: QueryLimits): boolean {
    const weight = weightOf(json)
    if (this.#weight > 0 && this.#weight + weight > rowWindowBytes) return false
    this.#weight += weight
    this.#rows += count
    this.#rowBytes += json.length + 1
    return this.#rows <= maxRows && this.#rowBytes <= maxBytes
  }

  /** Rows turned out not to be what they should be, if only when they were read: nothing of the result can be believed. */
  readonly #distrust = (): Problem => {
    const reason = hostFailed(brokeProtocol)
    this.#request.inbox?.fail(reason)
    this.#control.breach()
    return reason
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
    this.#ended = true
    clearTimeout(this.#deadline)
    clearTimeout(this.#grace)
    this.#request.signal.removeEventListener('abort', this.#cancel)
    this.#settle(end)
  }
}

/** Whether a page is of what was asked for, and no longer than was asked for. */
const answers = ({ items }: Listing, { kind, page }: ListingRequest): boolean =>
  items.length <= page.first && items.every(item => 'value' in item === (kind === 'OPTIONS'))
