import type { ConnectorRow } from '../db/rows.ts'
import type { ConnectorOrderField } from '../services/connectors.ts'
import { viewOfRow } from './connection-test-view.ts'
import { connectorObjectName, toConnectorRef } from './connector-ref.ts'
import { readDatasetsAhead } from './datasets-ahead.ts'
import { datasetsOfListed } from './datasets-of-connector.ts'
import { encodeGlobalId } from './global-id.ts'
import type { SchemaParts } from './nouns.ts'
import { defineOrderInput } from './order.ts'
import { addTotalCount, connection, implementConnection, pageArgs, pageComplexity, pageRequest } from './page.ts'

const orderFields: Record<ConnectorOrderField, string> = {
  NAME: 'The name, without regard to case.',
  CREATED_AT: 'When it was created.',
  UPDATED_AT: 'When it was last changed.',
}

/** The interface `Connector`, one object type for each connector type, and the queries for them. */
export function defineConnectors(parts: SchemaParts): void {
  defineConnectorInterface(parts)
  defineConnectorObjects(parts)
  defineConnectorQueries(parts)
}

function defineConnectorInterface({ builder, registry, nouns }: SchemaParts): void {
  nouns.connector.implement({
    description: 'A saved, named configuration of one connector type.',
    interfaces: [builder.nodeInterfaceRef()],
    resolveType: row => connectorObjectName(registry.byName(row.typeName)),
    fields: t => ({
      id: t.id({ description: 'Globally unique and opaque.', resolve: row => encodeGlobalId('Connector', row.id) }),
      name: t.exposeString('name', { description: 'Its name, unique in the workspace without regard to case.' }),
      description: t.exposeString('description', {
        nullable: true,
        description: 'Free text: what the connector is for.',
      }),
      externalKey: t.exposeString('externalKey', {
        nullable: true,
        description: 'A key of its creator, unique in the workspace: how automation finds it again.',
      }),
      type: t.field({
        type: nouns.connectorType,
        description: 'Its entry in the catalogue.',
        resolve: row => registry.byName(row.typeName),
      }),
      version: t.exposeInt('version', {
        description: 'Counts its changes; updates must give it as `expectedVersion`.',
      }),
      formData: t.field({
        type: 'JSON',
        description: 'Its configuration as input for its form, without secrets: to fill the form for editing.',
        resolve: row => row.config,
      }),
      secrets: t.field({
        type: [nouns.secretState],
        description: 'Which of its secrets are stored.',
        resolve: (row, _args, { loaders }) => loaders.secretStates.load(row),
      }),
      verification: t.field({
        type: nouns.verification,
        description: 'What the last connection test says about it as it is now.',
        resolve: (row, _args, { loaders }) => loaders.verification.load(row),
      }),
      tests: t.field({
        type: nouns.connectionTestConnection,
        description: 'Its connection tests, the newest first. The last 50 are kept.',
        authScopes: { scope: 'connectors:read' },
        args: pageArgs(t.arg),
        complexity: pageComplexity,
        resolve: (row, args, { services, viewer }) => {
          const request = pageRequest(args)
          return connection(request, async () => {
            const page = await services.connectionTests.pageOfConnector(viewer, row.id, request)
            return { ...page, rows: page.rows.map(viewOfRow) }
          })
        },
      }),
      datasets: t.field({
        type: nouns.datasetConnection,
        description: 'The datasets on it, by name.',
        authScopes: { scope: 'datasets:read' },
        args: pageArgs(t.arg),
        complexity: pageComplexity,
        resolve: (row, args, context) => datasetsOfListed(row, args, context),
      }),
      viewerCanUpdate: t.boolean({
        description: 'Whether the viewer may change it.',
        resolve: (_row, _args, { viewer }) => viewer.scopes.has('connectors:write'),
      }),
      viewerCanTest: t.boolean({
        description: 'Whether the viewer may run and cancel its connection tests.',
        resolve: (_row, _args, { viewer }) => viewer.scopes.has('connectors:test'),
      }),
      viewerCanDelete: t.boolean({
        description: 'Whether the viewer may delete it.',
        resolve: (_row, _args, { viewer }) => viewer.scopes.has('connectors:delete'),
      }),
      createdAt: t.field({ type: 'DateTime', description: 'When it was created.', resolve: row => row.createdAt }),
      createdBy: t.exposeString('createdBy', { nullable: true, description: 'Display name of who created it.' }),
      updatedAt: t.field({ type: 'DateTime', description: 'When it was last changed.', resolve: row => row.updatedAt }),
      updatedBy: t.exposeString('updatedBy', { nullable: true, description: 'Display name of who last changed it.' }),
    }),
  })
}

function defineConnectorObjects({ builder, registry, nouns, forms }: SchemaParts): void {
  for (const type of registry.types) {
    const output = forms.outputs.get(type.name)
    if (!output) throw new Error(`The form of ${type.name} has no output type.`)
    builder.objectRef<ConnectorRow>(connectorObjectName(type)).implement({
      description: `A connector of the type ${type.label}.`,
      interfaces: [builder.nodeInterfaceRef(), nouns.connector],
      isTypeOf: row => (row as ConnectorRow).typeName === type.name,
      fields: t => ({
        [type.inputKey]: t.field({
          type: output.config,
          description: 'Its configuration, without secrets.',
          resolve: row => row.config,
        }),
      }),
    })
  }
}

function defineConnectorQueries({
  builder,
  nouns,
  connectorRef,
  connectorTypeName,
  orderDirection,
}: SchemaParts): void {
  implementConnection(builder, 'Connector', nouns.connectorConnection, nouns.connector)
  addTotalCount(builder, nouns.connectorConnection)
  const order = defineOrderInput(builder, 'Connector', orderDirection, orderFields)
  const filter = builder.inputType('ConnectorFilter', {
    description: 'Narrows a list of connectors. What is left out does not narrow.',
    fields: t => ({
      search: t.string({ required: false, description: 'Part of the name, without regard to case.' }),
      types: t.field({ type: [connectorTypeName], required: false, description: 'Only connectors of these types.' }),
    }),
  })
  builder.queryFields(t => ({
    connectors: t.field({
      type: nouns.connectorConnection,
      description: 'The saved connectors.',
      authScopes: { scope: 'connectors:read' },
      args: {
        ...pageArgs(t.arg),
        filter: t.arg({ type: filter, required: false, description: 'Narrows the list.' }),
        orderBy: t.arg({ type: order, required: false, description: 'Their order; by name unless given.' }),
      },
      complexity: pageComplexity,
      resolve: async (_root, args, context, info) => {
        const { services, viewer } = context
        const orderBy = args.orderBy ?? ({ field: 'NAME', direction: 'ASC' } as const)
        const request = { ...pageRequest(args), orderBy }
        const wanted = { search: args.filter?.search ?? null, typeNames: args.filter?.types ?? null }
        const listed = await connection(request, () => services.connectors.page(viewer, request, wanted))
        await readDatasetsAhead(listed.page.rows, context, info)
        return {
          ...listed,
          totalCount: () => services.connectors.count(viewer, wanted),
        }
      },
    }),
    connector: t.field({
      type: nouns.connector,
      nullable: true,
      description: 'One saved connector; null when there is none.',
      authScopes: { scope: 'connectors:read' },
      args: { by: t.arg({ type: connectorRef, description: 'Names the connector.' }) },
      resolve: (_root, { by }, { services, viewer }) => services.connectors.find(viewer, toConnectorRef(by)),
    }),
  }))
}
