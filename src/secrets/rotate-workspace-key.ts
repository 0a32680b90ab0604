import { and, asc, eq, gt, ne, notExists, sql } from 'drizzle-orm'
import type { Database, Writer } from '../db/database.ts'
import { addWorkspaceKey, type Keyring } from './keyring.ts'
import { type MasterKey, MasterKeyError } from './master-key.ts'
import { type SealingKey, UnsealError } from './seal.ts'
import { resealValues } from './sealed-value.ts'

/**
 * Replaces the key that seals the workspace's secrets, if it was made before `before`. From then on nothing is sealed
 * under the old one; what lies under it stays readable. Answers whether there is a new key; `onReplaced` is called in its
 * transaction.
 */
export async function replaceWorkspaceKey(
  database: Database,
  masterKey: MasterKey,
  workspaceId: string,
  before: Date,
  onReplaced: (tx: Writer) => Promise<void> = async () => undefined,
): Promise<boolean> {
  const { workspaceKeys } = database.tables
  return database.write(async tx => {
    const current = await tx
      .select()
      .from(workspaceKeys)
      .where(
        and(
          eq(workspaceKeys.workspaceId, workspaceId),
          eq(workspaceKeys.purpose, 'SECRETS'),
          eq(workspaceKeys.state, 'ACTIVE'),
        ),
      )
    if (!current.some(key => key.createdAt < before)) return false
    for (const { id } of current) {
      await tx
        .update(workspaceKeys)
        .set({ state: 'RETIRED' })
        .where(and(eq(workspaceKeys.workspaceId, workspaceId), eq(workspaceKeys.id, id)))
        .returning({ id: workspaceKeys.id })
    }
    await addWorkspaceKey(tx, database, masterKey, workspaceId, 'SECRETS')
    await onReplaced(tx)
    return true
  })
}

export interface ResealedValues {
  readonly resealed: number
  /** Damaged, or sealed under a key that is gone or needs a master key that was not given. */
  readonly unreadable: number
  /** Null at the end of the walk. */
  readonly next: string | null
}

/**
 * Seals some of the workspace's values that lie under another key than its current one under that, in one short
 * transaction; `after` is the id of a version. The values are not looked at.
 */
export async function resealSomeValues(
  database: Database,
  keyring: Keyring,
  workspaceId: string,
  after: string,
  limit: number,
): Promise<ResealedValues> {
  const { sealedSecrets, secretVersions } = database.tables
  const current = await keyring.current(workspaceId, 'SECRETS')
  const rows = await database.read
    .select({
      versionId: sealedSecrets.versionId,
      keyId: sealedSecrets.keyId,
      ciphertext: sealedSecrets.ciphertext,
      connectorId: secretVersions.connectorId,
    })
    .from(sealedSecrets)
    .innerJoin(
      secretVersions,
      and(eq(secretVersions.workspaceId, sealedSecrets.workspaceId), eq(secretVersions.id, sealedSecrets.versionId)),
    )
    .where(
      and(
        eq(sealedSecrets.workspaceId, workspaceId),
        ne(sealedSecrets.keyId, current.id),
        gt(sealedSecrets.versionId, after),
      ),
    )
    .orderBy(asc(sealedSecrets.versionId))
    .limit(limit)
  const changes = await Promise.all(
    rows.map(async row => ({ row, ciphertext: await resealed(keyring, current, { workspaceId, ...row }) })),
  )
  const resealedCount = await store(database, workspaceId, current, changes)
  if (resealedCount === null) keyring.forgetCurrent(workspaceId, 'SECRETS')
  return {
    resealed: resealedCount ?? 0,
    unreadable: changes.filter(change => change.ciphertext === null).length,
    next: rows.length === limit ? (rows.at(-1)?.versionId ?? null) : null,
  }
}

interface SealedRow {
  readonly workspaceId: string
  readonly connectorId: string
  readonly versionId: string
  readonly keyId: string
  readonly ciphertext: string
}

async function resealed(keyring: Keyring, to: SealingKey, row: SealedRow): Promise<string | null> {
  try {
    const from = await keyring.find(row.workspaceId, 'SECRETS', row.keyId)
    return from && resealValues(from, to, row, row.ciphertext)
  } catch (error) {
    if (error instanceof UnsealError || error instanceof MasterKeyError) return null
    throw error
  }
}

type Change = { readonly row: Omit<SealedRow, 'workspaceId'>; readonly ciphertext: string | null }

/** How many rows were still as they had been read; null when `current` is current no longer. */
async function store(
  database: Database,
  workspaceId: string,
  { id: keyId }: SealingKey,
  changes: readonly Change[],
): Promise<number | null> {
  const { sealedSecrets, workspaceKeys } = database.tables
  return database.write(async tx => {
    const [key] = await tx
      .select({ state: workspaceKeys.state })
      .from(workspaceKeys)
      .where(and(eq(workspaceKeys.workspaceId, workspaceId), eq(workspaceKeys.id, keyId)))
    if (key?.state !== 'ACTIVE') return null
    let count = 0
    for (const { row, ciphertext } of changes) {
      if (ciphertext === null) continue
      const changed = await tx
        .update(sealedSecrets)
        .set({ keyId, ciphertext })
        .where(
          and(
            eq(sealedSecrets.workspaceId, workspaceId),
            eq(sealedSecrets.versionId, row.versionId),
            eq(sealedSecrets.keyId, row.keyId),
            eq(sealedSecrets.ciphertext, row.ciphertext),
          ),
        )
        .returning({ id: sealedSecrets.versionId })
      count += changed.length
    }
    return count
  })
}

/**
 * Deletes the workspace's retired keys under which nothing lies. Whatever copy of a ciphertext is left anywhere, such as
 * in a free page of the database, is unreadable from then on. Answers how many there were, and how many have to stay.
 */
export async function removeRetiredKeys(
  database: Database,
  workspaceId: string,
): Promise<{ readonly removed: number; readonly left: number }> {
  const { sealedSecrets, workspaceKeys } = database.tables
  const retired = and(
    eq(workspaceKeys.workspaceId, workspaceId),
    eq(workspaceKeys.purpose, 'SECRETS'),
    eq(workspaceKeys.state, 'RETIRED'),
  )
  return database.write(async tx => {
    const used = tx
      .select({ one: sql`1` })
      .from(sealedSecrets)
      .where(and(eq(sealedSecrets.workspaceId, workspaceKeys.workspaceId), eq(sealedSecrets.keyId, workspaceKeys.id)))
    const removed = await tx
      .delete(workspaceKeys)
      .where(and(retired, notExists(used)))
      .returning({ id: workspaceKeys.id })
    const left = await tx.select({ id: workspaceKeys.id }).from(workspaceKeys).where(retired)
    return { removed: removed.length, left: left.length }
  })
}
