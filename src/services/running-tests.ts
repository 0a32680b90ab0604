import type { ConnectorHost } from '../connectors/host/connector-host.ts'
import { ConnectionTestLeases } from '../db/connection-test-leases.ts'
import type { ConnectionTestStore } from '../db/connection-test-store.ts'
import type { Database } from '../db/database.ts'
import type { StartTestInput } from './connection-tests.ts'
import { RunningTest } from './running-test.ts'
import type { NewTest } from './test-attempts.ts'

export interface RunningTestsOptions {
  readonly database: Database
  readonly store: ConnectionTestStore
  /** Names this process in leases. */
  readonly owner: string
  readonly leaseMs: number
  readonly host: ConnectorHost
  readonly oneShotGraceMs: number
  readonly stopGraceMs: number
  readonly now: () => Date
  readonly onChanged: (testId: string) => void
  readonly onFault: (error: unknown) => void
}

/** The tests that this process runs, by id. */
export class RunningTests {
  readonly #options: RunningTestsOptions
  readonly #leases: ConnectionTestLeases
  readonly #tests = new Map<string, RunningTest>()

  constructor(options: RunningTestsOptions) {
    this.#options = options
    this.#leases = new ConnectionTestLeases(options.database)
  }

  get(testId: string): RunningTest | undefined {
    return this.#tests.get(testId)
  }

  /** Runs a test that has just been stored; one that was stored as ended is left alone. */
  launch(
    { row, snapshot, job, scrub, settleSignIn, compare, release }: NewTest,
    lifetime: StartTestInput['lifetime'],
  ): void {
    if (row.status !== 'RUNNING') {
      release()
      return
    }
    const { id, workspaceId } = row
    const test = new RunningTest({
      ...this.#options,
      address: { workspaceId, id },
      snapshot,
      job,
      scrub,
      settleSignIn,
      compare,
      lifetime,
      onWritten: () => this.#options.onChanged(id),
    })
    this.#tests.set(id, test)
    void test.ended.then(() => {
      this.#tests.delete(id)
      release()
    })
  }

  /** Tells other processes that this one lives, and learns what they have asked for. */
  async renewLeases(): Promise<void> {
    const running = [...this.#tests]
    if (running.length === 0) return
    const { owner, leaseMs, now } = this.#options
    const lease = { owner, until: new Date(now().getTime() + leaseMs) }
    const held = await this.#leases.renewLeases(
      lease,
      running.map(([id]) => id),
    )
    const cancelRequested = new Map(held.map(row => [row.id, row.cancelRequested]))
    for (const [id, test] of running) {
      if (!cancelRequested.has(id)) test.lose()
      else if (cancelRequested.get(id)) test.cancel()
    }
  }

  /** Ends every test because this process stops. */
  async interruptAll(): Promise<void> {
    const running = [...this.#tests.values()]
    for (const test of running) test.interrupt()
    await Promise.all(running.map(test => test.ended))
  }
}
