export interface RecentCheckOptions {
  /** Throws when what is checked does not work. */
  readonly check: () => Promise<unknown>
  /** Told of the first outcome that is a failure, and from then on of every change. */
  readonly onChange: (failure: CheckFailure | null) => void
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

/** What a check has thrown, whatever it was. */
export interface CheckFailure {
  readonly error: unknown
}

/** How long an outcome is as good as a new one. */
const freshMs = 2_000
/** How long whoever asks waits for a new outcome: probes give up after a second. */
const patienceMs = 750
/** How long the last outcome stands in for one that is awaited: longer than any check takes. */
const believedMs = 15_000

/**
 * A check that is asked far more often than it is worth carrying out: once in 2 s at most, one at a time, for all who
 * ask. Whoever asks is answered at once or within 750 ms, also while what is checked hangs.
 */
export class RecentCheck {
  readonly #options: RecentCheckOptions
  readonly #now: () => number
  #running: Promise<void> | null = null
  #last: { readonly failure: CheckFailure | null; readonly at: number } | null = null

  constructor(options: RecentCheckOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** The latest failure; null when it works. 'UNKNOWN' when there is no answer and none that is recent enough. */
  async failure(): Promise<CheckFailure | null | 'UNKNOWN'> {
    if (!this.#isNewerThan(freshMs)) await this.#settledOrLate()
    return this.#last !== null && this.#isNewerThan(believedMs) ? this.#last.failure : 'UNKNOWN'
  }

  #isNewerThan(ageMs: number): boolean {
    return this.#last !== null && this.#now() - this.#last.at < ageMs
  }

  async #settledOrLate(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, patienceMs)
    await Promise.race([this.#running, late.promise])
    clearTimeout(timer)
  }

  async #run(): Promise<void> {
    const failure = await this.#options.check().then(
      () => null,
      (error: unknown) => ({ error }),
    )
    const before = this.#last?.failure ?? null
    this.#last = { failure, at: this.#now() }
    if ((before === null) !== (failure === null)) this.#options.onChange(failure)
  }
}
