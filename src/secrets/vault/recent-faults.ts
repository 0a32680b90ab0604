import { SecretStoreError, type SecretStoreFault } from '../secret-store.ts'

const maxFaults = 1000
/** Only an operator mends these. */
const refusedMs = 30_000
/** Anything else may pass at any moment, and the client's circuit breaker already spares a Vault that is down. */
const passingMs = 1_000

interface RecentFault {
  readonly until: number
  readonly fault: SecretStoreFault
  readonly message: string
}

/** Remembers for a short while what went wrong, so that the next callers hear of it without asking Vault again. */
export class RecentFaults {
  readonly #faults = new Map<string, RecentFault>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  remember(key: string, { fault, message }: SecretStoreError): void {
    const lasting = fault === 'SIGN_IN_REFUSED' || fault === 'FORBIDDEN' ? refusedMs : passingMs
    this.#faults.delete(key)
    this.#faults.set(key, { until: this.#now() + lasting, fault, message })
    const [oldest] = this.#faults.keys()
    if (this.#faults.size > maxFaults && oldest !== undefined) this.#faults.delete(oldest)
  }

  /** Throws `SecretStoreError` while what was remembered is recent. */
  assertNone(key: string): void {
    const recent = this.#faults.get(key)
    if (!recent) return
    if (this.#now() < recent.until) throw new SecretStoreError('VAULT', recent.fault, recent.message)
    this.#faults.delete(key)
  }
}
