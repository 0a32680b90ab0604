import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import type { Context } from './context.ts'

/**
 * Makes `return()` of a subscription end its source at once. The errors plugin puts an async generator around every
 * source, and a generator that waits for its next item queues `return()` behind that wait: a subscriber that left would
 * be noticed only at the next event. So each subscription gets a signal of its own, which `return()` aborts; sources
 * end on their signal.
 */
export function endSourcesOnReturn(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const { subscribe } = field
    if (subscribe) field.subscribe = withOwnSignal(subscribe)
  }
}

function withOwnSignal(subscribe: GraphQLFieldResolver<unknown, Context>): GraphQLFieldResolver<unknown, Context> {
  return async (root, args, context, info) => {
    const left = new AbortController()
    const signal = AbortSignal.any([context.signal, left.signal])
    // What `subscribe` gives is not typed; the executor relies on the same.
    const source = (await subscribe(root, args, { ...context, signal }, info)) as AsyncIterable<unknown>
    const iterator = source[Symbol.asyncIterator]()
    const ended = { done: true, value: undefined } as const
    return {
      next: () => iterator.next(),
      return: async () => {
        left.abort()
        await iterator.return?.()
        return ended
      },
      throw: async (error: unknown) => {
        left.abort()
        await iterator.return?.()
        throw error
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}
