import {
  type ExecutionArgs,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { DialsOut } from './schema/dials-out.ts'
import { badRequest } from './schema/graphql-errors.ts'

/**
 * Lets at most one field of an operation dial out: otherwise one request, with aliases, could start any number of
 * connections. The schema holds that only root fields dial out, and the language that a subscription has one of them.
 */
export function useOneDialOut(): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (countDialOuts(args) <= 1) return
      const error = badRequest('Only one field of an operation may connect to a data source.')
      setResultAndStopExecution({ errors: [error] })
    },
  }
}

function countDialOuts({ schema, document, operationName, variableValues }: ExecutionArgs): number {
  const operation = getOperationAST(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  if (!root) return 0
  // Only needed where dialling depends on arguments; variables that do not fit are refused elsewhere.
  let coerced: Record<string, unknown> | undefined
  const variables = () => {
    coerced ??= getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {}).coerced ?? {}
    return coerced
  }
  const inFragments = new Map<string, number>()
  const inFragment = (name: string): number => {
    const known = inFragments.get(name)
    if (known !== undefined) return known
    const found = document.definitions.find(each => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name)
    const count = found?.kind === Kind.FRAGMENT_DEFINITION ? within(root, found.selectionSet) : 0
    inFragments.set(name, count)
    return count
  }
  const within = (type: GraphQLObjectType, { selections }: SelectionSetNode): number => {
    let count = 0
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) count += within(type, selection.selectionSet)
      else if (selection.kind === Kind.FRAGMENT_SPREAD) count += inFragment(selection.name.value)
      else if (dials(type.getFields()[selection.name.value], selection, variables)) count++
    }
    return count
  }
  return within(root, operation.selectionSet)
}

function dials(
  field: GraphQLField<unknown, unknown> | undefined,
  node: FieldNode,
  variables: () => Record<string, unknown>,
): boolean {
  const dialsOut = field?.extensions['dialsOut'] as DialsOut | undefined
  if (!field || typeof dialsOut !== 'function') return dialsOut === true
  try {
    return dialsOut(getArgumentValues(field, node, variables()))
  } catch {
    // The field is refused for its arguments, and so does nothing.
    return false
  }
}
