import type { ConnectorHost } from '../connectors/host/connector-host.ts'
import { ConnectionTestLeases } from '../db/connection-test-leases.ts'
import type { ConnectionTestStore, TestAddress } from '../db/connection-test-store.ts'
import type { Database } from '../db/database.ts'
import type { StartTestInput } from './connection-tests.ts'
import { RunningTest } from './running-test.ts'
import type { NewTest } from './test-attempts.ts'
import { type TestKey, testKey } from './test-key.ts'

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
  readonly onChanged: (key: TestKey) => void
  readonly onFault: (error: unknown) => void
}

/** The tests that this process runs. */
export class RunningTests {
  readonly #options: RunningTestsOptions
  readonly #leases: ConnectionTestLeases
  readonly #tests = new Map<TestKey, { readonly address: TestAddress; readonly test: RunningTest }>()

  constructor(options: RunningTestsOptions) {
    this.#options = options
    this.#leases = new ConnectionTestLeases(options.database)
  }

  get(key: TestKey): RunningTest | undefined {
    return this.#tests.get(key)?.test
  }

  /** Runs a test that has just been stored; one that was stored as ended is left alone. */
  launch(
    { workspace, row, snapshot, job, scrub, settleSignIn, compare, release }: NewTest,
    lifetime: StartTestInput['lifetime'],
  ): void {
    if (row.status !== 'RUNNING') {
      release()
      return
    }
    const address = { workspace, id: row.id }
    const key = testKey(address)
    const test = new RunningTest({
      ...this.#options,
      address,
      snapshot,
      job,
      scrub,
      settleSignIn,
      compare,
      lifetime,
      onWritten: () => this.#options.onChanged(key),
    })
    this.#tests.set(key, { address, test })
    void test.ended.then(() => {
      this.#tests.delete(key)
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
      running.map(([, { address }]) => address),
    )
    const cancelRequested = new Map(held.map(test => [testKey(test), test.cancelRequested]))
    for (const [key, { test }] of running) {
      if (!cancelRequested.has(key)) test.lose()
      else if (cancelRequested.get(key)) test.cancel()
    }
  }

  /** Ends every test because this process stops. */
  async interruptAll(): Promise<void> {
    const running = [...this.#tests.values()].map(({ test }) => test)
    for (const test of running) test.interrupt()
    await Promise.all(running.map(test => test.ended))
  }
}
