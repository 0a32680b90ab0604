import { type AuditListFilter, type AuditRow, createAuditStore } from '../db/audit-store.ts'
import type { Database } from '../db/database.ts'
import type { Page } from '../db/keyset.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { AuditAction, AuditActor, AuditLog, AuditOutcome, AuditTargetKind } from './audit.ts'
import { firstAuditId } from './audit-ids.ts'
import type { Viewer } from './viewer.ts'

/** What is null or left out does not narrow. */
export interface AuditFilter {
  readonly actions?: readonly AuditAction[] | null
  readonly outcomes?: readonly AuditOutcome[] | null
  readonly actorId?: string | null
  readonly target?: { readonly kind: AuditTargetKind; readonly id: string } | null
  /** Not before this. */
  readonly from?: Date | null
  /** Before this. */
  readonly to?: Date | null
}

/** A stretch of time, from its first instant to before its last. */
export interface AuditRange {
  readonly from: Date | null
  readonly to: Date | null
}

/** Reading the audit log is told of in it, before anything is answered. */
export interface AuditReading {
  /** Newest first. Throws `BadCursorError`. */
  page(
    viewer: Viewer,
    request: { readonly first: number; readonly after: string | null },
    filter: AuditFilter,
  ): Promise<Page<AuditRow>>
  /** A field of the API, as `Query.connectors`, that the viewer asked for and has no scope for. */
  refusedField(viewer: Viewer, coordinate: string): void
  /** An export that was refused before it began. */
  refusedExport(viewer: Viewer, reason: string): Promise<void>
  /** Oldest first, in pages, of what there is when it begins: the next page is read when it is asked for. */
  export(actor: AuditActor, range: AuditRange): AsyncGenerator<readonly AuditRow[]>
}

const exportPageSize = 500

export interface AuditReadingOptions {
  readonly database: Database
  readonly audit: Pick<AuditLog, 'note' | 'noteOften' | 'refused'>
  readonly now?: () => Date
}

export function createAuditReading({ database, audit, now = () => new Date() }: AuditReadingOptions): AuditReading {
  const store = createAuditStore(database)
  return {
    async page(viewer, request, filter) {
      await audit.noteOften(viewer, { action: 'READ_AUDIT_LOG' })
      return store.page(viewer.workspace, request, listFilter(filter))
    },
    refusedField(viewer, coordinate) {
      void audit.refused(viewer, { action: 'USE_FIELD', target: { kind: 'FIELD', id: coordinate } }, 'FORBIDDEN')
    },
    refusedExport: (viewer, reason) => audit.refused(viewer, { action: 'EXPORT_AUDIT_LOG' }, reason),
    async *export(actor, { from, to }) {
      const until = to ?? now()
      const details = { to: until.toISOString(), ...(from && { from: from.toISOString() }) }
      await audit.note(actor, { action: 'EXPORT_AUDIT_LOG', details })
      const workspace: WorkspaceScope = actor.workspace
      const toId = firstAuditId(until)
      for (let afterId = firstAuditId(from ?? new Date(0)); ; ) {
        const page = await store.range(workspace, { afterId, toId }, exportPageSize)
        if (page.length > 0) yield page
        const last = page.at(-1)
        if (!last || page.length < exportPageSize) return
        afterId = last.id
      }
    },
  }
}

const listFilter = ({ actions, outcomes, actorId, target, from, to }: AuditFilter): AuditListFilter => ({
  actions: actions ?? null,
  outcomes: outcomes ?? null,
  actorId: actorId ?? null,
  target: target ?? null,
  fromId: from ? firstAuditId(from) : null,
  toId: to ? firstAuditId(to) : null,
})
