import {
  type FieldNode,
  type GraphQLResolveInfo,
  getArgumentValues,
  isInterfaceType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { ConnectorRow } from '../db/rows.ts'
import type { Context } from './context.ts'
import { type PageArgs, pageRequest } from './page.ts'

/**
 * Reads the datasets of a list's connectors along with the list, when their first page is asked for: fields that have
 * their value already cost the executor much less than as many promises. What is not foreseen here is read by loaders.
 */
export async function readDatasetsAhead(
  rows: readonly ConnectorRow[],
  { viewer, loaders, services }: Context,
  info: GraphQLResolveInfo,
): Promise<void> {
  if (rows.length === 0 || !viewer.scopes.has('datasets:read')) return
  const first = firstPageOfDatasets(info)
  if (first === null) return
  const ids = rows.map(row => row.id)
  const pages = await services.datasets.pagesOfConnectors(viewer, ids, first)
  rows.forEach((row, index) => {
    const page = pages[index]
    if (page) loaders.datasetsAhead.set(row, { first, page })
  })
}

/** The size of the first page of datasets that is asked for of each connector; null when none is, or several are. */
function firstPageOfDatasets(info: GraphQLResolveInfo): number | null {
  const nodes = fieldsAt(info, info.fieldNodes, ['nodes', 'datasets'])
  const asked = nodes.length > 0 ? nodes : fieldsAt(info, info.fieldNodes, ['edges', 'node', 'datasets'])
  const [node] = asked
  const connector = info.schema.getType('Connector')
  const field = isInterfaceType(connector) ? connector.getFields()['datasets'] : undefined
  if (!node || asked.length > 1 || !field) return null
  try {
    const { first, after } = pageRequest(getArgumentValues(field, node, info.variableValues) as PageArgs)
    return after === null ? first : null
  } catch {
    // The field itself says what is wrong.
    return null
  }
}

/** Every place in an operation where the path of field names is selected below `fields`. */
function fieldsAt(
  { fragments }: GraphQLResolveInfo,
  fields: readonly FieldNode[],
  path: readonly string[],
): readonly FieldNode[] {
  const below = ({ selections }: SelectionSetNode, name: string): readonly FieldNode[] =>
    selections.flatMap(selection => {
      if (selection.kind === Kind.FIELD) return selection.name.value === name ? [selection] : []
      const set =
        selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments[selection.name.value]?.selectionSet
      return set ? below(set, name) : []
    })
  return path.reduce<readonly FieldNode[]>(
    (found, name) => found.flatMap(({ selectionSet }) => (selectionSet ? below(selectionSet, name) : [])),
    fields,
  )
}
