import type { DatasetListFilter } from '../db/dataset-store.ts'
import type { DatasetRow } from '../db/rows.ts'
import { connectorKey } from './connector-ref.ts'
import { createDataset } from './create-dataset.ts'
import type { DatasetDependencies } from './dataset-dependencies.ts'
import type { DatasetFilter, DatasetService } from './datasets.ts'
import { NotFoundError } from './errors.ts'
import { searchKey } from './names.ts'
import { previewDataset } from './preview-dataset.ts'
import { updateDataset } from './update-dataset.ts'
import type { Viewer } from './viewer.ts'

export function createDatasetService(dependencies: DatasetDependencies): DatasetService {
  const { database, connectorStore, datasetStore } = dependencies

  /** Null when the filter names a connector that there is not, so that no dataset can match. */
  const listFilter = async (viewer: Viewer, filter: DatasetFilter): Promise<DatasetListFilter | null> => {
    const connector = filter.connector
      ? await connectorStore.find(viewer.workspace, connectorKey(filter.connector))
      : null
    if (filter.connector && connector === null) return null
    return {
      searchKey: searchKey(filter.search),
      connectorId: connector?.id ?? null,
      status: filter.status ?? null,
    }
  }

  return {
    create: (viewer, input) => createDataset(dependencies, viewer, input),
    update: (viewer, input) => updateDataset(dependencies, viewer, input),
    async delete(viewer, id) {
      await database.write(async tx => {
        const removed = await datasetStore.remove(tx, viewer.workspace, id)
        if (removed === null) throw new NotFoundError('dataset')
        const { name, version, typeName } = removed
        await dependencies.audit.record(tx, viewer, {
          action: 'DELETE_DATASET',
          target: { kind: 'DATASET', id, name },
          details: { version, connectorType: typeName },
        })
      })
      return id
    },
    find: (viewer, id) => datasetStore.find(viewer.workspace, id),
    findMany: (viewer, ids) => datasetStore.findMany(viewer.workspace, ids),
    async page(viewer, request, filter) {
      const listed = await listFilter(viewer, filter)
      return listed ? datasetStore.page(viewer.workspace, request, listed) : noDatasets
    },
    async count(viewer, filter) {
      const listed = await listFilter(viewer, filter)
      return listed ? datasetStore.count(viewer.workspace, listed) : 0
    },
    countsOfConnectors: (viewer, connectorIds) => datasetStore.countsOfConnectors(viewer.workspace, connectorIds),
    pagesOfConnectors: (viewer, connectorIds, first) =>
      datasetStore.firstPagesOfConnectors(viewer.workspace, connectorIds, first),
    preview: (viewer, target, first, signal) => previewDataset(dependencies, viewer, target, first, signal),
  }
}

const noDatasets = { rows: [] as readonly DatasetRow[], cursors: [], hasNextPage: false }
