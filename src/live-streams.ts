import type { ExecutionResult } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { rateLimited } from './schema/graphql-errors.ts'

type Stream = AsyncIterableIterator<ExecutionResult>

/** Knows every running subscription of this process, so that their number is bounded and a shutdown can end them. */
export class LiveStreams {
  readonly #streams = new Set<Stream>()
  readonly #maxStreams: number

  constructor(maxStreams: number) {
    this.#maxStreams = maxStreams
  }

  get count(): number {
    return this.#streams.size
  }

  /** Ends every stream as if it had come to its end: clients see a completion and do not reconnect at once. */
  async endAll(): Promise<void> {
    await Promise.allSettled([...this.#streams].map(stream => stream.return?.()))
  }

  usePlugin(): Plugin {
    return {
      onSubscribe: ({ setResultAndStopExecution }) => {
        if (this.#streams.size >= this.#maxStreams) {
          setResultAndStopExecution({ errors: [rateLimited('Too many subscriptions are open. Try again later.')] })
          return undefined
        }
        return {
          onSubscribeResult: ({ result, setResult }) => {
            if (isAsyncIterable<ExecutionResult>(result)) setResult(this.#track(result))
          },
        }
      },
    }
  }

  #track(source: AsyncIterable<ExecutionResult>): Stream {
    const iterator = source[Symbol.asyncIterator]()
    const ended = { done: true, value: undefined } as const
    const stream: Stream = {
      next: async () => {
        try {
          const item = await iterator.next()
          if (item.done) this.#streams.delete(stream)
          return item
        } catch (error) {
          this.#streams.delete(stream)
          throw error
        }
      },
      return: async () => {
        this.#streams.delete(stream)
        await iterator.return?.()
        return ended
      },
      throw: async error => {
        this.#streams.delete(stream)
        await iterator.return?.()
        throw error
      },
      [Symbol.asyncIterator]: () => stream,
    }
    this.#streams.add(stream)
    return stream
  }
}
