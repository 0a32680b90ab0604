import { type Listing, notListed } from '../browse.ts'
import type { QueryEnd, QueryOutcome, QueryResult, Row } from '../define.ts'
import type { ConnectorHost, JobOptions, QueryPart, TestOutcome } from './connector-host.ts'
import type { HostLogger } from './host-child.ts'
import { JobScheduler } from './job-scheduler.ts'
import type { ListingJob, QueryJob, StepMessage, TestJob } from './protocol.ts'
import { QueryInbox } from './query-inbox.ts'
import type { JobEnd } from './running-job.ts'
import { TestTranscript } from './test-transcript.ts'

export interface ConnectorHostOptions {
  /** The file that a child runs: `child.ts`, or its bundle. */
  readonly childEntry: URL
  /** Real paths that a child may read (`connectorHostReadRoots`). */
  readonly readRoots: readonly string[]
  /** Processes at most. With more than one, no workspace may hold them all. */
  readonly maxChildren?: number
  /** Jobs that may wait for a child at most, over all workspaces. */
  readonly queueLimit?: number
  readonly queueWaitMs?: number
  readonly startTimeoutMs?: number
  readonly recycleAfterJobs?: number
  /** Resident memory, in MiB, at which a child is killed. */
  readonly maxChildRssMb?: number
  /** How long a cancelled job may take to end in order before its child is killed. */
  readonly killGraceMs?: number
  /** How long a child that has served a workspace waits for that workspace's next job. */
  readonly idleMs?: number
  /** When to start the first child, unless a job comes before; at once by default. */
  readonly prewarmAfter?: Promise<void>
  readonly logger?: HostLogger
  /** Called when a child finds that its sandbox does not hold here. Jobs are then never run. */
  readonly onUnfit?: (reason: string) => void
}

/** A `ConnectorHost` over sandboxed child processes. Starts one before there is a job, which then need not wait for it. */
export function createConnectorHost(options: ConnectorHostOptions): ConnectorHost {
  return new ChildPool(
    new JobScheduler({
      entry: options.childEntry,
      readRoots: options.readRoots,
      maxChildren: options.maxChildren ?? 4,
      queueLimit: options.queueLimit ?? 64,
      queueWaitMs: options.queueWaitMs ?? 2_000,
      startTimeoutMs: options.startTimeoutMs ?? 10_000,
      recycleAfterJobs: options.recycleAfterJobs ?? 100,
      maxRssMb: options.maxChildRssMb ?? 400,
      // Longer than the two seconds that a run may take to close.
      killGraceMs: options.killGraceMs ?? 3_000,
      idleMs: options.idleMs ?? 60_000,
      prewarmAfter: options.prewarmAfter ?? null,
      logger: options.logger ?? { warn: () => {} },
      onUnfit: options.onUnfit ?? (() => {}),
    }),
  )
}

class ChildPool implements ConnectorHost {
  readonly #scheduler: JobScheduler

  constructor(scheduler: JobScheduler) {
    this.#scheduler = scheduler
  }

  async test(job: TestJob, onStep: (message: StepMessage) => void, options: JobOptions): Promise<TestOutcome> {
    const transcript = new TestTranscript(job.plan)
    const bugs: unknown[] = []
    const tell = (message: StepMessage) => {
      try {
        if (bugs.length === 0) onStep(message)
      } catch (error) {
        bugs.push(error)
      }
    }
    const end = options.signal.aborted ? null : await this.#scheduler.run({ ...options, job, transcript, onStep: tell })
    // Cancelled is cancelled, also when the child had to be killed for it or was never reached.
    const cancelled = options.signal.aborted && end?.kind !== 'DONE'
    if (cancelled) for (const message of transcript.cancelRest()) tell(message)
    if (bugs.length > 0) throw bugs[0]
    return end?.kind === 'PROBLEM' && !cancelled ? { kind: 'FAILED', problem: end.problem } : { kind: 'COMPLETED' }
  }

  async query(job: QueryJob, options: JobOptions): Promise<QueryOutcome> {
    let columns: QueryResult['columns'] = []
    const rows: Row[] = []
    for await (const part of this.stream(job, options)) {
      if (part.kind === 'COLUMNS') columns = part.columns
      else if (part.kind === 'PROBLEM') return part
      else if (part.kind === 'COMPLETE') return { kind: 'RESULT', result: { columns, rows, truncated: part.truncated } }
      else {
        const read = part.read()
        if (read.kind === 'PROBLEM') return read
        // By hand: a batch may have more rows than a call may have arguments.
        for (const row of read.rows) rows.push(row)
        part.release()
      }
    }
    throw new Error('A query ended without saying how.')
  }

  async *stream(job: QueryJob, options: JobOptions): AsyncGenerator<QueryPart, void, void> {
    const { signal } = options
    signal.throwIfAborted()
    const inbox = new QueryInbox()
    const stop = new AbortController()
    const abort = () => {
      inbox.abort(signal.reason)
      stop.abort(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    try {
      // The child may take its grace time to clean up; nobody has to wait for that.
      const run = this.#scheduler.run({
        ...options,
        signal: stop.signal,
        job,
        transcript: new TestTranscript([]),
        onStep: () => {},
        inbox,
      })
      void run.then(end => inbox.end(queryEnd(end)))
      for (;;) {
        const part = await inbox.take()
        yield part
        if (part.kind === 'COMPLETE' || part.kind === 'PROBLEM') return
      }
    } finally {
      signal.removeEventListener('abort', abort)
      stop.abort()
    }
  }

  async list(job: ListingJob, options: JobOptions): Promise<Listing> {
    const { signal } = options
    signal.throwIfAborted()
    const left = Promise.withResolvers<never>()
    const abort = () => left.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      // The child may take its grace time to clean up; nobody has to wait for that.
      const run = this.#scheduler.run({ ...options, job, transcript: new TestTranscript([]), onStep: () => {} })
      const end = await Promise.race([run, left.promise])
      return listingEnd(end)
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  close(): Promise<void> {
    return this.#scheduler.close()
  }
}

function queryEnd(end: JobEnd): QueryEnd {
  if (end.kind === 'PROBLEM') return end
  if (end.message.kind !== 'QUERY_DONE') throw new Error('A query ended as something else.')
  return end.message.end
}

function listingEnd(end: JobEnd): Listing {
  if (end.kind === 'PROBLEM') return notListed(end.problem)
  if (end.message.kind !== 'LISTING_DONE') throw new Error('A listing ended as something else.')
  return end.message.listing
}
