import {
  coerceInputValue,
  GraphQLError,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql'
import { clipped } from './public-messages.ts'
import { badRequest } from './schema/graphql-errors.ts'

const maxErrors = 10

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
    try {
      coerceInputValue(values[name], type, (path, _value, { message }) => {
        const place = path.reduce<string>((at, key) => at + (typeof key === 'number' ? `[${key}]` : `.${key}`), name)
        const what = withoutQuotesInside(withoutValue(message))
        errors.push(
          badRequest(`Variable "$${name}" got an invalid value at "${clipped(place.replaceAll('"', "'"))}": ${what}`),
        )
        // Making a message can take long: the names that it suggests are compared with all that there are.
        if (errors.length >= maxErrors) throw enough
      })
    } catch (error) {
      if (error === enough) break
      throw error
    }
  }
  return errors
}

const enough = new GraphQLError('There are more.')

/**
 * `String cannot represent a non string value: 12` -> `String cannot represent a non string value.`
 *
 * Looks from the beginning and only once: a message may hold as much as a request, in which no search may begin anew at
 * every place.
 */
function withoutValue(message: string): string {
  if (message.startsWith('Value ')) {
    const at = message.lastIndexOf(' does not exist in "')
    return at < 0 ? message : `This value${message.slice(at)}`
  }
  const at = message.indexOf(' cannot represent ')
  const end = at < 0 ? -1 : message.indexOf(':', at)
  return end < 0 ? message : `${message.slice(0, end)}.`
}

/** Of the messages that still quote the request: `Field "a"b" is not …`. What is quoted in one ends at its quotes. */
function withoutQuotesInside(message: string): string {
  const begin = 'Field "'.length
  const end = message.lastIndexOf('" is not defined by type "')
  if (end < 0 || !message.startsWith('Field "')) return message
  return message.slice(0, begin) + clipped(message.slice(begin, end).replaceAll('"', "'")) + message.slice(end)
}
