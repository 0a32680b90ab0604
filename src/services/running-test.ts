import { setTimeout as delay } from 'node:timers/promises'
import type { PlannedStep } from '../connectors/connection-test.ts'
import type { ConnectorHost, TestOutcome } from '../connectors/host/connector-host.ts'
import type { StepMessage, TestJob } from '../connectors/host/protocol.ts'
import { type Problem, problem } from '../connectors/problem.ts'
import { ConnectionTestLeases } from '../db/connection-test-leases.ts'
import { closeHeldTest } from './test-closing.ts'
import { isFinished, type TestEnding } from './test-ending.ts'
import { HostProtocolError, TestLostError, TestRecorder, type TestRecorderOptions } from './test-recorder.ts'

export interface RunningTestOptions extends Omit<TestRecorderOptions, 'onBroken'> {
  readonly host: ConnectorHost
  readonly job: TestJob
  readonly lifetime: 'ONE_SHOT' | 'PINNED'
  /** How long a one-shot test goes on without a subscriber. */
  readonly oneShotGraceMs: number
  /** How long a host that was asked to stop is waited for. */
  readonly stopGraceMs: number
  /** Called with what is a bug or a fault of the database. */
  readonly onFault: (error: unknown) => void
}

/** Beyond the steps' budgets: to begin, and to close the session. */
const overheadMs = 5_000
/** How long the host may take beyond the deadline, which it keeps itself, to get a child and to kill it. */
const hostGraceMs = 30_000
/** Between attempts to write the end after the database failed; then the lease runs out and a sweep ends the test. */
const retryDelaysMs = [100, 500, 2_000]

/** How long a test may take, by its plan. */
const deadlineMsOf = (plan: readonly PlannedStep[]): number =>
  plan.reduce((sum, { budgetMs }) => sum + budgetMs, overheadMs)

/** After which a test of this plan cannot be running any more, whatever its host does. */
export const longestRunMs = (plan: readonly PlannedStep[]): number => deadlineMsOf(plan) + hostGraceMs

/** Why a run is over. */
type Halt =
  | { readonly kind: 'OUTCOME'; readonly outcome: TestOutcome }
  /** The host threw, or told nonsense, or was too slow to stop. */
  | { readonly kind: 'FAULT'; readonly problem: Problem }
  /** Nothing can be written any more. */
  | { readonly kind: 'BROKEN'; readonly error: unknown }

/**
 * One test that this process runs, from the stored plan to the stored end. Whatever happens, `ended` resolves within
 * the test's deadline and some seconds, and never rejects.
 */
export class RunningTest {
  readonly ended: Promise<void>
  readonly #options: RunningTestOptions
  readonly #recorder: TestRecorder
  readonly #abort = new AbortController()
  readonly #halt = Promise.withResolvers<Halt>()
  #isHalted = false
  #stopTimer: NodeJS.Timeout | undefined
  #stopReason: 'CANCELLED' | 'INTERRUPTED' | null = null
  #isPinned: boolean
  #subscribers = 0
  #lonelyTimer: NodeJS.Timeout | undefined

  constructor(options: RunningTestOptions) {
    this.#options = options
    this.#isPinned = options.lifetime === 'PINNED'
    this.#recorder = new TestRecorder({ ...options, onBroken: error => this.#halted({ kind: 'BROKEN', error }) })
    this.#watchLoneliness()
    this.ended = this.#run()
  }

  /** Asks for the end as CANCELLED; idempotent. */
  cancel(): void {
    this.#stop('CANCELLED')
  }

  /** Asks for the end because this process stops. */
  interrupt(): void {
    this.#stop('INTERRUPTED')
  }

  /** Another process has ended the test. */
  lose(): void {
    this.#halted({ kind: 'BROKEN', error: new TestLostError() })
  }

