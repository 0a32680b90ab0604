import { setTimeout as delay } from 'node:timers/promises'

/** How fast one run may ask: no more than `requests` within any `perMs` milliseconds. */
export class RateLimit {
  readonly #requests: number
  readonly #perMs: number
  /** When the last ones were made, the oldest first. */
  readonly #made: number[] = []

  constructor({ requests, perSeconds }: { readonly requests: number; readonly perSeconds: number }) {
    this.#requests = requests
    this.#perMs = perSeconds * 1_000
  }

  /** How long the next request has to wait, in milliseconds. */
  waitMs(now = performance.now()): number {
    const oldest = this.#made.length < this.#requests ? undefined : this.#made[0]
    return oldest === undefined ? 0 : Math.max(0, oldest + this.#perMs - now)
  }

  /** Resolves when the next request may be made, which is then counted. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<void> {
    for (let waitMs = this.waitMs(); waitMs > 0; waitMs = this.waitMs()) {
      await delay(Math.ceil(waitMs), undefined, { signal }).catch(() => signal.throwIfAborted())
    }
    signal.throwIfAborted()
    this.#made.push(performance.now())
    if (this.#made.length > this.#requests) this.#made.shift()
  }
}
