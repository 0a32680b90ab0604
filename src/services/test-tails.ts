import type { ConnectionTestStore, TestAddress } from '../db/connection-test-store.ts'
import { type TestKey, testKey } from './test-key.ts'
import { TestTail } from './test-tail.ts'

export interface TestTailsOptions {
  readonly store: ConnectionTestStore
  readonly pollMs: number
  /** Called now and then for each test that is followed and runs. */
  readonly onPoll: (key: TestKey) => void
}

/** The tests that this process follows: one tail for each, as long as it has readers. */
export class TestTails {
  readonly #options: TestTailsOptions
  readonly #tails = new Map<TestKey, { readonly tail: TestTail; users: number }>()
  #isClosed = false

  constructor(options: TestTailsOptions) {
    this.#options = options
  }

  /** How many tests are followed. */
  get size(): number {
    return this.#tails.size
  }

  /** The tail of a test and how to leave it; leaving twice does nothing. */
  join(address: TestAddress): { readonly tail: TestTail; readonly leave: () => void } {
    const key = testKey(address)
    const { store, pollMs, onPoll } = this.#options
    const entry = this.#tails.get(key) ?? {
      tail: new TestTail({ store, address, pollMs, onPoll: () => onPoll(key) }),
      users: 0,
    }
    this.#tails.set(key, entry)
    entry.users++
    if (this.#isClosed) entry.tail.stop()
    let isJoined = true
    const leave = () => {
      if (!isJoined) return
      isJoined = false
      if (--entry.users > 0) return
      entry.tail.stop()
      this.#tails.delete(key)
    }
    return { tail: entry.tail, leave }
  }

  /** Something may be new in this test. */
  wake(key: TestKey): void {
    void this.#tails.get(key)?.tail.wake()
  }

  /** Lets every reader have what there is, then ends them all. */
  async close(): Promise<void> {
    this.#isClosed = true
    const tails = [...this.#tails.values()].map(entry => entry.tail)
    await Promise.all(tails.map(tail => tail.wake()))
    for (const tail of tails) tail.stop()
  }
}
