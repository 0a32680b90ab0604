import { and, eq, lt } from 'drizzle-orm'
import type { Database, Writer } from './database.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

/** Which request is meant: one viewer's use of one key for one operation. */
export interface IdempotencyKey {
  readonly workspace: WorkspaceScope
  readonly viewerId: string
  readonly operation: string
  readonly key: string
}

/** What was answered to the first request with a key. */
export interface IdempotencyRecord {
  readonly requestHash: string
  readonly resultId: string
  readonly createdAt: Date
}

export type IdempotencyStore = ReturnType<typeof createIdempotencyStore>

export function createIdempotencyStore({ read, write, tables: { idempotencyKeys } }: Database) {
  const isKey = ({ workspace, viewerId, operation, key }: IdempotencyKey) =>
    and(
      eq(idempotencyKeys.workspaceId, workspace.id),
      eq(idempotencyKeys.viewerId, viewerId),
      eq(idempotencyKeys.operation, operation),
      eq(idempotencyKeys.key, key),
    )

  return {
    async find(key: IdempotencyKey): Promise<IdempotencyRecord | null> {
      const [row] = await read.select().from(idempotencyKeys).where(isKey(key))
      return row ?? null
    },

    /** Records an answer; an older one than `expiredBefore` gives way. Violates the primary key when there is another. */
    async record(tx: Writer, key: IdempotencyKey, record: IdempotencyRecord, expiredBefore: Date): Promise<void> {
      await tx
        .delete(idempotencyKeys)
        .where(and(isKey(key), lt(idempotencyKeys.createdAt, expiredBefore)))
        .returning({ key: idempotencyKeys.key })
      const { workspace, viewerId, operation } = key
      const { requestHash, resultId, createdAt } = record
      await tx
        .insert(idempotencyKeys)
        .values({ workspaceId: workspace.id, viewerId, operation, key: key.key, requestHash, resultId, createdAt })
    },

    /** Forgets answers older than `expiredBefore`, of every workspace; returns how many. */
    async prune(expiredBefore: Date): Promise<number> {
      return write(async tx => {
        const pruned = await tx
          .delete(idempotencyKeys)
          .where(lt(idempotencyKeys.createdAt, expiredBefore))
          .returning({ key: idempotencyKeys.key })
        return pruned.length
      })
    },
  }
}
