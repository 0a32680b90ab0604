import type { SignedIn } from './signed-in.ts'

/** No token is used for longer, whatever Vault lends it for: a new sign-in proves that the right is still there. */
const maxLeaseMs = 3_600_000
/** Before its end a token is not used any more: a request that takes long must not outlive it. */
const marginMs = 60_000

/** A token in use. It is private to this object, so nothing that looks into objects comes upon it. */
export class Lease {
  readonly #token: string
  readonly #usableUntil: number
  readonly isOwn: boolean
  isUnproven: boolean
  #uses = 0
  #onIdle: (() => void) | null = null

  /**
   * @param askedAt Milliseconds, from before Vault was asked.
   * @param isUnproven Vault refused the token that this one replaces, and has not yet accepted this one.
   */
  constructor({ token, leaseSeconds, isOwn }: SignedIn, askedAt: number, isUnproven: boolean) {
    this.#token = token
    this.isOwn = isOwn
    this.isUnproven = isUnproven
    const lease = leaseSeconds === 0 ? maxLeaseMs : Math.min(leaseSeconds * 1000, maxLeaseMs)
    this.#usableUntil = askedAt + lease - (lease < 2 * marginMs ? lease / 2 : marginMs)
  }

  isUsable(now: number): boolean {
    return now < this.#usableUntil
  }

  async use<T>(work: (token: string) => Promise<T>): Promise<T> {
    this.#uses++
    try {
      return await work(this.#token)
    } finally {
      this.#uses--
      if (this.#uses === 0) this.#onIdle?.()
    }
  }

  /** Calls back once when no request uses it any more: at once, or after the last. */
  whenIdle(callback: () => void): void {
    if (this.#uses === 0) {
      callback()
      return
    }
    this.#onIdle = () => {
      this.#onIdle = null
      callback()
    }
  }
}
