import { RateLimitedError } from './errors.ts'
import { TokenBuckets } from './token-buckets.ts'

export interface FairLimitsOptions {
  /** Operations of one workspace that may run at once. */
  readonly perWorkspace: number
  /** Operations that may run at once in this process. */
  readonly perProcess: number
  /** Starts that one workspace may make in a minute; as many at once after a minute of rest. */
  readonly startsPerMinute: number
}

/** How long to wait for a free place is not known, so this is only polite. */
const placeRetrySeconds = 2

/**
 * Keeps one workspace from taking everything: places for running operations, and a token bucket for starts. Counts
 * what this process runs; places never have to be waited for, so no queue can grow.
 */
export class FairLimits {
  readonly #options: FairLimitsOptions
  readonly #starts: TokenBuckets
  readonly #running = new Map<string, number>()
  #total = 0

  /** `now` answers milliseconds. */
  constructor(options: FairLimitsOptions, now: () => number = Date.now) {
    this.#options = options
    this.#starts = new TokenBuckets(options.startsPerMinute, now)
  }

  /** Takes a place, which the result gives back, once. Throws `RateLimitedError`. */
  admit(workspaceId: string): () => void {
    const refusal = this.refusal(workspaceId)
    if (refusal !== null) throw refusal
    const running = this.#running.get(workspaceId) ?? 0
    this.#starts.take(workspaceId, 1)
    this.#running.set(workspaceId, running + 1)
    this.#total++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#total--
      const left = (this.#running.get(workspaceId) ?? 1) - 1
      if (left === 0) this.#running.delete(workspaceId)
      else this.#running.set(workspaceId, left)
    }
  }

  /** Why nothing of this workspace would be admitted now; null when it would. Takes nothing. */
  refusal(workspaceId: string): RateLimitedError | null {
    const { perWorkspace, perProcess } = this.#options
    const running = this.#running.get(workspaceId) ?? 0
    if (running >= perWorkspace || this.#total >= perProcess) {
      return new RateLimitedError(placeRetrySeconds, 'TOO_MANY_RUNNING')
    }
    if (this.#starts.left(workspaceId) >= 1) return null
    const seconds = Math.ceil(this.#starts.waitMs(workspaceId, 1) / 1_000)
    return new RateLimitedError(Math.max(1, seconds), 'TOO_MANY_STARTS')
  }

  /** For tests and figures. */
  get rememberedWorkspaces(): number {
    return this.#starts.remembered
  }
}
