import type { Database } from '../db/database.ts'
import { createSecretVersionStore } from '../db/secret-version-store.ts'
import type { StoreKind } from '../secrets/secret-store.ts'
import type { AuditActor, AuditLog } from './audit.ts'
import { AuditedReading } from './secret-reading.ts'
import type { SecretVersions } from './secret-versions.ts'

export interface MoveSecretsDependencies {
  readonly database: Database
  readonly secretVersions: Pick<SecretVersions, 'stageCopy' | 'activate' | 'retire' | 'discard'>
  readonly audit: AuditLog
}

/** NOTHING: there are no secrets, or they lie there already. CHANGED: the connector was changed or deleted meanwhile, which won. */
export type MoveOutcome = 'MOVED' | 'NOTHING' | 'CHANGED'

/**
 * Moves the secrets of one connector to the store `to` while servers go on using and changing them. To clients nothing
 * changes: neither the connector's version nor what its secrets and its last test are said to be. Whoever has read the
 * row before reads from the old place, which stays for a day. Throws `SecretStoreError`.
 */
export async function moveSecrets(
  { database, secretVersions, audit }: MoveSecretsDependencies,
  actor: AuditActor,
  connectorId: string,
  to: StoreKind,
): Promise<MoveOutcome> {
  const { workspace } = actor
  const versions = createSecretVersionStore(database)
  const source = await versions.activeOfConnector(workspace, connectorId)
  if (source === null || source.store === to) return 'NOTHING'
  const copyId = await secretVersions.stageCopy(source, to, new AuditedReading({ audit, actor, purpose: 'MOVE' }))
  try {
    await database.write(async tx => {
      await secretVersions.activate(tx, workspace, copyId)
      // Nothing but the pointer: it is no edit.
      const isPointed = await versions.repointConnector(tx, workspace, connectorId, { from: source.id, to: copyId })
      if (!isPointed) throw new ChangedMeanwhile()
      await secretVersions.retire(tx, workspace, source.id)
      await audit.record(tx, actor, {
        action: 'MOVE_SECRET',
        target: { kind: 'CONNECTOR', id: connectorId },
        details: { from: source.store, to },
      })
    })
    return 'MOVED'
  } catch (error) {
    await secretVersions.discard(workspace, copyId)
    if (error instanceof ChangedMeanwhile) return 'CHANGED'
    throw error
  }
}

/** Rolls the transaction back. */
class ChangedMeanwhile extends Error {}
