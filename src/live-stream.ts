import type { ExecutionResult } from 'graphql'

type Item = IteratorResult<ExecutionResult, undefined>
const done: Item = { done: true, value: undefined }

/** One running subscription: passes on what its source gives, until the source ends or somebody ends it from outside. */
export class LiveStream implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterator<ExecutionResult>
  readonly #onEnd: (stream: LiveStream) => void
  #isOver = false
  /** Of an end from outside, until it is given. */
  #lastItem: ExecutionResult | null = null
  #waiting: PromiseWithResolvers<Item> | null = null

  /** `onEnd` may be called more than once. */
  constructor(source: AsyncIterable<ExecutionResult>, onEnd: (stream: LiveStream) => void) {
    this.#source = source[Symbol.asyncIterator]()
    this.#onEnd = onEnd
  }

  /** Settles when whoever waits for the next item has it. */
  get waiting(): Promise<unknown> | undefined {
    return this.#waiting?.promise
  }

  /** Gives `lastItem` to the client now or next, whatever the source does, and then nothing more. */
  end(lastItem: ExecutionResult): void {
    if (this.#isOver) return
    this.#lastItem = lastItem
    // A source that cannot be ended well is left alone; nobody hears of it any more.
    void this.return().catch(() => undefined)
    const waiting = this.#waiting
    if (waiting !== null) waiting.resolve(this.#afterEnd())
  }

  next(): Promise<Item> {
    if (this.#isOver) return Promise.resolve(this.#afterEnd())
    const waiting = Promise.withResolvers<Item>()
    this.#waiting = waiting
    this.#source.next().then(
      item => {
        this.#waiting = null
        if (item.done) this.#finish()
        waiting.resolve(item.done ? done : item)
      },
      error => {
        this.#waiting = null
        this.#finish()
        waiting.reject(error)
      },
    )
    return waiting.promise
  }

  async return(): Promise<Item> {
    this.#finish()
    await this.#source.return?.()
    return done
  }

  async throw(error: unknown): Promise<Item> {
    await this.return()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #finish(): void {
    this.#isOver = true
    this.#onEnd(this)
  }

  #afterEnd(): Item {
    const value = this.#lastItem
    this.#lastItem = null
    return value === null ? done : { done: false, value }
  }
}
