import type { NewDataset } from '../db/dataset-store.ts'
import { isForeignKeyViolation } from '../db/foreign-key-violation.ts'
import type { DatasetRow } from '../db/rows.ts'
import { isUniqueViolation } from '../db/unique-violation.ts'
import { changedQuery, givenNames } from './audit-changes.ts'
import { auditGlobalId } from './audit-line.ts'
import { connectorKey } from './connector-ref.ts'
import { type DatasetDependencies, takenDatasetError } from './dataset-dependencies.ts'
import { assertSameType, resolveQuery } from './dataset-query.ts'
import type { CreateDatasetInput } from './datasets.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { idempotentRequest } from './idempotency.ts'
import { newId } from './ids.ts'
import { InputCheck } from './input-check.ts'
import { cleanDescription, cleanName, descriptionFault, idempotencyKeyFault, nameFault, nameKey } from './names.ts'
import type { Viewer } from './viewer.ts'

/** `DatasetService.create`. A repeated request with the same idempotency key gets the dataset that the first one made. */
export async function createDataset(
  dependencies: DatasetDependencies,
  viewer: Viewer,
  input: CreateDatasetInput,
): Promise<DatasetRow> {
  const { database, connectorStore, datasetStore, idempotencyStore, digester } = dependencies
  const { workspace } = viewer
  const { fields, resolved } = validated(dependencies, input)
  const key = connectorKey(input.connector)
  const request = await idempotentRequest(
    { store: idempotencyStore, digester },
    viewer,
    'createDataset',
    input.idempotencyKey,
    { ...fields, type: resolved.type.name, query: resolved.query, connector: key },
  )
  const earlier = async (): Promise<DatasetRow | null> => {
    const id = await request.earlierResultId()
    if (id === null) return null
    const row = await datasetStore.find(workspace, id)
    if (row === null) throw new ConflictError('The dataset that this request created has been deleted since.', null)
    return row
  }

  const answered = await earlier()
  if (answered) return answered
  const connector = await connectorStore.find(workspace, key)
  if (connector === null) throw new NotFoundError('connector')
  assertSameType(resolved.type.name, connector.typeName, ['query'])

  const now = new Date()
  const dataset: NewDataset = {
    ...fields,
    id: newId(),
    connectorId: connector.id,
    typeName: resolved.type.name,
    query: resolved.query,
    version: 1,
    createdAt: now,
    createdBy: viewer.displayName,
    updatedAt: now,
    updatedBy: viewer.displayName,
  }
  try {
    return await database.write(async tx => {
      const row = await datasetStore.insert(tx, workspace, dataset)
      await request.record(tx, row.id)
      await dependencies.audit.record(tx, viewer, {
        action: 'CREATE_DATASET',
        target: { kind: 'DATASET', id: row.id, name: row.name },
        changedFields: [...givenNames(dataset), ...changedQuery(resolved.type, null, resolved.query)],
        details: {
          version: row.version,
          connectorType: row.typeName,
          connector: auditGlobalId('CONNECTOR', connector.id),
        },
      })
      return row
    })
  } catch (error) {
    if (isForeignKeyViolation(error)) throw new NotFoundError('connector')
    if (!isUniqueViolation(error)) throw error
    const made = await earlier()
    if (made) return made
    throw takenDatasetError(error, dataset.name)
  }
}

function validated({ registry }: DatasetDependencies, input: CreateDatasetInput) {
  const name = cleanName(input.name)
  const description = cleanDescription(input.description)
  const check = new InputCheck()
  check.field('name', nameFault(name))
  check.field('description', descriptionFault(description))
  check.field('idempotencyKey', input.idempotencyKey == null ? null : idempotencyKeyFault(input.idempotencyKey))
  const resolved = check.valid(check.collect(() => resolveQuery(registry, input.query)))
  return { fields: { name, nameKey: nameKey(name), description }, resolved }
}
