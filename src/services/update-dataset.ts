import { isDeepStrictEqual } from 'node:util'
import type { DatasetChanges } from '../db/dataset-store.ts'
import { isForeignKeyViolation } from '../db/foreign-key-violation.ts'
import type { ConnectorRow, DatasetRow } from '../db/rows.ts'
import type { AuditEntry } from './audit.ts'
import { changedNames, changedQuery } from './audit-changes.ts'
import { auditGlobalId } from './audit-line.ts'
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
  const { workspace } = viewer
  const row = await datasetStore.find(workspace, input.id)
  if (row === null) throw new NotFoundError('dataset')
  if (row.version !== input.expectedVersion) throw changedMeanwhile(row)
  const wanted = { ...validated(dependencies, input), ...(await newConnector(dependencies, viewer, input)) }
  await assertTypesFit(dependencies, viewer, row, wanted, input)

  const before: Partial<Record<string, unknown>> = row
  const changes: DatasetChanges = Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => !isDeepStrictEqual(before[field], value)),
  )
  const told = (saved: DatasetRow): AuditEntry => ({
    action: 'UPDATE_DATASET',
    target: { kind: 'DATASET', id: saved.id, name: saved.name },
    changedFields: [...changedNames(changes), ...changedQueryFields(dependencies, row, changes)],
    details: {
      version: saved.version,
      connectorType: saved.typeName,
      ...(saved.connectorId !== null && { connector: auditGlobalId('CONNECTOR', saved.connectorId) }),
    },
  })
  if (Object.keys(changes).length === 0) {
    await dependencies.audit.note(viewer, told(row))
    return row
  }
  const stamp = { updatedAt: new Date(), updatedBy: viewer.displayName }
  try {
    return await database.write(async tx => {
      const saved = await datasetStore.update(tx, workspace, row.id, row.version, { ...changes, ...stamp })
      if (saved) {
        await dependencies.audit.record(tx, viewer, told(saved))
        return saved
      }
      const current = await datasetStore.findInTransaction(tx, workspace, row.id)
      throw current ? changedMeanwhile(current) : new NotFoundError('dataset')
    })
  } catch (error) {
    if (isForeignKeyViolation(error)) throw new NotFoundError('connector')
    throw takenDatasetError(error, wanted.name ?? row.name)
  }
}

/** A query for another type of connector is another query as a whole. */
function changedQueryFields({ registry }: DatasetDependencies, row: DatasetRow, changes: DatasetChanges) {
  if (changes.query === undefined) return changes.typeName === undefined ? [] : ['query']
  const type = registry.byName(changes.typeName ?? row.typeName)
  return changedQuery(type, changes.typeName === undefined ? row.query : null, changes.query)
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
  { workspace }: Viewer,
  { connector }: UpdateDatasetInput,
): Promise<Pick<DatasetChanges, 'connectorId'>> {
  if (connector === undefined) return {}
  const found = await connectorStore.find(workspace, connectorKey(connector))
  if (found === null) throw new NotFoundError('connector')
  return { connectorId: found.id }
}

/** The connector that the dataset will have must be of the type that its query will have. */
async function assertTypesFit(
  { connectorStore }: DatasetDependencies,
  { workspace }: Viewer,
  row: DatasetRow,
  wanted: DatasetChanges,
  input: UpdateDatasetInput,
): Promise<void> {
  const connectorId = wanted.connectorId ?? row.connectorId
  const connector: ConnectorRow | null =
    connectorId === null ? null : await connectorStore.find(workspace, { id: connectorId })
  // A connector that was deleted at this moment is reported when the row is written.
  if (connector === null) return
  assertSameType(wanted.typeName ?? row.typeName, connector.typeName, [input.query ? 'query' : 'connector'])
}

const changedMeanwhile = ({ version }: DatasetRow) =>
  new ConflictError('The dataset has changed since it was read. Read it again and repeat.', version)
