import { brandWithType } from '@pothos/core'
import type { DatasetRow } from '../db/rows.ts'
import type { DatasetFilter, DatasetOrderField } from '../services/datasets.ts'
import type { Builder } from './builder.ts'
import { toConnectorRef, toDatasetId } from './connector-ref.ts'
import { describedValues } from './enum-values.ts'
import { encodeGlobalId } from './global-id.ts'
import type { SchemaParts } from './nouns.ts'
import { defineOrderInput } from './order.ts'
import { addTotalCount, connection, implementConnection, pageArgs, pageComplexity, pageRequest } from './page.ts'

type DatasetStatus = 'CONNECTED' | 'DISCONNECTED'

const statuses: Record<DatasetStatus, string> = {
  CONNECTED: 'It has a connector.',
  DISCONNECTED: 'Its connector was deleted. `updateDataset` can point it at another one.',
}
const orderFields: Record<DatasetOrderField, string> = {
  NAME: 'The name, without regard to case.',
  CREATED_AT: 'When it was created.',
  UPDATED_AT: 'When it was last changed.',
}

export function defineDatasets(parts: SchemaParts): void {
  const status = defineStatus(parts.builder)
  defineDatasetObject(parts, status)
  defineDatasetQueries(parts, status)
}

const defineStatus = (builder: Builder) =>
  builder.enumType('DatasetStatus', {
    description: 'Whether a dataset can be read.',
    values: describedValues(statuses),
  })
type StatusRef = ReturnType<typeof defineStatus>

function defineDatasetObject({ builder, registry, nouns, forms }: SchemaParts, status: StatusRef): void {
  const queryOf = (row: DatasetRow) => {
    const output = forms.outputs.get(row.typeName)
    if (!output) throw new Error(`The query form of ${row.typeName} has no output type.`)
    const query = { ...row.query }
    // A query does not say which type's form it follows; the union has to know.
    brandWithType(query, output.query)
    return query
  }
  const query = builder.unionType('DatasetQuery', {
    description: 'What a dataset asks of its data source: one member for each connector type.',
    types: [...forms.outputs.values()].map(output => output.query),
  })
  nouns.dataset.implement({
    description: 'A named query on one connector, read live: nothing of its result is kept.',
    interfaces: [builder.nodeInterfaceRef()],
    fields: t => ({
      id: t.id({ description: 'Globally unique and opaque.', resolve: row => encodeGlobalId('Dataset', row.id) }),
      name: t.exposeString('name', { description: 'Its name, unique in the workspace without regard to case.' }),
      description: t.exposeString('description', {
        nullable: true,
        description: 'Free text: what its rows are about.',
      }),
      status: t.field({
        type: status,
        description: 'Whether it can be read.',
        resolve: row => (row.connectorId === null ? 'DISCONNECTED' : 'CONNECTED'),
      }),
      connector: t.field({
        type: nouns.connector,
        nullable: true,
        description: 'The connector that it reads through; null once that was deleted.',
        authScopes: { scope: 'connectors:read' },
        resolve: (row, _args, { loaders }) =>
          row.connectorId === null ? null : loaders.connector.load(row.connectorId),
      }),
      connectorType: t.field({
        type: nouns.connectorType,
        description: 'The type of connector that its query is made for.',
        resolve: row => registry.byName(row.typeName),
      }),
      query: t.field({ type: query, description: 'What it asks.', resolve: queryOf }),
      formData: t.field({
        type: 'JSON',
        description: 'Its query as input for the query form of its type: to fill the form for editing.',
        resolve: row => row.query,
      }),
      version: t.exposeInt('version', {
        description: 'Counts its changes; updates must give it as `expectedVersion`.',
      }),
      viewerCanUpdate: t.boolean({
        description: 'Whether the viewer may change it.',
        resolve: (_row, _args, { viewer }) => viewer.scopes.has('datasets:write'),
      }),
      viewerCanPreview: t.boolean({
        description: 'Whether the viewer may read its rows; that it has a connector is told by `status`.',
        resolve: (_row, _args, { viewer }) => viewer.scopes.has('datasets:query'),
      }),
      viewerCanDelete: t.boolean({
        description: 'Whether the viewer may delete it.',
        resolve: (_row, _args, { viewer }) => viewer.scopes.has('datasets:delete'),
      }),
      createdAt: t.field({ type: 'DateTime', description: 'When it was created.', resolve: row => row.createdAt }),
      createdBy: t.exposeString('createdBy', { nullable: true, description: 'Display name of who created it.' }),
      updatedAt: t.field({ type: 'DateTime', description: 'When it was last changed.', resolve: row => row.updatedAt }),
      updatedBy: t.exposeString('updatedBy', { nullable: true, description: 'Display name of who last changed it.' }),
    }),
  })
}

function defineDatasetQueries({ builder, nouns, connectorRef, orderDirection }: SchemaParts, status: StatusRef): void {
  implementConnection(builder, 'Dataset', nouns.datasetConnection, nouns.dataset)
  addTotalCount(builder, nouns.datasetConnection)
  const order = defineOrderInput(builder, 'Dataset', orderDirection, orderFields)
  const filter = builder.inputType('DatasetFilter', {
    description: 'Narrows a list of datasets. What is left out does not narrow.',
    fields: t => ({
      search: t.string({ required: false, description: 'Part of the name, without regard to case.' }),
      connector: t.field({ type: connectorRef, required: false, description: 'Only datasets on this connector.' }),
      status: t.field({ type: status, required: false, description: 'Only datasets with this status.' }),
    }),
  })
  builder.queryFields(t => ({
    datasets: t.field({
      type: nouns.datasetConnection,
      description: 'The saved datasets.',
      authScopes: { scope: 'datasets:read' },
      args: {
        ...pageArgs(t.arg),
        filter: t.arg({ type: filter, required: false, description: 'Narrows the list.' }),
        orderBy: t.arg({ type: order, required: false, description: 'Their order; by name unless given.' }),
      },
      complexity: pageComplexity,
      resolve: async (_root, args, { services, viewer }) => {
        const request = {
          ...pageRequest(args),
          orderBy: args.orderBy ?? ({ field: 'NAME', direction: 'ASC' } as const),
        }
        const { search = null, status = null, connector = null } = args.filter ?? {}
        const wanted: DatasetFilter = { search, status, connector: connector && toConnectorRef(connector) }
        return {
          ...(await connection(request, () => services.datasets.page(viewer, request, wanted))),
          totalCount: () => services.datasets.count(viewer, wanted),
        }
      },
    }),
    dataset: t.field({
      type: nouns.dataset,
      nullable: true,
      description: 'One saved dataset; null when there is none.',
      authScopes: { scope: 'datasets:read' },
      args: { id: t.arg.id({ description: 'Its global id.' }) },
      resolve: (_root, { id }, { services, viewer }) => services.datasets.find(viewer, toDatasetId(id)),
    }),
  }))
}
