import { applyEvent, type TestEvent, type TestSnapshot } from '../connectors/connection-test.ts'
import { type ConnectionTestStore, snapshotOf, type TestAddress } from '../db/connection-test-store.ts'
import type { TestProgress } from './connection-tests.ts'

const batchSize = 500
/** Reads of the database that may fail one after another before readers are told. */
const maxFailures = 10

export interface TestTailOptions {
  readonly store: ConnectionTestStore
  readonly address: TestAddress
  /** How often to look without having been woken, because wake-ups may be lost. */
  readonly pollMs: number
  /** Called as often, until the test is over. */
  readonly onPoll: () => void
}

/**
 * Follows the event table for one test and all its readers in this process. Each event is read and folded once, into
 * one list; a reader is a position in that list and a wake-up, so a slow reader keeps nothing of its own.
 */
export class TestTail {
  readonly #options: TestTailOptions
  readonly #entries: TestProgress[] = []
  readonly #listeners = new Set<() => void>()
  readonly #poll: NodeJS.Timeout
  #snapshot: TestSnapshot | null = null
  #isOver = false
  #failure: { readonly error: unknown } | null = null
  #failuresInRow = 0
  #isStale = false
  #reading: Promise<void> | null = null

  constructor(options: TestTailOptions) {
    this.#options = options
    this.#poll = setInterval(() => {
      options.onPoll()
      void this.wake()
    }, options.pollMs)
    void this.wake()
  }

  /** Whether nothing will be added any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Why it ended before the test did. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure
  }

  entryAt(index: number): TestProgress | undefined {
    return this.#entries[index]
  }

  /** Calls `listener` whenever there is something new, until the result is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Looks for new events; wake-ups during a look are one more look. Resolves when it is done, never rejects. */
  wake(): Promise<void> {
    this.#isStale = true
    this.#reading ??= this.#readWhileStale()
    return this.#reading
  }

  /** Resolves when nothing will be added any more, or when `signal` aborts. */
  over(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const check = () => {
      if (this.#isOver || signal.aborted) resolve()
    }
    const stopListening = this.listen(check)
    signal.addEventListener('abort', check)
    check()
    return promise.finally(() => {
      stopListening()
      signal.removeEventListener('abort', check)
    })
  }

  /** Ends it for all its readers. */
  stop(): void {
    this.#finish()
  }

  async #readWhileStale(): Promise<void> {
    while (this.#isStale && !this.#isOver) {
      this.#isStale = false
      try {
        await this.#read()
        this.#failuresInRow = 0
      } catch (error) {
        if (++this.#failuresInRow >= maxFailures) this.#fail(error)
      }
    }
    this.#reading = null
  }

  async #read(): Promise<void> {
    if (await this.#readEvents()) return
    const { store, address } = this.#options
    const row = await store.find(address)
    if (row?.status === 'RUNNING') return
    // Ended in the meantime: its last events were written with the row, so they can be read now unless they are pruned.
    await this.#readEvents()
    if (!this.#isOver) this.#finish(row === null ? null : lastEvent(address, snapshotOf(row)))
  }

  /** Whether there was anything that follows what is known. */
  async #readEvents(): Promise<boolean> {
    const { store, address } = this.#options
    const before = this.#entries.length
    for (let isMore = true; isMore && !this.#isOver; ) {
      const events = await store.eventsAfter(address, this.#snapshot?.sequence ?? 0, batchSize)
      isMore = this.#add(events) && events.length === batchSize
    }
    return this.#entries.length > before
  }

  /** False when the events do not follow what is known, because older ones have been pruned. */
  #add(events: readonly TestEvent[]): boolean {
    for (const event of events) {
      if (event.sequence !== (this.#snapshot?.sequence ?? 0) + 1) return false
      this.#snapshot = applyEvent(this.#snapshot, event)
      this.#entries.push({ testId: this.#options.address.id, event, snapshot: this.#snapshot })
    }
    if (events.at(-1)?.type === 'FINISHED') this.#finish()
    else if (events.length > 0) this.#tell()
    return true
  }

  #finish(last: TestProgress | null = null): void {
    if (this.#isOver) return
    if (last !== null && last.event.sequence > (this.#snapshot?.sequence ?? 0)) this.#entries.push(last)
    this.#isOver = true
    clearInterval(this.#poll)
    this.#tell()
  }

  #fail(error: unknown): void {
    this.#failure = { error }
    this.#finish()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** What is left to tell of a test whose events are gone: its end. */
function lastEvent({ id }: TestAddress, snapshot: TestSnapshot): TestProgress {
  const { sequence, status, finishedAt, startedAt, durationMs, problem, comparison } = snapshot
  if (status === 'RUNNING') throw new Error('An ended test has the snapshot of a running one.')
  const event: TestEvent = {
    type: 'FINISHED',
    sequence,
    at: finishedAt ?? startedAt,
    status,
    durationMs: durationMs ?? 0,
    problem,
    ...(comparison && { comparison }),
  }
  return { testId: id, event, snapshot }
}
