import { randomUUID } from 'node:crypto'
import type { ExecutionResult } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { maskError, type OnUnexpectedError } from './mask-error.ts'
import type { Context } from './schema/context.ts'

/** Hides the errors of bugs in results, of subscriptions too, whichever way the request came. */
export function useMaskedErrors(onUnexpected: OnUnexpectedError): Plugin<Context> {
  const masked = (result: ExecutionResult, { requestId }: Context): ExecutionResult =>
    result.errors
      ? { ...result, errors: result.errors.map(error => maskError(error, requestId, onUnexpected)) }
      : result
  return {
    onExecute: () => ({
      onExecuteDone({ args, result, setResult }) {
        if (!isAsyncIterable(result)) setResult(masked(result, args.contextValue))
      },
    }),
    onSubscribe: () => ({
      onSubscribeResult({ args, result, setResult }) {
        const { contextValue } = args
        if (isAsyncIterable(result)) {
          return { onNext: next => next.setResult(masked(next.result, contextValue)) }
        }
        setResult(masked(result, contextValue))
        return undefined
      },
      onSubscribeError({ error, setError }) {
        setError(maskError(error, randomUUID(), onUnexpected))
      },
    }),
  }
}
