import {
  type ASTVisitor,
  GraphQLError,
  getNullableType,
  isInputObjectType,
  isNonNullType,
  isNullableType,
  typeFromAST,
  type ValidationContext,
} from 'graphql'

/**
 * A variable in a `@oneOf` input must be non-null, as the language's specification says. GraphQL.js 16 holds that only
 * where the input object itself may be null; elsewhere a null would come as far as the field.
 */
export function OneOfVariablesRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const { variableDefinitions = [] } = operation
      for (const { node, parentType } of context.getRecursiveVariableUsages(operation)) {
        if (!isNonNullType(parentType)) continue
        const input = getNullableType(parentType)
        if (!isInputObjectType(input) || !input.isOneOf) continue
        const definition = variableDefinitions.find(({ variable }) => variable.name.value === node.name.value)
        const type = definition && typeFromAST(context.getSchema(), definition.type)
        if (!definition || !isNullableType(type)) continue
        const message = `Variable "$${node.name.value}" is of type "${type}" but must be non-nullable to be used for OneOf Input Object "${input}".`
        context.reportError(new GraphQLError(message, { nodes: [definition, node] }))
      }
    },
  }
}
