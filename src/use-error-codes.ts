import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { clipped, namesOf, withoutNames, withoutSuggestion } from './public-messages.ts'
import { type GraphQLErrorCode, hasKnownCode } from './schema/graphql-errors.ts'

/**
 * Gives the errors of parsing and validation their code. With `namesAreOpen` off it also takes out of the language's
 * messages what a schema that cannot be read could be learnt from: suggestions, and names that a request does not have.
 */
export function useErrorCodes({ namesAreOpen }: { readonly namesAreOpen: boolean }): Plugin {
  // Results of validation are remembered, and come by again.
  const cleaned = new WeakSet<GraphQLError>()
  const mark = (error: unknown, code: GraphQLErrorCode): void => {
    if (error instanceof GraphQLError && !hasKnownCode(error)) error.extensions['code'] = code
  }
  const clean = (errors: readonly unknown[], names: () => ReadonlySet<string>): void => {
    for (const error of errors) {
      if (!(error instanceof GraphQLError) || cleaned.has(error)) continue
      cleaned.add(error)
      if (!namesAreOpen) error.message = withoutNames(withoutSuggestion(error.message), names())
      error.message = clipped(error.message)
    }
  }
  /** What is said of a request before any field ran; what resolvers say is their own. */
  const cleanResult = ({ errors = [] }: ExecutionResult, { document, variableValues }: ExecutionArgs): void => {
    const ofRequest = errors.filter(({ path }) => path === undefined)
    if (ofRequest.length > 0)
      clean(
        ofRequest,
        once(() => namesOf(document, variableValues)),
      )
  }
  return {
    onParse: () => {
      return ({ result }) => {
        mark(result, 'GRAPHQL_PARSE_FAILED')
        if (result instanceof GraphQLError) result.message = clipped(result.message)
      }
    },
    onValidate: ({ params: { documentAST } }) => {
      return ({ result }) => {
        for (const error of result) mark(error, 'GRAPHQL_VALIDATION_FAILED')
        if (result.length > 0)
          clean(
            result,
            once(() => namesOf(documentAST)),
          )
      }
    },
    onExecute: () => ({
      onExecuteDone({ args, result }) {
        if (!isAsyncIterable(result)) cleanResult(result, args)
      },
    }),
    onSubscribe: () => ({
      onSubscribeResult({ args, result }) {
        if (!isAsyncIterable(result)) cleanResult(result, args)
      },
    }),
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
