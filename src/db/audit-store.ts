import { and, asc, desc, eq, gt, gte, inArray, isNull, lt, type SQL } from 'drizzle-orm'
import type { Database, Tables, Writer } from './database.ts'
import { failpoint } from './failpoint.ts'
import { keyset, type Page } from './keyset.ts'
import { isStorableText } from './storable-text.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

export type AuditRow = Tables['auditLog']['$inferSelect']
export type AuditSealRow = Tables['auditSeals']['$inferSelect']

/** Null and what is left out do not narrow. */
export interface AuditListFilter {
  readonly actions: readonly string[] | null
  readonly outcomes: readonly AuditRow['outcome'][] | null
  readonly actorId: string | null
  readonly target: { readonly kind: string; readonly id: string } | null
  /** Ids sort by time: the first that belongs to the list, and the first that does not any more. */
  readonly fromId: string | null
  readonly toId: string | null
}

/** A seal with the entry that it is of; null when that is gone. */
export interface SealedEntry {
  readonly seal: AuditSealRow
  readonly entry: AuditRow | null
}

export type AuditStore = ReturnType<typeof createAuditStore>

/** Below both databases' limits of parameters in one statement. */
const maxInsertedAtOnce = 500

/** Entries of the audit log and their seals. There is nothing here that changes or deletes one. */
export function createAuditStore({ read, tables: { auditLog, auditSeals } }: Database) {
  const ofWorkspace = ({ id }: WorkspaceScope) => eq(auditLog.workspaceId, id)
  const sealOf = and(eq(auditSeals.workspaceId, auditLog.workspaceId), eq(auditSeals.entryId, auditLog.id))

  const listOf = (filter: AuditListFilter) =>
    keyset<AuditRow>({
      list: 'auditLog',
      orderBy: { field: 'ID', direction: 'DESC' },
      filter: JSON.parse(JSON.stringify(filter)),
      column: auditLog.id,
      idColumn: auditLog.id,
      keyOf: row => row.id,
    })

  const matching = (workspace: WorkspaceScope, filter: AuditListFilter): SQL | undefined =>
    and(
      ofWorkspace(workspace),
      filter.actions === null ? undefined : inArray(auditLog.action, [...filter.actions]),
      filter.outcomes === null ? undefined : inArray(auditLog.outcome, [...filter.outcomes]),
      filter.actorId === null ? undefined : eq(auditLog.actorId, filter.actorId),
      filter.target === null
        ? undefined
        : and(eq(auditLog.targetId, filter.target.id), eq(auditLog.targetKind, filter.target.kind)),
      filter.fromId === null ? undefined : gte(auditLog.id, filter.fromId),
      filter.toId === null ? undefined : lt(auditLog.id, filter.toId),
    )

  return {
    async append(
      tx: Writer,
      { id: workspaceId }: WorkspaceScope,
      entries: readonly Omit<AuditRow, 'workspaceId'>[],
    ): Promise<void> {
      for (let start = 0; start < entries.length; start += maxInsertedAtOnce) {
        const some = entries.slice(start, start + maxInsertedAtOnce)
        await tx.insert(auditLog).values(some.map(entry => ({ ...entry, workspaceId })))
        failpoint('audit.afterAppend')
      }
    },

    /** Newest first. Throws `BadCursorError`. */
    async page(
      workspace: WorkspaceScope,
      { first, after }: { readonly first: number; readonly after: string | null },
      filter: AuditListFilter,
    ): Promise<Page<AuditRow>> {
      const list = listOf(filter)
      const position = after === null ? undefined : list.after(after)
      const texts = [filter.actorId, filter.target?.id ?? null]
      const isPossible = texts.every(text => text === null || isStorableText(text))
      const rows = isPossible
        ? await read
            .select()
            .from(auditLog)
            .where(and(matching(workspace, filter), position))
            .orderBy(desc(auditLog.id))
            .limit(first + 1)
        : []
      return list.page(rows, first)
    },

    /** Oldest first: entries after `afterId` and before `toId`. */
    async range(
      workspace: WorkspaceScope,
      { afterId, toId }: { readonly afterId: string; readonly toId: string },
      limit: number,
    ): Promise<readonly AuditRow[]> {
      return read
        .select()
        .from(auditLog)
        .where(and(ofWorkspace(workspace), gt(auditLog.id, afterId), lt(auditLog.id, toId)))
        .orderBy(asc(auditLog.id))
        .limit(limit)
    },

    async lastSeal({ id }: WorkspaceScope): Promise<AuditSealRow | null> {
      const [row] = await read
        .select()
        .from(auditSeals)
        .where(eq(auditSeals.workspaceId, id))
        .orderBy(desc(auditSeals.sequence))
        .limit(1)
      return row ?? null
    },

    /** Oldest first: entries after `afterId` that have no seal. */
    async unsealed(workspace: WorkspaceScope, afterId: string, limit: number): Promise<readonly AuditRow[]> {
      const rows = await read
        .select({ entry: auditLog })
        .from(auditLog)
        .leftJoin(auditSeals, sealOf)
        .where(and(ofWorkspace(workspace), gt(auditLog.id, afterId), isNull(auditSeals.entryId)))
        .orderBy(asc(auditLog.id))
        .limit(limit)
      return rows.map(({ entry }) => entry)
    },

    /** Violates a key when somebody else has sealed meanwhile. */
    async seal(
      tx: Writer,
      { id: workspaceId }: WorkspaceScope,
      seals: readonly Omit<AuditSealRow, 'workspaceId'>[],
    ): Promise<void> {
      await tx.insert(auditSeals).values(seals.map(seal => ({ ...seal, workspaceId })))
      failpoint('audit.afterSeal')
    },

    /** In the order of the chain. */
    async sealed({ id }: WorkspaceScope, afterSequence: number, limit: number): Promise<readonly SealedEntry[]> {
      return read
        .select({ seal: auditSeals, entry: auditLog })
        .from(auditSeals)
        .leftJoin(auditLog, sealOf)
        .where(and(eq(auditSeals.workspaceId, id), gt(auditSeals.sequence, afterSequence)))
        .orderBy(asc(auditSeals.sequence))
        .limit(limit)
    },

    /** The next workspace that has entries or seals, by id; null after the last. For work that is about all of them. */
    async workspaceAfter(id: string): Promise<string | null> {
      const [ofEntries] = await read
        .select({ id: auditLog.workspaceId })
        .from(auditLog)
        .where(gt(auditLog.workspaceId, id))
        .orderBy(asc(auditLog.workspaceId))
        .limit(1)
      const [ofSeals] = await read
        .select({ id: auditSeals.workspaceId })
        .from(auditSeals)
        .where(gt(auditSeals.workspaceId, id))
        .orderBy(asc(auditSeals.workspaceId))
        .limit(1)
      const next = [ofEntries, ofSeals].flatMap(row => row?.id ?? []).toSorted()
      return next[0] ?? null
    },
  }
}
