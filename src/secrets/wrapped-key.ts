import { createSecretKey, randomBytes } from 'node:crypto'
import type { Tables } from '../db/database.ts'
import { type MasterKey, MasterKeyError, type MasterKeys } from './master-key.ts'
import { type SealingKey, seal, unseal } from './seal.ts'

/** A key of a workspace as the database holds it: sealed by a master key. */
export type WrappedKeyRow = Tables['workspaceKeys']['$inferSelect']

type Identity = Pick<WrappedKeyRow, 'workspaceId' | 'id' | 'purpose' | 'masterKeyId'>

/** A new random key, active from now on. */
export function newWrappedKey(
  workspaceId: string,
  purpose: WrappedKeyRow['purpose'],
  masterKey: MasterKey,
): WrappedKeyRow {
  const identity = { workspaceId, id: randomBytes(16).toString('hex'), purpose, masterKeyId: masterKey.id }
  const bytes = randomBytes(32)
  const wrappedKey = seal(masterKey, contextOf(identity), bytes)
  bytes.fill(0)
  return { ...identity, state: 'ACTIVE', wrappedKey, createdAt: new Date() }
}

/** Throws `MasterKeyError` when its master key was not given, and `UnsealError` for a damaged key. */
export function unwrapKey(masterKeys: MasterKeys, row: WrappedKeyRow): SealingKey {
  const bytes = open(masterKeys, row)
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return { id: row.id, key }
}

/** The same key wrapped by the primary master key. Throws as `unwrapKey` does. */
export function rewrapKey(
  masterKeys: MasterKeys,
  row: WrappedKeyRow,
): Pick<WrappedKeyRow, 'masterKeyId' | 'wrappedKey'> {
  const bytes = open(masterKeys, row)
  const masterKeyId = masterKeys.primary.id
  const wrappedKey = seal(masterKeys.primary, contextOf({ ...row, masterKeyId }), bytes)
  bytes.fill(0)
  return { masterKeyId, wrappedKey }
}

function open({ primary, others }: MasterKeys, row: WrappedKeyRow): Buffer {
  const masterKey = [primary, ...others].find(key => key.id === row.masterKeyId)
  if (!masterKey) throw new MasterKeyError(missingMasterKey([row.masterKeyId]))
  return unseal(masterKey, contextOf(row), row.wrappedKey)
}

/** What the operator has to do about master keys that are needed and were not given. */
export function missingMasterKey(ids: readonly string[]): string {
  const words = ids.map(id => `"${id.slice(0, 8)}…"`).join(', ')
  return `Keys in this database are protected by a master key that was not given (its id begins with ${words}). Give its file as MASTER_KEY_FILE, or in MASTER_KEY_OTHER_FILES, until "npm run keys:rotate -- --master" has replaced it.`
}

function contextOf({ workspaceId, id, masterKeyId, purpose }: Identity): string[] {
  return ['dek', workspaceId, id, masterKeyId, purpose]
}
