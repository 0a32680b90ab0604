/**
 * Token buckets of one size, by key: each holds what may be spent in a minute, and fills by as much in a minute. In
 * memory, and bounded: a full bucket says nothing, so there are only as many as keys that spent something lately.
 */
export class TokenBuckets {
  readonly perMinute: number
  readonly #now: () => number
  /** In the order of their times, so that the first may be full and the rest not. */
  readonly #buckets = new Map<string, { readonly tokens: number; readonly at: number }>()

  /** `now` answers milliseconds. */
  constructor(perMinute: number, now: () => number) {
    this.perMinute = perMinute
    this.#now = now
  }

  /** What is left for a key; a fraction counts towards the next whole one. */
  left(key: string): number {
    const now = this.#now()
    const bucket = this.#buckets.get(key)
    if (bucket === undefined) return this.perMinute
    const tokens = this.#tokensAt(bucket, now)
    // The clock was set back: what is gained counts from now on, or the key waited for the old time to come again.
    if (bucket.at > now) this.#set(key, tokens, now)
    return tokens
  }

  /** Spends `tokens`, or as many as there are, and answers how many; gives back when negative. */
  take(key: string, tokens: number): number {
    const now = this.#now()
    this.#forgetFull(now)
    const bucket = this.#buckets.get(key)
    const left = bucket === undefined ? this.perMinute : this.#tokensAt(bucket, now)
    const taken = Math.min(tokens, left)
    this.#set(key, Math.min(this.perMinute, left - taken), now)
    return taken
  }

  /** After how many milliseconds a key has `tokens`, if it spends none in the meantime. */
  waitMs(key: string, tokens: number): number {
    return (Math.max(0, tokens - this.left(key)) * 60_000) / this.perMinute
  }

  /** For tests and figures. */
  get remembered(): number {
    return this.#buckets.size
  }

  #set(key: string, tokens: number, at: number): void {
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens, at })
  }

  #tokensAt({ tokens, at }: { readonly tokens: number; readonly at: number }, now: number): number {
    return Math.min(this.perMinute, tokens + (Math.max(0, now - at) * this.perMinute) / 60_000)
  }

  #forgetFull(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (this.#tokensAt(bucket, now) < this.perMinute) return
      this.#buckets.delete(key)
    }
  }
}
