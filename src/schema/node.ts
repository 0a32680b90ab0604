import { brandWithType } from '@pothos/core'
import type { Scope } from '../services/viewer.ts'
import { viewOfRow } from './connection-test-view.ts'
import { connectorObjectName } from './connector-ref.ts'
import type { Context } from './context.ts'
import { decodeGlobalId } from './global-id.ts'
import { badUserInput } from './graphql-errors.ts'
import type { SchemaParts } from './nouns.ts'
import { maxPageSize } from './page.ts'

/** How the objects of one kind of global id are found. */
interface NodeLoader {
  readonly scope: Scope
  /** The object and the name of its type; null when there is none. */
  load(id: string, context: Context): Promise<{ readonly value: object; readonly typeName: string } | null>
}

export function defineNode({ builder, registry }: SchemaParts): void {
  const loaders = new Map<string, NodeLoader>([
    [
      'Connector',
      {
        scope: 'connectors:read',
        load: async (id, context) => {
          const row = await context.loaders.connector.load(id)
          return row && { value: row, typeName: connectorObjectName(registry.byName(row.typeName)) }
        },
      },
    ],
    [
      'Dataset',
      {
        scope: 'datasets:read',
        load: async (id, context) => {
          const row = await context.loaders.dataset.load(id)
          return row && { value: row, typeName: 'Dataset' }
        },
      },
    ],
    [
      'ConnectionTest',
      {
        scope: 'connectors:read',
        load: async (id, context) => {
          const row = await context.loaders.connectionTest.load(id)
          return row && { value: viewOfRow(row), typeName: 'ConnectionTest' }
        },
      },
    ],
    [
      'ApiToken',
      {
        scope: 'tokens:manage',
        load: async (id, context) => {
          const row = await context.loaders.apiToken.load(id)
          return row && { value: row, typeName: 'ApiToken' }
        },
      },
    ],
  ])

  /** Null for what does not exist, is of another kind, or is not for this viewer: the three must look alike. */
  const loadNode = async (globalId: string, context: Context) => {
    const decoded = decodeGlobalId(globalId)
    const loader = decoded && loaders.get(decoded.typeName)
    if (!decoded || !loader || !context.viewer.scopes.has(loader.scope)) return null
    const found = await loader.load(decoded.id, context)
    // A row does not say which object type it is shown as; the interface has to know.
    if (found) brandWithType(found.value, found.typeName as never)
    return found?.value ?? null
  }

  builder.queryFields(t => ({
    node: t.field({
      type: builder.nodeInterfaceRef(),
      nullable: true,
      description: 'Any object by its global id; null when there is none.',
      authScopes: { signedIn: true },
      args: { id: t.arg.id({ description: 'The global id.' }) },
      resolve: (_root, { id }, context) => loadNode(id, context),
    }),
    nodes: t.field({
      type: [builder.nodeInterfaceRef()],
      nullable: { list: false, items: true },
      description:
        'Several objects by their global ids, in the order of the ids; null in place of what does not exist.',
      authScopes: { signedIn: true },
      args: { ids: t.arg.idList({ description: `The global ids, at most ${maxPageSize}.` }) },
      complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
      resolve: (_root, { ids }, context) => {
        if (ids.length > maxPageSize) throw badUserInput(`At most ${maxPageSize} ids may be given at once.`)
        return Promise.all(ids.map(id => loadNode(id, context)))
      },
    }),
  }))
}