  /** From now on the test runs to its end whoever listens. */
  pin(): void {
    this.#isPinned = true
    clearTimeout(this.#lonelyTimer)
  }

  /** Somebody listens in another process, or just came back: the grace time begins anew. */
  extend(): void {
    this.#watchLoneliness()
  }

  /** Counts a subscriber until the result is called. */
  subscribe(): () => void {
    this.#subscribers++
    clearTimeout(this.#lonelyTimer)
    let isCounted = true
    return () => {
      if (!isCounted) return
      isCounted = false
      this.#subscribers--
      this.#watchLoneliness()
    }
  }

  async #run(): Promise<void> {
    const { job, onFault } = this.#options
    const deadlineMs = deadlineMsOf(job.plan)
    const overdue = problem('DEADLINE_EXCEEDED', { params: { seconds: Math.ceil(deadlineMs / 1_000) } })
    const watchdog = setTimeout(() => this.#halted({ kind: 'FAULT', problem: overdue }), longestRunMs(job.plan))
    this.#startHost(deadlineMs)
    try {
      const halt = await this.#halt.promise
      this.#abort.abort()
      if (halt.kind === 'BROKEN') throw halt.error
      await this.#recorder.end(this.#endingOf(halt))
    } catch (error) {
      await this.#recorder.abandon()
      if (error instanceof TestLostError) return
      onFault(error)
      await this.#closeFromStored()
    } finally {
      clearTimeout(watchdog)
      clearTimeout(this.#stopTimer)
      clearTimeout(this.#lonelyTimer)
      this.#isPinned = true
    }
  }

  #startHost(deadlineMs: number): void {
    const { host, job, address, onFault } = this.#options
    const options = { workspaceId: address.workspace.id, signal: this.#abort.signal, deadlineMs }
    Promise.resolve()
      .then(() => host.test(job, message => this.#accept(message), options))
      .then(
        outcome => this.#halted({ kind: 'OUTCOME', outcome }),
        (error: unknown) => {
          onFault(error)
          this.#halted({ kind: 'FAULT', problem: problem('INTERNAL_FAULT') })
        },
      )
  }

  #accept(message: StepMessage): void {
    // What the host says on being told to stop must not change why it was told.
    if (this.#isHalted) return
    try {
      this.#recorder.accept(message)
    } catch (error) {
      if (error instanceof HostProtocolError) {
        this.#halted({
          kind: 'FAULT',
          problem: problem('CONNECTOR_HOST_FAILED', { params: { reason: error.message } }),
        })
        return
      }
      this.#options.onFault(error)
      this.#halted({ kind: 'FAULT', problem: problem('INTERNAL_FAULT') })
    }
  }

  #halted(halt: Halt): void {
    this.#isHalted = true
    this.#halt.resolve(halt)
  }

  #stop(reason: 'CANCELLED' | 'INTERRUPTED'): void {
    if (this.#stopReason !== null) return
    this.#stopReason = reason
    this.#abort.abort()
    // A host that does not stop is left behind; the steps it has not reported are closed here.
    const unresponsive = problem('CONNECTOR_HOST_FAILED', { params: { reason: 'it did not stop when asked to' } })
    this.#stopTimer = setTimeout(
      () => this.#halted({ kind: 'FAULT', problem: unresponsive }),
      this.#options.stopGraceMs,
    )
  }

  /** What was measured stands: once every step has reported, their results are the test's, however the host ended. */
  #endingOf(halt: Exclude<Halt, { kind: 'BROKEN' }>): TestEnding {
    const { steps } = this.#recorder.snapshot
    const isComplete = steps.every(isFinished)
    const wasCutShort = !isComplete || steps.some(step => step.status === 'CANCELLED')
    if (this.#stopReason === 'INTERRUPTED' && wasCutShort) {
      return { kind: 'ERRORED', problem: problem('TEST_INTERRUPTED') }
    }
    if (this.#stopReason === 'CANCELLED' && wasCutShort) return { kind: 'CANCELLED' }
    if (halt.kind === 'FAULT') return { kind: 'ERRORED', problem: halt.problem }
    if (isComplete) return { kind: 'BY_STEPS' }
    if (halt.outcome.kind === 'FAILED') return { kind: 'ERRORED', problem: halt.outcome.problem }
    return {
      kind: 'ERRORED',
      problem: problem('CONNECTOR_HOST_FAILED', { params: { reason: 'it ended before every step had been reported' } }),
    }
  }

  async #closeFromStored(): Promise<void> {
    const { database, store, address, owner, now, onWritten, onFault } = this.#options
    const leases = new ConnectionTestLeases(database)
    for (const delayMs of [...retryDelaysMs, null]) {
      try {
        await database.write(async tx => {
          const row = await leases.hold(tx, address, owner)
          const ending: TestEnding = { kind: 'ERRORED', problem: problem('INTERNAL_FAULT') }
          if (row !== null) await closeHeldTest(store, tx, { address, row, owner }, ending, now())
        })
        onWritten()
        return
      } catch (error) {
        onFault(error)
        if (delayMs === null) return
        await delay(delayMs)
      }
    }
  }

  #watchLoneliness(): void {
    clearTimeout(this.#lonelyTimer)
    if (this.#isPinned || this.#subscribers > 0) return
    this.#lonelyTimer = setTimeout(() => this.cancel(), this.#options.oneShotGraceMs)
  }
}
