import { and, asc, eq, gt, ne, notExists, or, sql } from 'drizzle-orm'
import type { Database, Writer } from '../db/database.ts'
import { assertInUse } from './check-master-keys.ts'
import { MasterKeyError, type MasterKeys } from './master-key.ts'
import { UnsealError } from './seal.ts'
import { rewrapKey, type WrappedKeyRow } from './wrapped-key.ts'

/** Where a walk over the keys of all workspaces is. */
export type KeyPosition = Pick<WrappedKeyRow, 'workspaceId' | 'id'>

/** Called in the transaction in which keys of these workspaces are wrapped anew. */
export type OnRewrapped = (tx: Writer, workspaceIds: readonly string[]) => Promise<void>

export interface RewrappedKeys {
  readonly rewrapped: number
  /** Damaged, or wrapped by a master key that was not given. */
  readonly unreadable: number
  /** Null at the end of the walk. */
  readonly next: KeyPosition | null
}

/**
 * Wraps some of the keys that are not wrapped by the primary master key by it, in one short transaction. The keys
 * themselves stay, so nothing has to be sealed anew and whoever has them may go on using them.
 */
export async function rewrapSomeKeys(
  database: Database,
  masterKeys: MasterKeys,
  after: KeyPosition | null,
  limit: number,
  onRewrapped: OnRewrapped = async () => undefined,
): Promise<RewrappedKeys> {
  const { workspaceKeys } = database.tables
  const rows = await database.read
    .select()
    .from(workspaceKeys)
    .where(
      and(
        ne(workspaceKeys.masterKeyId, masterKeys.primary.id),
        after === null
          ? undefined
          : or(
              gt(workspaceKeys.workspaceId, after.workspaceId),
              and(eq(workspaceKeys.workspaceId, after.workspaceId), gt(workspaceKeys.id, after.id)),
            ),
      ),
    )
    .orderBy(asc(workspaceKeys.workspaceId), asc(workspaceKeys.id))
    .limit(limit)
  const changes = rows.flatMap(row => {
    const rewrapped = rewrappedOrNull(masterKeys, row)
    return rewrapped === null ? [] : [{ row, rewrapped }]
  })
  const rewrapped = changes.length === 0 ? 0 : await store(database, masterKeys, changes, onRewrapped)
  const last = rows.at(-1)
  return {
    rewrapped,
    unreadable: rows.length - changes.length,
    next: last && rows.length === limit ? { workspaceId: last.workspaceId, id: last.id } : null,
  }
}

function rewrappedOrNull(masterKeys: MasterKeys, row: WrappedKeyRow) {
  try {
    return rewrapKey(masterKeys, row)
  } catch (error) {
    if (error instanceof UnsealError || error instanceof MasterKeyError) return null
    throw error
  }
}

type Change = { readonly row: WrappedKeyRow; readonly rewrapped: ReturnType<typeof rewrapKey> }

async function store(
  database: Database,
  { primary }: MasterKeys,
  changes: readonly Change[],
  onRewrapped: OnRewrapped,
): Promise<number> {
  const { workspaceKeys } = database.tables
  return database.write(async tx => {
    // Another rotation may have gone on to another master key.
    await assertInUse(tx, database, primary)
    let count = 0
    const workspaceIds = new Set<string>()
    for (const { row, rewrapped } of changes) {
      const changed = await tx
        .update(workspaceKeys)
        .set(rewrapped)
        .where(
          and(
            eq(workspaceKeys.workspaceId, row.workspaceId),
            eq(workspaceKeys.id, row.id),
            eq(workspaceKeys.wrappedKey, row.wrappedKey),
          ),
        )
        .returning({ id: workspaceKeys.id })
      count += changed.length
      if (changed.length > 0) workspaceIds.add(row.workspaceId)
    }
    await onRewrapped(tx, [...workspaceIds])
    return count
  })
}

/** Forgets master keys that wrap nothing any more: from then on no server wraps by them. Answers their ids. */
export async function removeUnusedMasterKeys(database: Database, { primary }: MasterKeys): Promise<readonly string[]> {
  const { masterKeys, workspaceKeys } = database.tables
  return database.write(async tx => {
    await assertInUse(tx, database, primary)
    const wrapped = tx.select({ one: sql`1` }).from(workspaceKeys).where(eq(workspaceKeys.masterKeyId, masterKeys.id))
    const removed = await tx
      .delete(masterKeys)
      .where(and(ne(masterKeys.id, primary.id), notExists(wrapped)))
      .returning({ id: masterKeys.id })
    return removed.map(({ id }) => id)
  })
}
