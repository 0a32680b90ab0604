import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type GraphQLErrorCode, hasKnownCode } from './schema/graphql-errors.ts'

/**
 * Gives the errors of parsing and validation their code. With `suggestions` off it also takes out the names that the
 * language's messages suggest, from which a schema that cannot be read could be guessed.
 */
export function useErrorCodes({ suggestions }: { readonly suggestions: boolean }): Plugin {
  const mark = (error: unknown, code: GraphQLErrorCode): void => {
    if (!(error instanceof GraphQLError)) return
    if (!hasKnownCode(error)) error.extensions['code'] = code
    if (!suggestions) withoutSuggestion(error)
  }
  return {
    onParse: () => {
      return ({ result }) => mark(result, 'GRAPHQL_PARSE_FAILED')
    },
    onValidate: () => {
      return ({ result }) => {
        for (const error of result) mark(error, 'GRAPHQL_VALIDATION_FAILED')
      }
    },
    // Of variables.
    onExecute: () => ({
      onExecuteDone({ result }) {
        if (!suggestions && 'errors' in result) result.errors?.forEach(withoutSuggestion)
      },
    }),
  }
}

function withoutSuggestion(error: GraphQLError): void {
  error.message = error.message.replace(/ Did you mean [^?]*\?/g, '')
}
