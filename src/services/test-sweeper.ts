import { problem } from '../connectors/problem.ts'
import { type Abandoned, ConnectionTestLeases } from '../db/connection-test-leases.ts'
import { ConnectionTestRetention } from '../db/connection-test-retention.ts'
import type { ConnectionTestStore, TestAddress } from '../db/connection-test-store.ts'
import type { Database } from '../db/database.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import { closeHeldTest } from './test-closing.ts'
import { type TestKey, testKey } from './test-key.ts'

export interface TestSweeperOptions {
  readonly database: Database
  readonly store: ConnectionTestStore
  readonly signIns: SignInGuard
  /** Of this process. */
  readonly owner: string
  /** Whether no other process can be using the database. */
  readonly soleInstance: boolean
  readonly isRunningHere: (key: TestKey) => boolean
  readonly onClosed: (key: TestKey) => void
  readonly onFault: (error: unknown) => void
}

const retentionMs = 24 * 60 * 60 * 1_000
const batchSize = 100
/** A sweep ends after so many batches; the next one goes on. */
const maxBatches = 20

/** Ends tests whose process is gone, and removes what has been kept long enough. */
export class TestSweeper {
  readonly #options: TestSweeperOptions
  readonly #leases: ConnectionTestLeases
  readonly #retention: ConnectionTestRetention
  #isFirst = true

  constructor(options: TestSweeperOptions) {
    this.#options = options
    this.#leases = new ConnectionTestLeases(options.database)
    this.#retention = new ConnectionTestRetention(options.database)
  }

  /** Safe to run in several processes at once. */
  async sweep(now: Date): Promise<void> {
    const { soleInstance, owner } = this.#options
    // The first time nothing that another process ran can still be alive, so nobody has to wait for a lease.
    await this.#closeAbandoned(this.#isFirst && soleInstance ? { notOwner: owner } : { leaseOverAt: now }, now)
    this.#isFirst = false
    const endedBefore = new Date(now.getTime() - retentionMs)
    await inBatches(() => this.#retention.pruneEvents(endedBefore, batchSize))
    await inBatches(() => this.#retention.pruneDrafts(endedBefore, batchSize))
    await inBatches(() => this.#options.signIns.prune(now, batchSize))
  }

  #closeAbandoned(abandoned: Abandoned, now: Date): Promise<void> {
    const { isRunningHere, onFault } = this.#options
    const tried = new Set<TestKey>()
    return inBatches(async () => {
      const found = await this.#leases.findAbandoned(abandoned, batchSize)
      const untried = found.filter(address => !tried.has(testKey(address)) && !isRunningHere(testKey(address)))
      for (const address of untried) {
        tried.add(testKey(address))
        // One test that cannot be closed must not keep the others open.
        await this.#close(address, abandoned, now).catch(onFault)
      }
      return untried.length === 0 ? 0 : found.length
    })
  }

  async #close(address: TestAddress, abandoned: Abandoned, now: Date): Promise<void> {
    const { database, store, owner, onClosed } = this.#options
    const isClosed = await database.write(async tx => {
      const row = await this.#leases.takeOver(tx, address, owner, abandoned)
      if (row === null) return false
      const ending = { kind: 'ERRORED', problem: problem('TEST_INTERRUPTED') } as const
      await closeHeldTest(store, tx, { address, row, owner }, ending, now)
      return true
    })
    if (isClosed) onClosed(testKey(address))
  }
}

async function inBatches(run: () => Promise<number>): Promise<void> {
  for (let batch = 0; batch < maxBatches; batch++) {
    if ((await run()) < batchSize) return
  }
}
