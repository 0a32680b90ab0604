import {
  coerceInputValue,
  type GraphQLError,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql'
import { badRequest } from './schema/graphql-errors.ts'

const maxErrors = 20

/**
 * What is wrong with the variables of an operation. The executor's own messages repeat the value that does not fit,
 * and with it whatever else was given beside it, passwords too; these name its place only.
 */
export function variableErrors(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
): readonly GraphQLError[] {
  const errors: GraphQLError[] = []
  for (const definition of variableDefinitions) {
    const name = definition.variable.name.value
    const type = typeFromAST(schema, definition.type)
    // The executor says of what is absent only that it is.
    if (values[name] === undefined || !isInputType(type)) continue
    coerceInputValue(values[name], type, (path, _value, { message }) => {
      if (errors.length >= maxErrors) return
      const place = path.reduce<string>((at, key) => at + (typeof key === 'number' ? `[${key}]` : `.${key}`), name)
      errors.push(badRequest(`Variable "$${name}" got an invalid value at "${place}": ${withoutValue(message)}`))
    })
  }
  return errors
}

/** `String cannot represent a non string value: 12` -> `String cannot represent a non string value.` */
function withoutValue(message: string): string {
  const unknownMember = /^Value [\s\S]*( does not exist in "\w+" enum\.[\s\S]*)$/.exec(message)?.[1]
  return unknownMember ? `This value${unknownMember}` : message.replace(/( cannot represent [^:]*):[\s\S]*$/, '$1.')
}
