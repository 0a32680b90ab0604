import type {
  ASTVisitor,
  FragmentDefinitionNode,
  GraphQLObjectType,
  SelectionSetNode,
  ValidationContext,
} from 'graphql'
import { badRequest } from './schema/graphql-errors.ts'

/**
 * Lets at most one field of an operation dial out: otherwise one request, with aliases, could start any number of
 * connections. The schema holds that only root fields dial out.
 */
export function OneDialOutRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const type = context.getSchema().getRootType(operation.operation)
      if (type && countDialOuts(context, type, operation.selectionSet) > 1) {
        context.reportError(badRequest('Only one field of an operation may connect to a data source.'))
      }
    },
  }
}

function countDialOuts(
  context: ValidationContext,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  path: readonly FragmentDefinitionNode[] = [],
): number {
  let count = 0
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      if (type.getFields()[selection.name.value]?.extensions['dialsOut']) count++
    } else if (selection.kind === 'InlineFragment') {
      count += countDialOuts(context, type, selection.selectionSet, path)
    } else {
      const fragment = context.getFragment(selection.name.value)
      // Another rule reports cycles.
      if (fragment && !path.includes(fragment)) {
        count += countDialOuts(context, type, fragment.selectionSet, [...path, fragment])
      }
    }
    // Shared fragments can multiply without end; two are as bad as more.
    if (count > 1) return count
  }
  return count
}
