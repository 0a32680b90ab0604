/** The server has taken more time than it was given. Named as the driver's own error of that kind is. */
export class StatementTimeError extends Error {
  constructor(seconds: number) {
    super(`The server did not finish within ${seconds} s.`)
    this.name = 'MongoOperationTimeoutError'
  }
}

/**
 * How long a server may take in all, of which only the time counts in which it is waited for: a reader may be as slow as
 * he likes. For servers that do not keep to `maxTimeMS`.
 */
export class Patience {
  readonly #totalMs: number
  #spentMs = 0
  #waiting = false

  constructor(totalMs: number) {
    this.#totalMs = totalMs
  }

  /** Whether the server may still be working on what was asked last. */
  get isWaiting(): boolean {
    return this.#waiting
  }

  /** Rejects with a `StatementTimeError` when the time is over; the work then goes on until somebody stops it. */
  async wait<T>(work: Promise<T>): Promise<T> {
    const startedAt = performance.now()
    const { promise: over, reject } = Promise.withResolvers<never>()
    const leftMs = Math.max(0, this.#totalMs - this.#spentMs)
    const timer = setTimeout(() => reject(new StatementTimeError(Math.round(this.#totalMs / 1_000))), leftMs)
    this.#waiting = true
    const settled = work.finally(() => {
      this.#waiting = false
    })
    settled.catch(() => {})
    try {
      return await Promise.race([settled, over])
    } finally {
      clearTimeout(timer)
      this.#spentMs += performance.now() - startedAt
    }
  }
}
