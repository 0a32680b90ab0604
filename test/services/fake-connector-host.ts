import type { StepReport } from '../../src/connectors/connection-test.ts'
import { passed } from '../../src/connectors/define.ts'
import type { ConnectorHost, JobOptions, TestOutcome } from '../../src/connectors/host/connector-host.ts'
import type { StepMessage, TestJob } from '../../src/connectors/host/protocol.ts'
import { problem } from '../../src/connectors/problem.ts'

const cancelled: StepReport = { status: 'CANCELLED', evidence: [], problem: null }

/** One test that the service asked for, played by the suite. */
export class FakeJob {
  readonly job: TestJob
  readonly options: JobOptions
  readonly outcome = Promise.withResolvers<TestOutcome>()
  readonly #emit: (message: StepMessage) => void
  #open: string[]

  constructor(job: TestJob, emit: (message: StepMessage) => void, options: JobOptions) {
    this.job = job
    this.options = options
    this.#emit = emit
    this.#open = job.plan.map(step => step.id)
  }

  emit(message: StepMessage): void {
    if (message.kind === 'STEP_FINISHED') this.#open = this.#open.filter(id => id !== message.stepId)
    this.#emit(message)
  }

  start(stepId: string): void {
    this.emit({ kind: 'STEP_STARTED', stepId })
  }

  note(stepId: string, note: string): void {
    this.emit({ kind: 'STEP_PROGRESSED', stepId, note })
  }

  finish(stepId: string, report: StepReport = passed(), durationMs: number | null = 3): void {
    this.emit({ kind: 'STEP_FINISHED', stepId, durationMs, report })
  }

  /** Starts and finishes one step. */
  run(stepId: string, report: StepReport = passed()): void {
    this.start(stepId)
    this.finish(stepId, report)
  }

  /** Finishes what is open without having run it. */
  skipRest(blockedBy: string): void {
    const report: StepReport = { status: 'SKIPPED', blockedBy, evidence: [], problem: null }
    for (const id of this.#open) this.finish(id, report, null)
  }

  complete(): void {
    this.outcome.resolve({ kind: 'COMPLETED' })
  }

  /** Everything passes. */
  pass(): void {
    for (const id of this.#open) this.run(id)
    this.complete()
  }

  /** The child dies. */
  crash(): void {
    const reason = 'it was killed by SIGSEGV'
    this.outcome.resolve({ kind: 'FAILED', problem: problem('CONNECTOR_HOST_FAILED', { params: { reason } }) })
  }

  /** What a well-behaved child does when it is asked to stop. */
  cancelRest(): void {
    for (const id of this.#open) this.finish(id, cancelled, null)
    this.complete()
  }
}

/** A connector host whose tests do what the suite says. */
export class FakeConnectorHost implements ConnectorHost {
  /** Every test that was asked for. */
  readonly jobs: FakeJob[] = []
  /** Played for each test; what it does not do the suite does by hand. */
  behave: (job: FakeJob) => void = () => undefined
  /** Whether tests stop when they are asked to. */
  obeys = true
  readonly #waiting: ((job: FakeJob) => void)[] = []
  #given = 0

  test(testJob: TestJob, onStep: (message: StepMessage) => void, options: JobOptions): Promise<TestOutcome> {
    const job = new FakeJob(testJob, onStep, options)
    this.jobs.push(job)
    options.signal.addEventListener('abort', () => {
      if (this.obeys) job.cancelRest()
    })
    this.#waiting.shift()?.(this.#next())
    this.behave(job)
    return job.outcome.promise
  }

  query(): never {
    throw new Error('No query is run here.')
  }

  stream(): never {
    throw new Error('No query is run here.')
  }

  list(): never {
    throw new Error('Nothing is listed here.')
  }

  async close(): Promise<void> {}

  /** The next test that the service asks for, or has asked for and that was not given out yet. */
  async nextJob(): Promise<FakeJob> {
    if (this.#given < this.jobs.length) return this.#next()
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  #next(): FakeJob {
    const job = this.jobs[this.#given++]
    if (!job) throw new Error('There is no such job.')
    return job
  }
}
