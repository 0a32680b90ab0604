import type { ExecutionArgs } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { WebSocketContext } from './create-yoga.ts'
import type { Context } from './schema/context.ts'

/** The argument of the executor that GraphQL.js does not have. */
interface CancellableArgs extends ExecutionArgs {
  signal?: AbortSignal
}

/**
 * Stops executing an operation that came over HTTP once its client is gone. The signal of a WebSocket outlives its
 * operations, which the protocol ends by itself.
 */
export function useCancellation(): Plugin<Context> {
  const cancel = (args: CancellableArgs): void => {
    // What Yoga makes of the server's context.
    const { socketSignal, signal } = args.contextValue as Context & Partial<WebSocketContext>
    if (socketSignal === undefined) args.signal = signal
  }
  return { onExecute: ({ args }) => cancel(args), onSubscribe: ({ args }) => cancel(args) }
}

/**
 * A signal that aborts with Yoga's signal of a request. That one stands behind a Proxy, and the executor asks it twice
 * for every field.
 */
export function plainSignal(signal: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}
