import { setImmediate } from 'node:timers/promises'
import type { ExecutionResult } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { rateLimited } from './schema/graphql-errors.ts'

type Stream = AsyncIterableIterator<ExecutionResult>

/** Knows every running subscription of this process, so that their number is bounded and a shutdown can end them. */
export class LiveStreams {
  readonly #streams = new Set<Stream>()
  readonly #waiting = new WeakMap<Stream, Promise<unknown>>()
  readonly #maxStreams: number
  #onEnd: () => void = () => {}

  constructor(maxStreams: number) {
    this.#maxStreams = maxStreams
  }

  get count(): number {
    return this.#streams.size
  }

  /** Resolves when no stream is left, or when `signal` aborts. */
  async untilNone(signal: AbortSignal): Promise<void> {
    while (this.#streams.size > 0 && !signal.aborted) {
      const news = Promise.withResolvers<void>()
      this.#onEnd = news.resolve
      signal.addEventListener('abort', () => news.resolve(), { once: true })
      await news.promise
    }
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream)
    this.#onEnd()
  }

  /**
   * Ends every stream as if it had come to its end: clients see a completion and do not reconnect at once. Resolves when
   * whoever waits for the next item of one has learnt of the end.
   */
  async endAll(): Promise<void> {
    await Promise.allSettled([...this.#streams].flatMap(stream => [this.#waiting.get(stream), stream.return?.()]))
    // What was waiting gets its turn to tell its client.
    await setImmediate()
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
          const next = iterator.next()
          this.#waiting.set(stream, next)
          const item = await next
          if (item.done) this.#forget(stream)
          return item
        } catch (error) {
          this.#forget(stream)
          throw error
        }
      },
      return: async () => {
        this.#forget(stream)
        await iterator.return?.()
        return ended
      },
      throw: async error => {
        this.#forget(stream)
        await iterator.return?.()
        throw error
      },
      [Symbol.asyncIterator]: () => stream,
    }
    this.#streams.add(stream)
    return stream
  }
}
