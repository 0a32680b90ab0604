import type { Database } from '../db/database.ts'
import type { TestKey } from './test-key.ts'

const kinds = ['changed', 'cancel', 'watched', 'pinned'] as const
/**
 * What processes tell each other of a test: `changed` there are new events or it ended; `cancel` somebody wants it to
 * stop; `watched` somebody follows it; `pinned` it shall run to its end whoever listens.
 */
export type TestSignal = (typeof kinds)[number]

const prefix = 'connection-test'

/** Wake-ups about tests, to and from every process on the database. They may be lost, so nothing depends on one. */
export class TestSignals {
  readonly #database: Database
  readonly #stop: () => void

  constructor(database: Database, onSignal: (signal: TestSignal, key: TestKey) => void) {
    this.#database = database
    this.#stop = database.listen(topic => {
      const [topicPrefix, name, workspaceId, id] = topic.split(':')
      const kind = kinds.find(candidate => candidate === name)
      if (topicPrefix === prefix && kind && workspaceId && id) onSignal(kind, `${workspaceId}:${id}`)
    })
  }

  send(signal: TestSignal, key: TestKey): void {
    this.#database.notify(`${prefix}:${signal}:${key}`).catch(() => undefined)
  }

  close(): void {
    this.#stop()
  }
}
