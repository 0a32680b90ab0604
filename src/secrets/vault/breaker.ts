import { SecretStoreError, type SecretStoreFault } from '../secret-store.ts'

/** Faults of the server as a whole, which the next request would meet as well. */
const tripping: ReadonlySet<SecretStoreFault> = new Set(['SEALED', 'NOT_ACTIVE', 'UNREACHABLE', 'TIMED_OUT'])

export interface BreakerOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** How long it stays open before one request may try again. */
  readonly openMs: number
  /** How many faults in a row open it; a sealed server opens it at once. */
  readonly threshold: number
  /** Told the fault when it opens, null when it closes. */
  readonly onChange?: (fault: SecretStoreFault | null) => void
}

/** One request that was let through; exactly one of these has to be called. */
export interface Pass {
  /** The server has answered; null, or a fault of this request alone. */
  ended(fault: SecretStoreFault | null): void
  /** It says nothing about the server. */
  abandoned(): void
}

/**
 * Keeps requests from a server that is known to be down: while it is open they fail at once, as the last one did. Then
 * one goes ahead as a probe; what it meets opens it again, or closes it.
 */
export class Breaker {
  readonly #options: BreakerOptions
  #fault: SecretStoreFault | null = null
  #openUntil = 0
  #isProbing = false
  #inARow = 0
  /** What the last of them in a row was. */
  #last: SecretStoreFault | null = null
  /** Goes up whenever it opens or closes: requests from before tell nothing about now. */
  #era = 0

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  /** What keeps all requests away; null when one would be let through. */
  get fault(): SecretStoreFault | null {
    return this.#fault !== null && this.#options.now() < this.#openUntil ? this.#fault : null
  }

  /** Throws `SecretStoreError` while it is open. */
  enter(): Pass {
    const era = this.#era
    if (this.#fault === null) {
      return { ended: fault => era === this.#era && this.#judge(fault), abandoned: () => undefined }
    }
    if (this.#isProbing || this.fault !== null) throw new SecretStoreError('VAULT', this.#fault)
    this.#isProbing = true
    return {
      ended: fault => {
        if (era !== this.#era) return
        this.#isProbing = false
        if (fault !== null && tripping.has(fault)) this.#open(fault)
        else this.#close()
      },
      abandoned: () => {
        if (era === this.#era) this.#isProbing = false
      },
    }
  }

  /** Told by whoever asks the server how it is, past the breaker. */
  failed(fault: SecretStoreFault): void {
    if (this.#fault === null) this.#judge(fault)
    else if (tripping.has(fault)) this.#open(fault)
  }

  /** Told when the server says that it is well: closes it, or begins to count anew, if that rules out what was met. */
  recovered(ruledOut: (fault: SecretStoreFault) => boolean): void {
    const met = this.#fault ?? this.#last
    if (met === null || ruledOut(met)) this.#close()
  }

  #judge(fault: SecretStoreFault | null): void {
    if (fault === null || !tripping.has(fault)) {
      this.#inARow = 0
      this.#last = null
      return
    }
    this.#inARow++
    this.#last = fault
    if (fault === 'SEALED' || this.#inARow >= this.#options.threshold) this.#open(fault)
  }

  #open(fault: SecretStoreFault): void {
    const isNews = this.#fault !== fault
    this.#fault = fault
    this.#openUntil = this.#options.now() + this.#options.openMs
    this.#isProbing = false
    this.#era++
    if (isNews) this.#options.onChange?.(fault)
  }

  #close(): void {
    const isNews = this.#fault !== null
    this.#fault = null
    this.#isProbing = false
    this.#inARow = 0
    this.#last = null
    if (!isNews) return
    this.#era++
    this.#options.onChange?.(null)
  }
}
