import { isDeepStrictEqual } from 'node:util'
import type { StoredConnector } from '../db/rows.ts'
import type { SecretDigests } from '../db/secret-digests.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import { SecretStoreError } from '../secrets/secret-store.ts'
import { editDigests, type MergedEdit, readEditSecrets, readSecrets, secretStoreRefusal } from './connector-config.ts'
import type { SecretReading } from './secret-reading.ts'
import type { SecretVersions } from './secret-versions.ts'

export interface SecretsPlan {
  /** Digests of the secrets as they will be. */
  readonly digests: SecretDigests
  /**
   * Stores the new set where one is needed; answers the version that the connector has to point at, null for no
   * secrets. A new one has to be activated or discarded. Throws `SecretStoreFailedError`.
   */
  stage(): Promise<{ readonly versionId: string | null; readonly isNew: boolean }>
}

/** What an edit does to the stored secrets of a connector. Asks the store only when the edit touches a secret. */
export async function planSecrets(
  secretVersions: SecretVersions,
  workspace: WorkspaceScope,
  stored: StoredConnector,
  edit: MergedEdit | null,
  reading: SecretReading,
): Promise<SecretsPlan> {
  const { row, secretVersion } = stored
  const before = secretVersion?.digests ?? {}
  const unchanged = { versionId: row.secretVersionId, isNew: false }
  if (edit === null || !edit.secretsTouched) return { digests: before, stage: async () => unchanged }

  const digests = await editDigests(secretVersions, workspace, stored, edit)
  const stage = async () => {
    if (isDeepStrictEqual(digests, before) && (await isReadable(secretVersions, workspace, stored, reading))) {
      return unchanged
    }
    const values = await readEditSecrets(secretVersions, workspace, stored, edit, reading)
    if (Object.keys(values).length === 0) return { versionId: null, isNew: false }
    const { versionId } = await secretVersions.stage(workspace, row.id, values, row.secretVersionId)
    return { versionId, isNew: true }
  }
  return {
    digests,
    stage: () =>
      stage().catch(error => {
        throw secretStoreRefusal(error)
      }),
  }
}

/** The same values given again make no new version, unless the stored ones are lost: giving them again is the cure. */
async function isReadable(
  secretVersions: SecretVersions,
  workspace: WorkspaceScope,
  stored: StoredConnector,
  reading: SecretReading,
): Promise<boolean> {
  try {
    await readSecrets(secretVersions, workspace, stored, reading)
    return true
  } catch (error) {
    if (error instanceof SecretStoreError && error.reason === 'UNREADABLE') return false
    throw error
  }
}
