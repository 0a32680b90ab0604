import { AsyncResource } from 'node:async_hooks'

export type WakeUpListener = (topic: string) => void

/** Hands wake-ups to the listeners of this process, once for each topic and turn of the event loop. */
export class WakeUps {
  readonly #listeners = new Set<WakeUpListener>()
  readonly #pending = new Set<string>()

  listen(listener: WakeUpListener): () => void {
    // Bound, so that what a listener does never counts as part of the transaction that happened to wake it.
    const bound = AsyncResource.bind((topic: string) => listener(topic))
    this.#listeners.add(bound)
    return () => void this.#listeners.delete(bound)
  }

  deliver(topic: string): void {
    if (this.#pending.size === 0) setImmediate(() => this.#flush())
    this.#pending.add(topic)
  }

  #flush(): void {
    const topics = [...this.#pending]
    this.#pending.clear()
    for (const topic of topics) {
      for (const listener of this.#listeners) {
        try {
          listener(topic)
        } catch (error) {
          // One listener's bug must stop neither the others nor the notifier.
          process.emitWarning(error instanceof Error ? error : String(error))
        }
      }
    }
  }
}
