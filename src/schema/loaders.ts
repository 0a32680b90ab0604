import DataLoader from 'dataloader'
import type { Page } from '../db/keyset.ts'
import type { ApiTokenRow, ConnectionTestRow, ConnectorRow, DatasetRow } from '../db/rows.ts'
import type { SecretState, Verification } from '../services/connectors.ts'
import type { Services } from '../services/services.ts'
import type { Viewer } from '../services/viewer.ts'

/** Reads what a list asks for once per row in one query per list. Made for one operation and one viewer. */
export interface Loaders {
  readonly connector: DataLoader<string, ConnectorRow | null>
  readonly dataset: DataLoader<string, DatasetRow | null>
  readonly connectionTest: DataLoader<string, ConnectionTestRow | null>
  readonly apiToken: DataLoader<string, ApiTokenRow | null>
  readonly verification: DataLoader<ConnectorRow, Verification>
  readonly secretStates: DataLoader<ConnectorRow, readonly SecretState[]>
  readonly datasetCount: DataLoader<string, number>
  /** First pages that were read along with a list of connectors, for the rows of that list. */
  readonly datasetsAhead: Map<ConnectorRow, { readonly first: number; readonly page: Page<DatasetRow> }>
  /** The first page of a connector's datasets, by name. */
  datasetsOfConnector(first: number): DataLoader<string, Page<DatasetRow>>
}

export function createLoaders(services: Services, viewer: Viewer): Loaders {
  const { connectors, datasets, connectionTests, apiTokens } = services
  const datasetPages = new Map<number, DataLoader<string, Page<DatasetRow>>>()
  return {
    connector: batching(ids => connectors.findMany(viewer, ids)),
    dataset: batching(ids => datasets.findMany(viewer, ids)),
    connectionTest: batching(ids => connectionTests.findMany(viewer, ids)),
    apiToken: batching(ids => apiTokens.findMany(viewer, ids)),
    verification: batching(rows => connectors.verifications(viewer, rows)),
    secretStates: batching(rows => connectors.secretStates(viewer, rows)),
    datasetCount: batching(ids => datasets.countsOfConnectors(viewer, ids)),
    datasetsAhead: new Map(),
    datasetsOfConnector(first) {
      let loader = datasetPages.get(first)
      if (!loader) {
        loader = batching(ids => datasets.pagesOfConnectors(viewer, ids, first))
        datasetPages.set(first, loader)
      }
      return loader
    },
  }
}

/**
 * Batches without remembering: an operation may change what it read before (several mutations, a subscription), and
 * a remembered row would then be wrong. Equal keys of one batch are asked for once.
 */
function batching<Key, Value>(load: (keys: readonly Key[]) => Promise<readonly Value[]>): DataLoader<Key, Value> {
  return new DataLoader<Key, Value>(
    async keys => {
      const distinct = [...new Set(keys)]
      const values = await load(distinct)
      const byKey = new Map(distinct.map((key, index) => [key, values[index] as Value]))
      return keys.map(key => byKey.get(key) as Value)
    },
    { cache: false, maxBatchSize: 1000 },
  )
}
