import { and, asc, eq, gt } from 'drizzle-orm'
import { MasterKeyError } from '../../secrets/master-key.ts'
import { UnsealError } from '../../secrets/seal.ts'
import { unwrapKey, type WrappedKeyRow } from '../../secrets/wrapped-key.ts'
import type { OpenKeys } from '../command.ts'
import type { AuditRecord } from './finding.ts'

const pageSize = 500

/** Unwraps every key of the workspace, and counts the values that lie under old ones. */
export async function auditKeys(
  { database, masterKeys }: OpenKeys,
  workspaceId: string,
  record: AuditRecord,
): Promise<void> {
  const { sealedSecrets, workspaceKeys } = database.tables
  for (let after = ''; ; ) {
    const page = await database.read
      .select()
      .from(workspaceKeys)
      .where(and(eq(workspaceKeys.workspaceId, workspaceId), gt(workspaceKeys.id, after)))
      .orderBy(asc(workspaceKeys.id))
      .limit(pageSize)
    for (const row of page) {
      const kind = faultOf({ masterKeys }, row)
      if (kind !== null) record.add({ kind, workspaceId, keyId: row.id, masterKeyId: row.masterKeyId })
      if (row.state === 'RETIRED') {
        record.underRetiredKeys += await database.read.$count(
          sealedSecrets,
          and(eq(sealedSecrets.workspaceId, workspaceId), eq(sealedSecrets.keyId, row.id)),
        )
      }
    }
    const last = page.at(-1)
    if (!last || page.length < pageSize) return
    after = last.id
  }
}

function faultOf({ masterKeys }: Pick<OpenKeys, 'masterKeys'>, row: WrappedKeyRow) {
  try {
    unwrapKey(masterKeys, row)
    return null
  } catch (error) {
    if (error instanceof MasterKeyError) return 'KEY_UNREADABLE'
    if (error instanceof UnsealError) return 'KEY_DAMAGED'
    throw error
  }
}
