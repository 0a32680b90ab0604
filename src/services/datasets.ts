import type { QueryOutcome } from '../connectors/define.ts'
import type { Page, PageRequest } from '../db/keyset.ts'
import type { DatasetRow } from '../db/rows.ts'
import type { ConfigInput, ConnectorRef } from './connectors.ts'
import type { Viewer } from './viewer.ts'

export interface CreateDatasetInput {
  readonly connector: ConnectorRef
  readonly name: string
  readonly description?: string | null
  /** By the type's input key; must be the connector's type. */
  readonly query: ConfigInput
  readonly idempotencyKey?: string | null
}

export interface UpdateDatasetInput {
  readonly id: string
  readonly expectedVersion: number
  readonly name?: string
  readonly description?: string | null
  /** Re-points the dataset; the new connector must be of the query's type. */
  readonly connector?: ConnectorRef
  readonly query?: ConfigInput
}

export interface DatasetFilter {
  readonly search?: string | null
  readonly connector?: ConnectorRef | null
  readonly status?: 'CONNECTED' | 'DISCONNECTED' | null
}

export type DatasetOrderField = 'NAME' | 'CREATED_AT' | 'UPDATED_AT'

export type PreviewTarget =
  | { readonly datasetId: string }
  | { readonly connector: ConnectorRef; readonly query: ConfigInput }

export type Preview = QueryOutcome & { readonly durationMs: number }

/** Rules about datasets. Refusals are thrown as `ServiceError`s. Every method works only in the viewer's workspace. */
export interface DatasetService {
  create(viewer: Viewer, input: CreateDatasetInput): Promise<DatasetRow>
  update(viewer: Viewer, input: UpdateDatasetInput): Promise<DatasetRow>
  delete(viewer: Viewer, id: string): Promise<string>
  find(viewer: Viewer, id: string): Promise<DatasetRow | null>
  findMany(viewer: Viewer, ids: readonly string[]): Promise<readonly (DatasetRow | null)[]>
  page(viewer: Viewer, request: PageRequest<DatasetOrderField>, filter: DatasetFilter): Promise<Page<DatasetRow>>
  count(viewer: Viewer, filter: DatasetFilter): Promise<number>
  /** How many datasets several connectors have, at once, in the connectors' order. */
  countsOfConnectors(viewer: Viewer, connectorIds: readonly string[]): Promise<readonly number[]>
  /** First pages for several connectors at once, in the connectors' order. */
  pagesOfConnectors(
    viewer: Viewer,
    connectorIds: readonly string[],
    first: number,
  ): Promise<readonly Page<DatasetRow>[]>
  /** Runs live, read-only, through the connector host; keeps nothing. `first` is 1 to 1000. */
  preview(viewer: Viewer, target: PreviewTarget, first: number, signal: AbortSignal): Promise<Preview>
}
