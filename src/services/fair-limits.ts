import { RateLimitedError } from './errors.ts'

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
  readonly #now: () => number
  readonly #running = new Map<string, number>()
  readonly #buckets = new Map<string, { tokens: number; at: number }>()
  #total = 0

  /** `now` answers milliseconds. */
  constructor(options: FairLimitsOptions, now: () => number = Date.now) {
    this.#options = options
    this.#now = now
  }

  /** Takes a place, which the result gives back, once. Throws `RateLimitedError`. */
  admit(workspaceId: string): () => void {
    const refusal = this.refusal(workspaceId)
    if (refusal !== null) throw refusal
    const running = this.#running.get(workspaceId) ?? 0
    const now = this.#now()
    this.#setTokens(workspaceId, this.#tokensOf(workspaceId, now) - 1, now)
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
    const { perWorkspace, perProcess, startsPerMinute } = this.#options
    const running = this.#running.get(workspaceId) ?? 0
    if (running >= perWorkspace || this.#total >= perProcess) {
      return new RateLimitedError(placeRetrySeconds, 'TOO_MANY_RUNNING')
    }
    const now = this.#now()
    this.#forgetFullBuckets(now)
    const tokens = this.#tokensOf(workspaceId, now)
    if (tokens >= 1) return null
    // The clock was set back: what is gained counts from now on, or the workspace waited for the old time to come again.
    if ((this.#buckets.get(workspaceId)?.at ?? 0) > now) this.#setTokens(workspaceId, tokens, now)
    return new RateLimitedError(Math.max(1, Math.ceil(((1 - tokens) * 60) / startsPerMinute)), 'TOO_MANY_STARTS')
  }

  /** Moves the bucket to the end: they are kept in the order of their times. */
  #setTokens(workspaceId: string, tokens: number, at: number): void {
    this.#buckets.delete(workspaceId)
    this.#buckets.set(workspaceId, { tokens, at })
  }

  #tokensOf(workspaceId: string, now: number): number {
    const bucket = this.#buckets.get(workspaceId)
    return bucket ? this.#tokensAt(bucket, now) : this.#options.startsPerMinute
  }

  #tokensAt(bucket: { tokens: number; at: number }, now: number): number {
    const { startsPerMinute } = this.#options
    const gained = (Math.max(0, now - bucket.at) / 60_000) * startsPerMinute
    return Math.min(startsPerMinute, bucket.tokens + gained)
  }

  /** For tests and figures. */
  get rememberedWorkspaces(): number {
    return this.#buckets.size
  }

  /** A full bucket says nothing, so there are only as many as workspaces that started something in the last minute. */
  #forgetFullBuckets(now: number): void {
    for (const [workspaceId, bucket] of this.#buckets) {
      if (this.#tokensAt(bucket, now) < this.#options.startsPerMinute) return
      this.#buckets.delete(workspaceId)
    }
  }
}
