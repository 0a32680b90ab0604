import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { TableReference } from './bigquery-data.ts'
import type { BigQueryOutcome } from './bigquery-statements.ts'
import { bigQueryRefusal, failureOfJob, type GoogleReason } from './google-refusals.ts'

export type WaitingState = 'PENDING' | 'RUNNING'

export interface JobRequest {
  readonly id: string | undefined
  readonly projectId: string
  readonly location: string
  readonly sql: string
  /** E-mail address of whose it is. */
  readonly owner: string
  readonly maximumBytesBilled: number | undefined
  /** Of `jobTimeoutMs`. */
  readonly timeoutMs: number | undefined
  readonly requestId?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

export interface BigQueryJob extends JobRequest {
  readonly id: string
  readonly outcome: BigQueryOutcome
  readonly startedAt: number
  readonly ended: Promise<void>
  state: WaitingState | 'DONE'
  error: GoogleReason | undefined
  bytesBilled: number
  /** Whether it was stopped before it was done. */
  isCancelled: boolean
  end(error?: GoogleReason): void
}

export interface BigQueryJobsOptions {
  /** The states that are told before the last one, one for each request that asks. */
  readonly waits?: readonly WaitingState[]
  /** The state that a statement never leaves by itself. */
  readonly staysIn?: (sql: string) => WaitingState | undefined
  /** What a statement fails for when it runs. */
  readonly fails?: (sql: string) => GoogleReason | undefined
}

const megabyte = 1_048_576
/** At least ten megabytes for each table. */
export const billedBytes = (bytes: number, tables: readonly TableReference[] = []): number =>
  bytes === 0 ? 0 : Math.max(10 * megabyte * Math.max(1, tables.length), Math.ceil(bytes / megabyte) * megabyte)

/** Jobs that were started: dry runs are none. */
export class BigQueryJobs {
  readonly all: BigQueryJob[] = []
  readonly #options: BigQueryJobsOptions
  readonly #polls = new Map<string, number>()

  constructor(options: BigQueryJobsOptions) {
    this.#options = options
  }

  get running(): number {
    return this.all.filter(({ state }) => state !== 'DONE').length
  }

  start(request: JobRequest, outcome: BigQueryOutcome): BigQueryJob {
    const id = request.id ?? `job_${randomUUID()}`
    const { projectId, location } = request
    if (this.all.some(job => job.id === id && job.location === location)) {
      throw bigQueryRefusal('duplicate', `Already Exists: Job ${projectId}:${location}.${id}`)
    }
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const job: BigQueryJob = {
      ...request,
      id,
      outcome,
      ended,
      startedAt: Date.now(),
      state: this.#options.staysIn?.(request.sql) ?? this.#options.waits?.[0] ?? 'DONE',
      error: undefined,
      bytesBilled: 0,
      isCancelled: false,
      end: error => {
        if (job.state === 'DONE') return
        job.state = 'DONE'
        job.error = error
        resolve()
      },
    }
    this.all.push(job)
    if (job.state === 'DONE') this.#finish(job)
    const { timeoutMs } = job
    if (timeoutMs !== undefined && job.state !== 'DONE') {
      setTimeout(() => job.end(timedOut(timeoutMs)), timeoutMs).unref()
    }
    return job
  }

  /** Throws as the API does: a job is found only where it is. */
  find(projectId: string, id: string, location: string | undefined): BigQueryJob {
    // Without a location only the two large ones are searched.
    const isThere = (of: string) => (location === undefined ? ['US', 'EU'].includes(of) : of === location)
    const found = this.all.find(job => job.projectId === projectId && job.id === id && isThere(job.location))
    if (!found) throw bigQueryRefusal('notFound', `Not found: Job ${projectId}:${location ? `${location}.` : ''}${id}`)
    return found
  }

  /** One request that asks after it, and waits no longer than it says. Throws when the job has failed. */
  async poll(job: BigQueryJob, timeoutMs: number): Promise<void> {
    await this.look(job, timeoutMs)
    if (job.error) throw failureOfJob(job.error)
  }

  /** The same for one that reads its state only. */
  async look(job: BigQueryJob, timeoutMs: number): Promise<void> {
    if (job.state === 'DONE') return
    const { staysIn, waits = [] } = this.#options
    const polls = (this.#polls.get(job.id) ?? 0) + 1
    this.#polls.set(job.id, polls)
    if (staysIn?.(job.sql) !== undefined) {
      await Promise.race([job.ended, delay(timeoutMs, undefined, { ref: false })])
      return
    }
    const next = waits[polls]
    if (next !== undefined) job.state = next
    else this.#finish(job)
  }

  cancel(job: BigQueryJob): void {
    if (job.state === 'DONE') return
    job.isCancelled = true
    job.end({ reason: 'stopped', message: 'Job execution was cancelled: User requested cancellation' })
  }

  #finish(job: BigQueryJob): void {
    const { outcome, sql, maximumBytesBilled } = job
    const billed = outcome.cacheHit ? 0 : billedBytes(outcome.bytesProcessed ?? 0, outcome.referencedTables)
    const isTooMuch = maximumBytesBilled !== undefined && billed > maximumBytesBilled
    const error = isTooMuch ? tooManyBytes(maximumBytesBilled, billed) : this.#options.fails?.(sql)
    job.state = 'RUNNING'
    if (!error) job.bytesBilled = billed
    job.end(error)
  }
}

const tooManyBytes = (limit: number, billed: number): GoogleReason => ({
  reason: 'bytesBilledLimitExceeded',
  message: `Query exceeded limit for bytes billed: ${limit}. ${billed} or higher required.`,
})

const timedOut = (timeoutMs: number): GoogleReason => ({
  reason: 'stopped',
  message: `Job execution was cancelled: Job timed out after ${timeoutMs} ms`,
})
