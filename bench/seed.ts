import { join } from 'node:path'
import type { JsonObject } from '../src/connectors/json.ts'
import type { Writer } from '../src/db/database.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { newId } from '../src/services/ids.ts'
import { nameKey } from '../src/services/names.ts'
import { soleViewer } from '../src/services/viewer.ts'

export const connectorCount = 1_000
export const datasetsPerConnector = 10

const rowsPerInsert = 500

/** Fills an empty data directory with connectors and ten datasets on each of them. */
export async function seed(dataDirectory: string): Promise<void> {
  const database = await openDatabase({
    url: null,
    dataDirectory,
    migrationsDirectory: join(import.meta.dirname, '..', 'drizzle'),
  })
  try {
    const { connectors, datasets } = database.tables
    await database.write(async tx => {
      const connectorRows = Array.from({ length: connectorCount }, (_, index) => connectorRow(index))
      const datasetRows = connectorRows.flatMap(connector =>
        Array.from({ length: datasetsPerConnector }, (_, index) => datasetRow(connector, index)),
      )
      await insertAll(tx, connectors, connectorRows)
      await insertAll(tx, datasets, datasetRows)
    })
  } finally {
    await database.close()
  }
}

async function insertAll<Row extends object>(tx: Writer, table: Parameters<Writer['insert']>[0], rows: readonly Row[]) {
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    // The table and its rows come in pairs from above.
    await tx.insert(table).values(rows.slice(start, start + rowsPerInsert) as never)
  }
}

const common = (name: string, index: number) => ({
  workspaceId: soleViewer.workspace.id,
  id: newId(),
  name,
  nameKey: nameKey(name),
  description: `The one of department ${index % 17}.`,
  version: 1,
  createdAt: new Date(1_780_000_000_000 + index * 1_000),
  createdBy: soleViewer.id,
  updatedAt: new Date(1_790_000_000_000 + index * 1_000),
  updatedBy: soleViewer.id,
})

function connectorRow(index: number) {
  const config: JsonObject = {
    host: `db-${index}.example.com`,
    port: 5432,
    database: 'analytics',
    auth: { password: { username: 'reader' } },
    tls: { mode: 'VERIFY_FULL', caBundle: 'PUBLIC' },
    schemas: [],
    limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 60 },
  }
  const name = `Warehouse ${String(index).padStart(4, '0')}`
  return { ...common(name, index), externalKey: null, typeName: 'POSTGRES', config, secretVersionId: null }
}

function datasetRow(connector: { readonly id: string; readonly name: string }, index: number) {
  const query: JsonObject = { table: { schema: 'public', name: `orders_${index}`, columns: [] } }
  return {
    ...common(`Orders ${index} of ${connector.name}`, index),
    connectorId: connector.id,
    typeName: 'POSTGRES',
    query,
  }
}
