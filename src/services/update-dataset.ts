import { isDeepStrictEqual } from 'node:util'
import type { DatasetChanges } from '../db/dataset-store.ts'
import { isForeignKeyViolation } from '../db/foreign-key-violation.ts'
import type { ConnectorRow, DatasetRow } from '../db/rows.ts'
import { connectorKey } from './connector-ref.ts'
import { type DatasetDependencies, takenDatasetError } from './dataset-dependencies.ts'
import { assertSameType, resolveQuery } from './dataset-query.ts'
import type { UpdateDatasetInput } from './datasets.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { InputCheck } from './input-check.ts'
import { namingChanges } from './naming-changes.ts'
import type { Viewer } from './viewer.ts'

/** `DatasetService.update`. What changes nothing raises no version. */
export async function updateDataset(
  dependencies: DatasetDependencies,
  viewer: Viewer,
  input: UpdateDatasetInput,
): Promise<DatasetRow> {
  const { database, datasetStore } = dependencies
  const workspaceId = viewer.workspace.id
  const row = await datasetStore.find(workspaceId, input.id)
  if (row === null) throw new NotFoundError('dataset')
  if (row.version !== input.expectedVersion) throw changedMeanwhile(row)
  const wanted = { ...validated(dependencies, input), ...(await newConnector(dependencies, viewer, input)) }
  await assertTypesFit(dependencies, row, wanted, input)

  const before: Partial<Record<string, unknown>> = row
  const changes: DatasetChanges = Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => !isDeepStrictEqual(before[field], value)),
  )
  if (Object.keys(changes).length === 0) return row
  const stamp = { updatedAt: new Date(), updatedBy: viewer.displayName }
  try {
    return await database.write(async tx => {
      const saved = await datasetStore.update(tx, workspaceId, row.id, row.version, { ...changes, ...stamp })
      if (saved) return saved
      const current = await datasetStore.findInTransaction(tx, workspaceId, row.id)
      throw current ? changedMeanwhile(current) : new NotFoundError('dataset')
    })
  } catch (error) {
    if (isForeignKeyViolation(error)) throw new NotFoundError('connector')
    throw takenDatasetError(error, wanted.name ?? row.name)
  }
}

function validated({ registry }: DatasetDependencies, input: UpdateDatasetInput): DatasetChanges {
  const check = new InputCheck()
  const fields: DatasetChanges = namingChanges(check, input)
  const { query } = input
  const resolved = check.valid(check.collect(() => (query ? resolveQuery(registry, query) : null)))
  return { ...fields, ...(resolved && { query: resolved.query, typeName: resolved.type.name }) }
}

async function newConnector(
  { connectorStore }: DatasetDependencies,
  { workspace: { id: workspaceId } }: Viewer,
  { connector }: UpdateDatasetInput,
): Promise<Pick<DatasetChanges, 'connectorId'>> {
  if (connector === undefined) return {}
  const found = await connectorStore.find(workspaceId, connectorKey(connector))
  if (found === null) throw new NotFoundError('connector')
  return { connectorId: found.id }
}

/** The connector that the dataset will have must be of the type that its query will have. */
async function assertTypesFit(
  { connectorStore }: DatasetDependencies,
  row: DatasetRow,
  wanted: DatasetChanges,
  input: UpdateDatasetInput,
): Promise<void> {
  const connectorId = wanted.connectorId ?? row.connectorId
  const connector: ConnectorRow | null =
    connectorId === null ? null : await connectorStore.find(row.workspaceId, { id: connectorId })
  // A connector that was deleted at this moment is reported when the row is written.
  if (connector === null) return
  assertSameType(wanted.typeName ?? row.typeName, connector.typeName, [input.query ? 'query' : 'connector'])
}

const changedMeanwhile = ({ version }: DatasetRow) =>
  new ConflictError('The dataset has changed since it was read. Read it again and repeat.', version)
