import { setImmediate } from 'node:timers/promises'
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { LiveStream } from './live-stream.ts'
import { sessionOf } from './session-of.ts'
import type { SessionEnd, SessionWatch } from './session-watch.ts'
import { signInRefusal } from './sign-in-errors.ts'
import type { StreamPlaces } from './stream-places.ts'

type SubscribeFunction = (args: ExecutionArgs) => unknown

interface LiveStreamsOptions {
  readonly places: StreamPlaces
  readonly sessions: SessionWatch
}

/**
 * Knows every running subscription of this process, so that their number is bounded, a shutdown can end them, and none
 * outlives the session that it was begun in.
 */
export class LiveStreams {
  readonly #streams = new Set<LiveStream>()
  readonly #places: StreamPlaces
  readonly #sessions: SessionWatch
  #onEnd: () => void = () => {}

  constructor({ places, sessions }: LiveStreamsOptions) {
    this.#places = places
    this.#sessions = sessions
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

  /**
   * Ends every stream as if it had come to its end: clients see a completion and do not reconnect at once. Resolves when
   * whoever waits for the next item of one has learnt of the end.
   */
  async endAll(): Promise<void> {
    await Promise.allSettled([...this.#streams].flatMap(stream => [stream.waiting, stream.return()]))
    // What was waiting gets its turn to tell its client.
    await setImmediate()
  }

  usePlugin(): Plugin {
    return {
      onSubscribe: ({ subscribeFn, setSubscribeFn }) => setSubscribeFn(args => this.#open(subscribeFn, args)),
    }
  }

  /** Takes its place before its source begins, so that many at once do not get past the limit. */
  async #open(subscribe: SubscribeFunction, args: ExecutionArgs): Promise<LiveStream | ExecutionResult> {
    const context = args.contextValue as object
    let release: () => void
    try {
      release = this.#places.take(sessionOf(context).viewer)
    } catch (error) {
      return { errors: [error as GraphQLError] }
    }
    try {
      const result = (await subscribe(args)) as AsyncIterable<ExecutionResult> | ExecutionResult
      if (isAsyncIterable<ExecutionResult>(result)) return this.#track(result, context, release)
      release()
      return result
    } catch (error) {
      release()
      throw error
    }
  }

  #track(source: AsyncIterable<ExecutionResult>, context: object, release: () => void): LiveStream {
    const stream = new LiveStream(source, () => {
      unwatch()
      release()
      this.#streams.delete(stream)
      this.#onEnd()
    })
    const unwatch = this.#sessions.watch(sessionOf(context), end => stream.end(farewell(end)))
    this.#streams.add(stream)
    return stream
  }
}

/** The last that a client hears: clients take an error for the end, where they would follow a cut line with a new one. */
function farewell(end: SessionEnd): ExecutionResult {
  const { message, extensions } = signInRefusal(end)
  return { errors: [new GraphQLError(message, { extensions: { code: extensions['code'] } })] }
}
