import { randomUUID } from 'node:crypto'
import { appendFileSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { searchFor } from './secrets.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where suites put what the scan after the run looks through. */
    canaryDirectory: string
  }
}

/** Where something came from. `sent` is the counter-check: secrets must be found there. */
export type Source = 'sent' | 'answers' | 'events' | 'log' | 'database' | 'process' | 'files' | 'vault'

/** Keeps what a server said and left behind, for the scan after the run. */
export class Recorder {
  readonly #directory = inject('canaryDirectory')
  readonly #id = randomUUID()

  /** Adds to what is known of a source; what comes in pieces is put together again. */
  record(source: Source, content: string | Uint8Array): void {
    appendFileSync(this.#path(source, this.#id), content)
  }

  /** Copies every file of a directory whose name satisfies `wanted`. */
  copyFiles(source: Source, directory: string, wanted: (name: string) => boolean): void {
    for (const name of readdirSync(directory).filter(wanted)) {
      copyFileSync(join(directory, name), this.#path(source, `${randomUUID()}-${name}`))
    }
  }

  /** Makes the scan look for a secret that cannot carry the marker. */
  searchFor(name: string, secret: string): void {
    searchFor(this.#directory, name, secret)
  }

  #path(source: Source, name: string): string {
    const folder = join(this.#directory, source)
    mkdirSync(folder, { recursive: true })
    return join(folder, name)
  }
}
