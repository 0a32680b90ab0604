import { and, eq } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import type { StoreKind } from '../secrets/secret-store.ts'
import type { SecretVersions } from './secret-versions.ts'

export interface MoveSecretsDependencies {
  readonly database: Database
  readonly secretVersions: Pick<SecretVersions, 'stageCopy' | 'activate' | 'retire' | 'discard'>
}

/** NOTHING: there are no secrets, or they lie there already. CHANGED: the connector was changed or deleted meanwhile, which won. */
export type MoveOutcome = 'MOVED' | 'NOTHING' | 'CHANGED'

/**
 * Moves the secrets of one connector to the store `to` while servers go on using and changing them. To clients nothing
 * changes: neither the connector's version nor what its secrets and its last test are said to be. Whoever has read the
 * row before reads from the old place, which stays for a day. Throws `SecretStoreError`.
 */
export async function moveSecrets(
  { database, secretVersions }: MoveSecretsDependencies,
  workspaceId: string,
  connectorId: string,
  to: StoreKind,
): Promise<MoveOutcome> {
  const source = await activeVersion(database, workspaceId, connectorId)
  if (source === null || source.store === to) return 'NOTHING'
  const copyId = await secretVersions.stageCopy(source, to)
  try {
    await database.write(async tx => {
      const { connectors } = database.tables
      await secretVersions.activate(tx, workspaceId, copyId)
      const pointed = await tx
        .update(connectors)
        // Nothing else: it is no edit.
        .set({ secretVersionId: copyId })
        .where(
          and(
            eq(connectors.workspaceId, workspaceId),
            eq(connectors.id, connectorId),
            eq(connectors.secretVersionId, source.id),
          ),
        )
        .returning({ id: connectors.id })
      if (pointed.length === 0) throw new ChangedMeanwhile()
      await secretVersions.retire(tx, workspaceId, source.id)
    })
    return 'MOVED'
  } catch (error) {
    await secretVersions.discard(workspaceId, copyId)
    if (error instanceof ChangedMeanwhile) return 'CHANGED'
    throw error
  }
}

/** Rolls the transaction back. */
class ChangedMeanwhile extends Error {}

async function activeVersion(
  { read, tables: { connectors, secretVersions } }: Database,
  workspaceId: string,
  id: string,
) {
  const [found] = await read
    .select({ version: secretVersions })
    .from(connectors)
    .innerJoin(
      secretVersions,
      and(eq(secretVersions.workspaceId, connectors.workspaceId), eq(secretVersions.id, connectors.secretVersionId)),
    )
    .where(and(eq(connectors.workspaceId, workspaceId), eq(connectors.id, id), eq(secretVersions.state, 'ACTIVE')))
  return found?.version ?? null
}
