import { setImmediate as immediate } from 'node:timers/promises'
import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { SecretVersionRow } from '../../db/rows.ts'
import { scopeOfRow } from '../../db/scope-of-row.ts'
import { WorkspaceScope } from '../../db/workspace-scope.ts'
import { SecretStoreError } from '../../secrets/secret-store.ts'
import type { SecretReading } from '../../services/secret-reading.ts'
import { operatorAudit } from '../audit-log/operator-audit.ts'
import type { OpenKeys, OpenSecrets } from '../command.ts'
import type { AuditRecord } from './finding.ts'
import type { StoreAccess } from './store-access.ts'

const pageSize = 500
const concurrency = 8

const usable = ['ACTIVE', 'RETIRED'] as const

/** Opens every value that a connector uses, or would use again after a restore of the database. */
export async function auditValues(
  world: OpenKeys & OpenSecrets,
  workspaceId: string,
  access: StoreAccess,
  record: AuditRecord,
  signal: AbortSignal,
): Promise<void> {
  const { secretVersions } = world.database.tables
  const { audit, operator, seal } = operatorAudit(world)
  const workspace = WorkspaceScope.of(workspaceId)
  // One entry for all: an operator looks at everything, and values stay where they are.
  let told: Promise<void> | null = null
  const reading: SecretReading = {
    before: () => {
      told ??= audit.note(operator(workspace), { action: 'READ_SECRET', details: { purpose: 'CHECK' } })
      return told
    },
  }
  for (let after = ''; !signal.aborted; ) {
    const page = await world.database.read
      .select()
      .from(secretVersions)
      .where(
        and(
          eq(secretVersions.workspaceId, workspaceId),
          inArray(secretVersions.state, usable),
          gt(secretVersions.id, after),
        ),
      )
      .orderBy(asc(secretVersions.id))
      .limit(pageSize)
    for (let from = 0; from < page.length && !signal.aborted; from += concurrency) {
      const some = page.slice(from, from + concurrency)
      await Promise.all(some.map(row => auditValue(world, row, { access, reading }, record)))
      // SQLite answers at once: signals want a turn.
      await immediate()
    }
    const last = page.at(-1)
    if (!last || page.length < pageSize) break
    after = last.id
  }
  await seal()
}

async function auditValue(
  world: OpenKeys & OpenSecrets,
  row: SecretVersionRow,
  { access, reading }: { readonly access: StoreAccess; readonly reading: SecretReading },
  record: AuditRecord,
): Promise<void> {
  const { workspaceId, connectorId, id: versionId, store, state } = row
  for (let isCertain = false; ; isCertain = true) {
    try {
      const read = async () => void (await world.secretVersions.read(scopeOfRow(row), connectorId, versionId, reading))
      if (await access.ask(store, workspaceId, read)) record.opened++
      return
    } catch (error) {
      if (!(error instanceof SecretStoreError)) throw error
      // It may have been retired and removed since its row was read.
      if (!(await isStillUsable(world, row))) return
      if (!isCertain) continue
      const kind = error.fault === 'MISSING' ? 'MISSING' : 'DAMAGED'
      record.add({ kind, workspaceId, connectorId, versionId, store, state })
      return
    }
  }
}

async function isStillUsable({ database }: OpenKeys, row: SecretVersionRow): Promise<boolean> {
  const { secretVersions } = database.tables
  const [now] = await database.read
    .select({ state: secretVersions.state })
    .from(secretVersions)
    .where(and(eq(secretVersions.workspaceId, row.workspaceId), eq(secretVersions.id, row.id)))
  return usable.some(state => state === now?.state)
}
