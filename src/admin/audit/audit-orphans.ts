import { and, asc, eq, gt, inArray, isNull, ne, or } from 'drizzle-orm'
import type { Database } from '../../db/database.ts'
import type { SecretAddress, SecretStore } from '../../secrets/secret-store.ts'
import type { AuditRecord } from './finding.ts'
import type { StoreAccess } from './store-access.ts'

const pageSize = 500

/** Values in the embedded store that no row of it speaks of: a foreign key forbids them, so somebody has been at the rows. */
export async function auditSealedOrphans(
  { read, tables: { sealedSecrets, secretVersions } }: Database,
  workspaceId: string,
  record: AuditRecord,
): Promise<void> {
  for (let after = ''; ; ) {
    const page = await read
      .select({ versionId: sealedSecrets.versionId })
      .from(sealedSecrets)
      .leftJoin(
        secretVersions,
        and(eq(secretVersions.workspaceId, sealedSecrets.workspaceId), eq(secretVersions.id, sealedSecrets.versionId)),
      )
      .where(
        and(
          eq(sealedSecrets.workspaceId, workspaceId),
          gt(sealedSecrets.versionId, after),
          or(isNull(secretVersions.id), ne(secretVersions.store, 'SEALED')),
        ),
      )
      .orderBy(asc(sealedSecrets.versionId))
      .limit(pageSize)
    for (const { versionId } of page) record.add({ kind: 'ORPHANED', workspaceId, versionId, store: 'SEALED' })
    const last = page.at(-1)
    if (!last || page.length < pageSize) return
    after = last.versionId
  }
}

export interface ListedStore {
  readonly store: SecretStore
  /** Where a value lies in it, for whoever removes it by hand. */
  pathOf(address: SecretAddress): string
}

/** Values in a store of its own that no row speaks of. */
export async function auditListedOrphans(
  database: Database,
  { store, pathOf }: ListedStore,
  workspaceId: string,
  access: StoreAccess,
  record: AuditRecord,
): Promise<void> {
  await access.ask(store.kind, workspaceId, async () => {
    const suspects = new Map<string, SecretAddress>()
    for await (const address of unknownAddresses(database, store, workspaceId)) suspects.set(address.versionId, address)
    if (suspects.size === 0) return
    const orphans: SecretAddress[] = []
    // A row is there before its value and goes after it: what is listed again now, and had no row before, has none.
    for await (const { versionId } of store.list(workspaceId)) {
      const address = suspects.get(versionId)
      if (address) orphans.push(address)
    }
    for (const address of orphans)
      record.add({ kind: 'ORPHANED', ...address, store: store.kind, path: pathOf(address) })
  })
}

async function* unknownAddresses(
  database: Database,
  store: SecretStore,
  workspaceId: string,
): AsyncGenerator<SecretAddress> {
  let some: SecretAddress[] = []
  for await (const address of store.list(workspaceId)) {
    some.push(address)
    if (some.length < pageSize) continue
    yield* await withoutRow(database, store, workspaceId, some)
    some = []
  }
  yield* await withoutRow(database, store, workspaceId, some)
}

async function withoutRow(
  { read, tables: { secretVersions } }: Database,
  { kind }: SecretStore,
  workspaceId: string,
  addresses: readonly SecretAddress[],
): Promise<readonly SecretAddress[]> {
  if (addresses.length === 0) return []
  const ids = addresses.map(({ versionId }) => versionId)
  const rows = await read
    .select({ id: secretVersions.id, connectorId: secretVersions.connectorId })
    .from(secretVersions)
    .where(
      and(eq(secretVersions.workspaceId, workspaceId), eq(secretVersions.store, kind), inArray(secretVersions.id, ids)),
    )
  const connectorOf = new Map(rows.map(row => [row.id, row.connectorId]))
  return addresses.filter(({ versionId, connectorId }) => connectorOf.get(versionId) !== connectorId)
}
