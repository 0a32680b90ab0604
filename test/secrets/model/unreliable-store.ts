import type { SecretValues } from '../../../src/connectors/secret-values.ts'
import { type SecretAddress, type SecretStore, SecretStoreError } from '../../../src/secrets/secret-store.ts'

/** What becomes of the next request that changes something. */
export type Fate = 'ARRIVES' | 'IS_LOST' | 'ANSWER_IS_LOST' | 'COMES_LATE' | 'COMES_TWICE'
export const fates: readonly Fate[] = ['ARRIVES', 'IS_LOST', 'ANSWER_IS_LOST', 'COMES_LATE', 'COMES_TWICE']

interface LatePut {
  readonly address: SecretAddress
  readonly values: SecretValues
  readonly sentAt: number
}

/** A store at the other end of a network that loses, delays and repeats what is sent. */
export class UnreliableStore {
  readonly store: SecretStore
  /** Versions whose values were removed, for good. */
  readonly fenced = new Set<string>()
  /** Each taken once; those after them arrive. */
  fates: Fate[] = []
  /** Runs in the middle of the next put. */
  meanwhile: (() => Promise<void>) | null = null
  readonly #inner: SecretStore
  readonly #now: () => number
  #late: LatePut[] = []

  constructor(inner: SecretStore, now: () => number) {
    this.#inner = inner
    this.#now = now
    this.store = {
      ...inner,
      put: (address, values) => this.#put(address, values),
      fence: address =>
        this.#carryOut(async () => {
          await inner.fence(address)
          this.fenced.add(address.versionId)
        }),
      forget: address => this.#carryOut(() => inner.forget(address)),
    }
  }

  /** Delivers the puts that were sent before `sentBefore`; what becomes of them, their senders do not hear. */
  async deliver(sentBefore = Number.POSITIVE_INFINITY): Promise<void> {
    const due = this.#late.filter(({ sentAt }) => sentAt < sentBefore)
    this.#late = this.#late.filter(({ sentAt }) => sentAt >= sentBefore)
    for (const { address, values } of due) await this.#inner.put(address, values).catch(() => undefined)
  }

  async #put(address: SecretAddress, values: SecretValues): Promise<void> {
    const { meanwhile } = this
    this.meanwhile = null
    await meanwhile?.()
    const fate = this.fates[0]
    if (fate === 'COMES_LATE' || fate === 'COMES_TWICE') this.#late.push({ address, values, sentAt: this.#now() })
    await this.#carryOut(() => this.#inner.put(address, values))
  }

  async #carryOut(work: () => Promise<void>): Promise<void> {
    const fate = this.fates.shift() ?? 'ARRIVES'
    if (fate !== 'IS_LOST' && fate !== 'COMES_LATE') await work()
    if (fate !== 'ARRIVES' && fate !== 'COMES_TWICE') throw new SecretStoreError(this.#inner.kind, 'TIMED_OUT')
  }
}
