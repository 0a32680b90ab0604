import type { Database } from '../../../src/db/database.ts'
import { scopeOfRow } from '../../../src/db/scope-of-row.ts'
import { SecretStoreError, type SecretStores } from '../../../src/secrets/secret-store.ts'
import type { SecretVersions } from '../../../src/services/secret-versions.ts'
import { untold } from '../../services/audit-world.ts'
import type { ConnectorSeen, Inspection } from './messages.ts'

/** Reads everything there is, the secrets too, as whoever needs them would. */
export async function inspect(
  database: Database,
  stores: SecretStores,
  secretVersions: SecretVersions,
  workspaceId: string,
): Promise<Omit<Inspection, 'auditFaults'>> {
  const { read, tables } = database
  const rows = await read.select().from(tables.connectors)
  const versions = await read.select().from(tables.secretVersions)
  const datasets = await read.select().from(tables.datasets)
  const used = new Set(rows.map(row => row.secretVersionId))
  const connectors: ConnectorSeen[] = []
  for (const row of rows) {
    const secrets = await secretVersions.readOf(scopeOfRow(row), row, untold).catch(error => {
      if (error instanceof SecretStoreError) return error.fault
      throw error
    })
    const { id, name, version, config } = row
    const store = versions.find(each => each.id === row.secretVersionId)?.store ?? null
    connectors.push({ id, name, version, note: String(config['note'] ?? ''), secrets, store })
  }
  const stored = []
  for (const store of stores.all) {
    for await (const address of store.list(workspaceId)) stored.push({ ...address, store: store.kind })
  }
  return {
    connectors,
    datasets: datasets.map(({ id, name, version, connectorId }) => ({ id, name, version, connectorId })),
    versions: versions.map(({ id, state }) => ({ id, state, isUsed: used.has(id) })),
    stored,
  }
}
