import type { Writer } from '../db/database.ts'
import type { SecretDigests } from '../db/schema.sqlite.ts'
import type { SecretValues } from '../secrets/secret-store.ts'

/** A set of secret values that has been stored but belongs to no connector yet. */
export interface StagedSecrets {
  readonly versionId: string
  readonly digests: SecretDigests
  readonly setAt: { readonly [secretPath: string]: string }
}

/**
 * The life of secret versions, so that no crash leaves a connector unreadable or a secret orphaned for good:
 * intent row (PENDING) -> value in the store -> activation in the same transaction as the connector's row ->
 * RETIRED on replacement or deletion -> reaped. The store is never asked inside a transaction.
 */
export interface SecretVersions {
  /** Digests of values, as `stage` would record them; for fingerprints of drafts, which store nothing. */
  digests(workspaceId: string, values: SecretValues): Promise<SecretDigests>
  /**
   * Stores a new set. Values equal to `previousVersionId`'s keep their `setAt`. Throws `SecretStoreError`.
   */
  stage(workspaceId: string, connectorId: string, values: SecretValues, previousVersionId: string | null): Promise<StagedSecrets>
  /** Throws when the version is not PENDING any more. */
  activate(tx: Writer, workspaceId: string, versionId: string): Promise<void>
  retire(tx: Writer, workspaceId: string, versionId: string): Promise<void>
  /** After a transaction that should have activated `versionId` was refused: removes it, best effort, never throws. */
  discard(workspaceId: string, versionId: string): Promise<void>
  /** Throws `SecretStoreError`. */
  read(workspaceId: string, connectorId: string, versionId: string): Promise<SecretValues>
  /** Removes what is PENDING for 15 minutes or RETIRED for 24 hours. Resumable; returns how many are gone for good. */
  reap(now: Date): Promise<number>
}
