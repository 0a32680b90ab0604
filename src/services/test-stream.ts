import type { TestProgress } from './connection-tests.ts'
import type { TestTail } from './test-tail.ts'

export interface TestStreamOptions {
  readonly tail: TestTail
  readonly afterSequence: number
  readonly signal: AbortSignal
  /** Called once, when the stream is over for whatever reason. */
  readonly onClose: () => void
}

/**
 * One reader of a tail. Not an async generator, because one of those cannot be ended while it waits; this one ends at
 * once when its signal aborts or `return` is called, also in the middle of a `next`.
 */
export class TestStream implements AsyncIterableIterator<TestProgress, undefined> {
  readonly #options: TestStreamOptions
  readonly #stopListening: () => void
  readonly #onAbort = () => this.#close()
  #index = 0
  #isClosed = false
  #wakeUp = Promise.withResolvers<void>()

  constructor(options: TestStreamOptions) {
    this.#options = options
    this.#stopListening = options.tail.listen(() => this.#wake())
    options.signal.addEventListener('abort', this.#onAbort, { once: true })
    if (options.signal.aborted) this.#close()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Rejects when the events cannot be read. */
  async next(): Promise<IteratorResult<TestProgress, undefined>> {
    const { tail, afterSequence } = this.#options
    while (!this.#isClosed) {
      const entry = tail.entryAt(this.#index)
      if (entry !== undefined) {
        this.#index++
        if (entry.event.sequence > afterSequence) return { done: false, value: entry }
      } else if (tail.isOver) {
        this.#close()
        if (tail.failure !== null) throw tail.failure.error
      } else {
        await this.#wakeUp.promise
      }
    }
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<TestProgress, undefined>> {
    this.#close()
    return { done: true, value: undefined }
  }

  #wake(): void {
    this.#wakeUp.resolve()
    this.#wakeUp = Promise.withResolvers()
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stopListening()
    this.#options.signal.removeEventListener('abort', this.#onAbort)
    this.#options.onClose()
    this.#wake()
  }
}
