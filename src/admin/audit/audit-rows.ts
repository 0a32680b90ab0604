import { and, asc, eq, gt, isNotNull, isNull, lt, ne, or, type SQL } from 'drizzle-orm'
import type { Database } from '../../db/database.ts'
import type { SecretVersionRow } from '../../db/rows.ts'
import type { SecretStores } from '../../secrets/secret-store.ts'
import { pendingMs, retiredMs } from '../../services/secret-reaper.ts'
import type { AuditRecord, FindingKind } from './finding.ts'

const pageSize = 500
/** Servers look every minute, and remove 1,000 at a time. */
const graceMs = 3_600_000

/** Versions that should have been removed by now, and versions in use that no connector uses. */
export async function auditVersionRows(
  database: Database,
  stores: SecretStores,
  workspaceId: string,
  now: Date,
  record: AuditRecord,
): Promise<void> {
  const { connectors, secretVersions } = database.tables
  const longerThan = (state: SecretVersionRow['state'], ms: number) =>
    and(eq(secretVersions.state, state), lt(secretVersions.stateAt, new Date(now.getTime() - ms - graceMs)))
  const overdue = [
    longerThan('PENDING', pendingMs),
    longerThan('RETIRED', retiredMs),
    longerThan('REAPING', 0),
    ...stores.all.map(({ kind, quarantineMs }) =>
      and(eq(secretVersions.store, kind), longerThan('FENCED', quarantineMs)),
    ),
  ]
  await auditVersions(database, workspaceId, 'STUCK', and(or(...overdue), isNull(connectors.id)), record)
  const unreferenced = and(eq(secretVersions.state, 'ACTIVE'), isNull(connectors.id))
  await auditVersions(database, workspaceId, 'UNREFERENCED', unreferenced, record)
}

async function auditVersions(
  { read, tables: { connectors, secretVersions } }: Database,
  workspaceId: string,
  kind: FindingKind,
  condition: SQL | undefined,
  record: AuditRecord,
): Promise<void> {
  const wrong = (which: SQL) =>
    read
      .select({ id: secretVersions.id, row: secretVersions })
      .from(secretVersions)
      .leftJoin(
        connectors,
        and(eq(connectors.workspaceId, secretVersions.workspaceId), eq(connectors.secretVersionId, secretVersions.id)),
      )
      .where(and(eq(secretVersions.workspaceId, workspaceId), condition, which))
      .orderBy(asc(secretVersions.id))
      .limit(pageSize)
  await inPages(
    after => wrong(gt(secretVersions.id, after)),
    async ({ row }) => {
      // A server may just be at it.
      const [still] = await wrong(eq(secretVersions.id, row.id))
      if (still) record.add({ kind, ...idsOf(row) })
    },
  )
}

/** Connectors whose secrets are not there, not in use, or those of another one. */
export async function auditConnectors(
  { read, tables: { connectors, secretVersions } }: Database,
  workspaceId: string,
  record: AuditRecord,
): Promise<void> {
  const wrong = (which: SQL) =>
    read
      .select({ id: connectors.id, versionId: connectors.secretVersionId, state: secretVersions.state })
      .from(connectors)
      .leftJoin(
        secretVersions,
        and(eq(secretVersions.workspaceId, connectors.workspaceId), eq(secretVersions.id, connectors.secretVersionId)),
      )
      .where(
        and(
          eq(connectors.workspaceId, workspaceId),
          isNotNull(connectors.secretVersionId),
          or(
            isNull(secretVersions.id),
            ne(secretVersions.state, 'ACTIVE'),
            ne(secretVersions.connectorId, connectors.id),
          ),
          which,
        ),
      )
      .orderBy(asc(connectors.id))
      .limit(pageSize)
  await inPages(
    after => wrong(gt(connectors.id, after)),
    async ({ id: connectorId }) => {
      const [still] = await wrong(eq(connectors.id, connectorId))
      if (!still?.versionId) return
      const { versionId, state } = still
      record.add({ kind: 'UNUSABLE', workspaceId, connectorId, versionId, ...(state !== null && { state }) })
    },
  )
}

async function inPages<Row extends { readonly id: string }>(
  pageAfter: (after: string) => PromiseLike<readonly Row[]>,
  each: (row: Row) => Promise<void>,
): Promise<void> {
  for (let after = ''; ; ) {
    const page = await pageAfter(after)
    for (const row of page) await each(row)
    const last = page.at(-1)
    if (!last || page.length < pageSize) return
    after = last.id
  }
}

const idsOf = ({ workspaceId, connectorId, id: versionId, store, state }: SecretVersionRow) => ({
  workspaceId,
  connectorId,
  versionId,
  store,
  state,
})
