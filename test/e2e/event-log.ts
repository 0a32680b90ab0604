import type { ExecutionResult } from 'graphql'

/** What a subscription has brought so far; later items can be waited for. */
export class EventLog<Event> {
  readonly events: Event[] = []
  /** Resolves when the server has completed the stream; rejects when it broke. */
  readonly completed: Promise<void>
  readonly #items: AsyncIterableIterator<ExecutionResult<{ readonly events: Event }>>
  readonly #hangUp: () => void
  #news = Promise.withResolvers<void>()
  #isOver = false

  constructor(items: AsyncIterableIterator<ExecutionResult<{ readonly events: Event }>>, hangUp: () => void) {
    this.#items = items
    this.#hangUp = hangUp
    this.completed = this.#collect()
    // Whoever waits for it is told; a line that a test cuts on purpose is nobody's fault.
    this.completed.catch(() => undefined)
  }

  /** The first event that satisfies `wanted`. Rejects when the stream ends without one. */
  async until(wanted: (event: Event) => boolean): Promise<Event> {
    for (;;) {
      const found = this.events.find(wanted)
      if (found !== undefined) return found
      if (this.#isOver) {
        await this.completed
        throw new Error(`The stream ended without the event, after ${JSON.stringify(this.events.slice(-3))}`)
      }
      await this.#news.promise
    }
  }

  /** All events, once the server has completed the stream. */
  async all(): Promise<readonly Event[]> {
    await this.completed
    this.#hangUp()
    return this.events
  }

  /** Leaves, as a client that is closed. */
  async leave(): Promise<void> {
    await this.#items.return?.()
    this.#hangUp()
  }

  async #collect(): Promise<void> {
    try {
      for await (const { data, errors } of this.#items) {
        if (errors) throw new AggregateError(errors, errors[0]?.message)
        if (data) this.events.push(data.events)
        this.#tell()
      }
    } finally {
      this.#isOver = true
      this.#tell()
    }
  }

  #tell(): void {
    this.#news.resolve()
    this.#news = Promise.withResolvers()
  }
}
