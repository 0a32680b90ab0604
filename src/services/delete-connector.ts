import type { NamedDataset } from '../db/dataset-store.ts'
import { isForeignKeyViolation } from '../db/foreign-key-violation.ts'
import type { ConnectorRow } from '../db/rows.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { AuditEntry } from './audit.ts'
import { auditGlobalId } from './audit-line.ts'
import type { ConnectorDependencies } from './connector-dependencies.ts'
import { connectorKey } from './connector-ref.ts'
import type { ConnectorRef, DatasetSelection, DeleteConnectorInput, DeletionPlan } from './connectors.ts'
import { ConflictError, ConnectorInUseError, NotFoundError, ValidationError } from './errors.ts'
import type { Viewer } from './viewer.ts'

type Dependencies = Pick<
  ConnectorDependencies,
  'database' | 'connectorStore' | 'datasetStore' | 'verificationStore' | 'secretVersions' | 'digester' | 'audit'
>

/** `ConnectorService.deletionPlan`. */
export async function planDeletion(
  dependencies: Dependencies,
  viewer: Viewer,
  ref: ConnectorRef,
): Promise<DeletionPlan | null> {
  const { database, connectorStore, datasetStore } = dependencies
  const connector = await connectorStore.find(viewer.workspace, connectorKey(ref))
  if (connector === null) return null
  const dependents = await datasetStore.idsOfConnector(database.read, viewer.workspace, connector.id)
  const visible = visibleOf(viewer, dependents)
  return {
    connector,
    datasetCount: visible.length,
    hiddenDatasetCount: dependents.length - visible.length,
    impactToken: await impactToken(dependencies, viewer.workspace, connector, dependents),
  }
}

const maxAttempts = 3

/** `ConnectorService.delete`. Needs neither the secret store nor the data source. */
export async function deleteConnector(
  dependencies: Dependencies,
  viewer: Viewer,
  input: DeleteConnectorInput,
): Promise<{ connectorId: string; datasetIds: readonly string[] }> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptDeletion(dependencies, viewer, input)
    } catch (error) {
      // A dataset or a test came to depend on the connector meanwhile; the next attempt sees it.
      if (!isForeignKeyViolation(error) || attempt === maxAttempts) throw error
    }
  }
}

async function attemptDeletion(dependencies: Dependencies, viewer: Viewer, input: DeleteConnectorInput) {
  const { database, connectorStore, datasetStore, verificationStore, secretVersions } = dependencies
  const { workspace } = viewer
  const connector = await connectorStore.find(workspace, connectorKey(input.connector))
  if (connector === null) throw new NotFoundError('connector')
  const dependents = await datasetStore.idsOfConnector(database.read, workspace, connector.id)
  if (input.impactToken == null) {
    if (dependents.length > 0) throw new ConnectorInUseError(connector.id)
  } else if (input.impactToken !== (await impactToken(dependencies, viewer.workspace, connector, dependents))) {
    throw planIsStale(connector)
  }
  const datasetIds = chosenDatasets(viewer, dependents, input.datasets ?? { none: true })

  await database.write(async tx => {
    const current = await connectorStore.findInTransaction(tx, workspace, connector.id)
    if (current === null) throw new NotFoundError('connector')
    const now = await datasetStore.idsOfConnector(tx, workspace, connector.id)
    if (!isSameSet(now, dependents)) {
      throw input.impactToken == null ? new ConnectorInUseError(connector.id) : planIsStale(current)
    }
    const removed = await datasetStore.removeOfConnector(tx, workspace, connector.id, datasetIds)
    const detached = await datasetStore.detachFromConnector(tx, workspace, connector.id, {
      updatedAt: new Date(),
      updatedBy: viewer.displayName,
    })
    await verificationStore.detachFromConnector(tx, workspace, connector.id)
    await connectorStore.remove(tx, workspace, connector.id)
    if (current.secretVersionId !== null) await secretVersions.retire(tx, workspace, current.secretVersionId)
    await dependencies.audit.record(tx, viewer, ...deletionEntries(current, removed, detached))
  })
  return { connectorId: connector.id, datasetIds }
}

/** What became of the connector, and of each dataset that depended on it. */
function deletionEntries(
  connector: ConnectorRow,
  removed: readonly NamedDataset[],
  detached: readonly NamedDataset[],
): readonly AuditEntry[] {
  const ofDataset = ({ id, name, version }: NamedDataset) => ({
    target: { kind: 'DATASET', id, name } as const,
    details: { version, connector: auditGlobalId('CONNECTOR', connector.id) },
  })
  return [
    {
      action: 'DELETE_CONNECTOR',
      target: { kind: 'CONNECTOR', id: connector.id, name: connector.name },
      details: {
        version: connector.version,
        connectorType: connector.typeName,
        deletedDatasets: removed.length,
        detachedDatasets: detached.length,
      },
    },
    ...removed.map((dataset): AuditEntry => ({ action: 'DELETE_DATASET', ...ofDataset(dataset) })),
    ...detached.map(
      (dataset): AuditEntry => ({
        action: 'UPDATE_DATASET',
        changedFields: ['connector'],
        ...ofDataset(dataset),
      }),
    ),
  ]
}

/** Stands for exactly this set of dependents, whatever else about the connector or the datasets changes. */
function impactToken(
  { digester }: Dependencies,
  workspace: WorkspaceScope,
  { id }: ConnectorRow,
  dependents: readonly string[],
): Promise<string> {
  return digester.digest(workspace.id, 'connector-impact', { connectorId: id, datasetIds: [...dependents].sort() })
}

const visibleOf = (viewer: Viewer, dependents: readonly string[]) =>
  viewer.scopes.has('datasets:read') ? dependents : []

function chosenDatasets(viewer: Viewer, dependents: readonly string[], selection: DatasetSelection): readonly string[] {
  const visible = visibleOf(viewer, dependents)
  const chosen = selection.all === true ? visible : [...new Set(selection.ids ?? [])]
  if (chosen.length === 0) return []
  if (!viewer.scopes.has('datasets:delete')) throw invalidSelection(['datasets'], 'You may not delete datasets.')
  const unknown = chosen.findIndex(id => !visible.includes(id))
  if (unknown >= 0)
    throw invalidSelection(['datasets', 'ids', String(unknown)], 'This dataset does not depend on the connector.')
  return [...chosen].sort()
}

const invalidSelection = (inputPath: readonly string[], message: string) =>
  new ValidationError([{ path: inputPath.join('.'), inputPath, message }])

const isSameSet = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && new Set([...a, ...b]).size === a.length

const planIsStale = ({ version }: ConnectorRow) =>
  new ConflictError('The datasets that depend on the connector have changed. Read the deletion plan again.', version)
