import type { ConnectorListFilter } from '../db/connector-store.ts'
import type { ConnectorDependencies } from './connector-dependencies.ts'
import { connectorKey } from './connector-ref.ts'
import { secretStatesOf, verificationsOf } from './connector-verification.ts'
import type { ConnectorFilter, ConnectorService } from './connectors.ts'
import { createConnector } from './create-connector.ts'
import { deleteConnector, planDeletion } from './delete-connector.ts'
import { searchKey } from './names.ts'
import { updateConnector } from './update-connector.ts'
import { validateConnectorConfig } from './validate-connector-config.ts'

export function createConnectorService(dependencies: ConnectorDependencies): ConnectorService {
  const { connectorStore } = dependencies
  return {
    create: (viewer, input, signal) => createConnector(dependencies, viewer, input, signal),
    update: (viewer, input, signal) => updateConnector(dependencies, viewer, input, signal),
    validate: (viewer, input) => validateConnectorConfig(dependencies, viewer, input),
    delete: (viewer, input) => deleteConnector(dependencies, viewer, input),
    find: (viewer, ref) => connectorStore.find(viewer.workspace, connectorKey(ref)),
    findMany: (viewer, ids) => connectorStore.findMany(viewer.workspace, ids),
    page: (viewer, request, filter) => connectorStore.page(viewer.workspace, request, listFilter(filter)),
    count: (viewer, filter) => connectorStore.count(viewer.workspace, listFilter(filter)),
    verifications: (viewer, rows) => verificationsOf(dependencies, viewer, rows),
    secretStates: (viewer, rows) => secretStatesOf(dependencies, viewer, rows),
    deletionPlan: (viewer, ref) => planDeletion(dependencies, viewer, ref),
  }
}

const listFilter = ({ search, typeNames }: ConnectorFilter): ConnectorListFilter => ({
  searchKey: searchKey(search),
  typeNames: typeNames ?? null,
})
