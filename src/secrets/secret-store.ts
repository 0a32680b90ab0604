import type { SecretValues } from '../connectors/secret-values.ts'

/** Where one immutable set of secret values lies. All three are ids made by Patchbay, never user text. */
export interface SecretAddress {
  readonly workspaceId: string
  readonly connectorId: string
  readonly versionId: string
}

/** A secret could not be written or read. The message holds no secret. */
export class SecretStoreError extends Error {
  /** UNAVAILABLE may pass by itself; UNREADABLE (missing, damaged, wrong key) will not. */
  readonly reason: 'UNAVAILABLE' | 'UNREADABLE'
  constructor(reason: 'UNAVAILABLE' | 'UNREADABLE', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SecretStoreError'
    this.reason = reason
  }
}

/** Keeps secret values. Every version is written once and never changed. All methods throw `SecretStoreError`. */
export interface SecretStore {
  readonly kind: 'SEALED' | 'VAULT'
  put(address: SecretAddress, values: SecretValues): Promise<void>
  get(address: SecretAddress): Promise<SecretValues>
  /** Idempotent: what is gone stays gone. */
  destroy(address: SecretAddress): Promise<void>
  /** For readiness: throws when secrets cannot be read at the moment. */
  check(): Promise<void>
}
