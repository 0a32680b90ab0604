import { failed, passed } from '../../src/connectors/define.ts'
import type { ConnectorHost, JobOptions, TestOutcome } from '../../src/connectors/host/connector-host.ts'
import type { ListingJob, QueryJob, StepMessage, TestJob } from '../../src/connectors/host/protocol.ts'
import { problem } from '../../src/connectors/problem.ts'

/** What a job was about, as the host heard of it. */
export interface PlayedJob {
  readonly kind: 'TEST' | 'QUERY' | 'LIST'
  readonly workspaceId: string
  readonly config: unknown
  /** How it ended; null while it goes on. */
  end: 'DONE' | 'CANCELLED' | null
}

const hostOf = (config: unknown): string => String((config as { host?: unknown }).host ?? '')

/**
 * A connector host without processes. What it does follows from the configuration's host: tests of `held…` wait until
 * they are cancelled, of `refuses…` the sign-in is refused, everything else passes. Queries and lists answer with words
 * that only the one configuration has.
 */
export class PlayedHost implements ConnectorHost {
  readonly jobs: PlayedJob[] = []

  async test(job: TestJob, onStep: (message: StepMessage) => void, options: JobOptions): Promise<TestOutcome> {
    const played = this.#note('TEST', job.config, options)
    const host = hostOf(job.config)
    const finish = (stepId: string, report = passed()) =>
      onStep({ kind: 'STEP_FINISHED', stepId, durationMs: 1, report })
    let blockedBy: string | null = null
    for (const { id, key } of job.plan) {
      if (host.startsWith('held') && key === 'CONNECT') {
        onStep({ kind: 'STEP_STARTED', stepId: id })
        await aborted(options.signal)
      }
      if (options.signal.aborted) {
        onStep({ kind: 'STEP_FINISHED', stepId: id, durationMs: null, report: cancelled })
      } else if (blockedBy !== null) {
        onStep({ kind: 'STEP_FINISHED', stepId: id, durationMs: null, report: skipped(blockedBy) })
      } else {
        onStep({ kind: 'STEP_STARTED', stepId: id })
        const isRefused = host.startsWith('refuses') && key === 'SIGN_IN'
        finish(id, isRefused ? failed(problem('CREDENTIALS_REJECTED')) : passed())
        if (isRefused) blockedBy = id
      }
    }
    played.end = options.signal.aborted ? 'CANCELLED' : 'DONE'
    return { kind: 'COMPLETED' }
  }

  async query(job: QueryJob, options: JobOptions) {
    this.#note('QUERY', job.config, options).end = 'DONE'
    const columns = [{ name: 'host', nativeType: 'text', type: 'TEXT' as const }]
    return { kind: 'RESULT' as const, result: { columns, rows: [[hostOf(job.config)]], truncated: false } }
  }

  stream(): never {
    throw new Error('No result is streamed here.')
  }

  async list(job: ListingJob, options: JobOptions) {
    this.#note('LIST', job.config, options).end = 'DONE'
    const host = hostOf(job.config)
    const items =
      job.request.kind === 'OPTIONS'
        ? [{ value: `option of ${host}` }]
        : [{ name: `table of ${host}`, kind: 'TABLE' as const, hasChildren: true }]
    return { items, next: 'more', problem: null }
  }

  async close(): Promise<void> {}

  #note(kind: PlayedJob['kind'], config: unknown, { workspaceId }: JobOptions): PlayedJob {
    const job: PlayedJob = { kind, workspaceId, config, end: null }
    this.jobs.push(job)
    return job
  }
}

const cancelled = { status: 'CANCELLED', evidence: [], problem: null } as const
const skipped = (blockedBy: string) => ({ status: 'SKIPPED', blockedBy, evidence: [], problem: null }) as const

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
