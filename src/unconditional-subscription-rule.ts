import {
  type ASTVisitor,
  type DirectiveNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/**
 * The one field of a subscription may not be left out by `@skip` or `@include`, as the language's specification says since
 * September 2025. GraphQL.js 16 does not hold that, and the executor fails when there is no field.
 */
export function UnconditionalSubscriptionRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition({ operation, selectionSet }) {
      if (operation !== OperationTypeNode.SUBSCRIPTION) return
      for (const directive of conditionsIn(selectionSet, context, new Set())) {
        const message = `The field of a subscription cannot depend on "@${directive.name.value}".`
        context.reportError(new GraphQLError(message, { nodes: directive }))
      }
    },
  }
}

function* conditionsIn(
  { selections }: SelectionSetNode,
  context: ValidationContext,
  seen: Set<string>,
): Generator<DirectiveNode> {
  for (const selection of selections) {
    yield* (selection.directives ?? []).filter(({ name }) => name.value === 'skip' || name.value === 'include')
    const inner = partOf(selection, context, seen)
    if (inner) yield* conditionsIn(inner, context, seen)
  }
}

/** What else belongs to the same selection. */
function partOf(selection: SelectionNode, context: ValidationContext, seen: Set<string>): SelectionSetNode | undefined {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet
  if (selection.kind !== Kind.FRAGMENT_SPREAD || seen.has(selection.name.value)) return undefined
  seen.add(selection.name.value)
  return context.getFragment(selection.name.value)?.selectionSet
}
