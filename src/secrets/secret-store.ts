import type { SecretValues } from '../connectors/secret-values.ts'

/** Where one immutable set of secret values lies. All three are ids made by Patchbay, never user text. */
export interface SecretAddress {
  readonly workspaceId: string
  readonly connectorId: string
  readonly versionId: string
}

export const storeKinds = ['SEALED', 'VAULT'] as const
export type StoreKind = (typeof storeKinds)[number]

/**
 * What can be wrong with a secret store, in words that complete "…, because". UNAVAILABLE may pass by itself or by what
 * its operator does; of what is UNREADABLE the values are lost, and only giving them again helps.
 */
export const secretStoreFaults = {
  SEALED: { reason: 'UNAVAILABLE', words: 'the secret store is sealed' },
  NOT_ACTIVE: { reason: 'UNAVAILABLE', words: 'the secret store has no active server' },
  UNREACHABLE: { reason: 'UNAVAILABLE', words: 'the secret store cannot be reached' },
  TIMED_OUT: { reason: 'UNAVAILABLE', words: 'the secret store did not answer in time' },
  OVERLOADED: { reason: 'UNAVAILABLE', words: 'the secret store takes no more requests for now' },
  FAILED: { reason: 'UNAVAILABLE', words: 'the secret store failed' },
  SIGN_IN_REFUSED: { reason: 'UNAVAILABLE', words: 'the secret store does not let Patchbay sign in' },
  FORBIDDEN: { reason: 'UNAVAILABLE', words: 'the secret store does not let Patchbay do this' },
  NOT_CONFIGURED: { reason: 'UNAVAILABLE', words: 'this server is not set up for the store that holds them' },
  WITHDRAWN: { reason: 'UNAVAILABLE', words: 'saving took so long that they have been withdrawn again' },
  MISSING: { reason: 'UNREADABLE', words: 'they are missing from the secret store' },
  DAMAGED: { reason: 'UNREADABLE', words: 'they are damaged or not what was stored, or were sealed with another key' },
  TOO_LARGE: { reason: 'UNREADABLE', words: 'they are larger than the secret store takes' },
  EXISTS: { reason: 'UNREADABLE', words: 'other secrets lie in their place, which are never overwritten' },
} as const satisfies Record<string, { reason: 'UNAVAILABLE' | 'UNREADABLE'; words: string }>
export type SecretStoreFault = keyof typeof secretStoreFaults

/** What went wrong, for clients, logs and readiness alike. */
export interface SecretStoreProblem {
  readonly fault: SecretStoreFault
  readonly store: StoreKind
  /** UNAVAILABLE may pass by itself; UNREADABLE (missing, damaged, wrong key) will not. */
  readonly reason: 'UNAVAILABLE' | 'UNREADABLE'
}

/** A secret could not be written or read. The message is for the operator; like the cause, it holds no secret. */
export class SecretStoreError extends Error implements SecretStoreProblem {
  readonly fault: SecretStoreFault
  readonly store: StoreKind
  constructor(store: StoreKind, fault: SecretStoreFault, message?: string, options?: ErrorOptions) {
    super(message ?? `Secrets cannot be used, because ${secretStoreFaults[fault].words}.`, options)
    this.name = 'SecretStoreError'
    this.store = store
    this.fault = fault
  }

  get reason(): SecretStoreProblem['reason'] {
    return secretStoreFaults[this.fault].reason
  }
}

/**
 * Keeps secret values. Every version is written once and never changed. All methods throw `SecretStoreError`, within
 * 10 s, and know nothing of the rows that speak of the versions: see `SecretVersions`.
 */
export interface SecretStore {
  readonly kind: StoreKind
  /**
   * How long after `fence` an answer to an earlier `put` may still be on its way; only then `forget` may be called.
   * 0 where the fence lies in the same transaction.
   */
  readonly quarantineMs: number
  put(address: SecretAddress, values: SecretValues): Promise<void>
  get(address: SecretAddress): Promise<SecretValues>
  /** Removes the values and keeps a late `put` from bringing them back. Idempotent; nothing need have been there. */
  fence(address: SecretAddress): Promise<void>
  /** Removes what `fence` has left. Idempotent. */
  forget(address: SecretAddress): Promise<void>
  /** Whatever lies in the store for the workspace, fenced versions too; in no order. */
  list(workspaceId: string): AsyncIterable<SecretAddress>
  /** For readiness: throws when secrets cannot be read at the moment. Asks often, costs little. */
  check(): Promise<void>
  /** Gives up what the store was lent, such as tokens. Best effort; never throws. */
  close(): Promise<void>
}

/** The stores of this server. Every version's row says which one holds its values. */
export interface SecretStores {
  /** Where new versions go. */
  readonly primary: SecretStore
  /** Throws `SecretStoreError` NOT_CONFIGURED. */
  of(kind: StoreKind): SecretStore
  readonly all: readonly SecretStore[]
}

export function secretStores(primary: SecretStore, others: readonly SecretStore[] = []): SecretStores {
  const all = [primary, ...others]
  return {
    primary,
    all,
    of(kind) {
      const store = all.find(each => each.kind === kind)
      if (!store) throw new SecretStoreError(kind, 'NOT_CONFIGURED')
      return store
    },
  }
}
