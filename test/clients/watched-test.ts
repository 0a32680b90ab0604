import { type TestEvent, type TestState, watchTest } from './operations.ts'
import type { Client } from './recipes/client.ts'

/** One streamed connection test as a client sees it, whose events can be waited for. */
export class WatchedTest {
  readonly events: TestEvent[] = []
  readonly stop: () => void
  #failure: { readonly error: unknown } | undefined
  #news = Promise.withResolvers<void>()

  constructor(client: Client, input: object) {
    this.stop = client.watch(
      watchTest,
      { input },
      {
        next: data => {
          // The document selects this shape.
          this.events.push((data as { testConnection: TestEvent }).testConnection)
          this.#tell()
        },
        error: error => {
          this.#failure = { error }
          this.#tell()
        },
      },
    )
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }

  /** The first event from the `from`th on that satisfies `wanted`. Rejects when the subscription fails before. */
  async until(wanted: (event: TestEvent) => boolean, from = 0): Promise<TestEvent> {
    for (;;) {
      const found = this.events.slice(from).find(wanted)
      if (found) return found
      if (this.#failure) throw this.#failure.error
      await this.#news.promise
    }
  }

  /** The test as of its last event. Rejects when it was refused. */
  async ended(): Promise<TestState> {
    const { test, message } = await this.until(event => event.__typename === 'ConnectionTestFinished' || !event.test)
    if (!test) throw new Error(`The test was refused: ${message}`)
    return test
  }

  /** Waits until the subscription fails. */
  async failed(): Promise<void> {
    while (!this.#failure) await this.#news.promise
  }
}

export const stepIs =
  (key: string, status: string) =>
  (event: TestEvent): boolean =>
    event.test?.steps.some(step => step.key === key && step.status === status) ?? false
