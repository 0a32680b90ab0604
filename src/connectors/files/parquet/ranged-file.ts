import type { FileSource } from '../file-source.ts'

/** A file that parts are read of. What its source throws is kept apart from what is wrong with what it gave. */
export class RangedFile {
  readonly name: string
  readonly size: number
  readonly #source: FileSource
  readonly #signal: AbortSignal
  #failure: { readonly error: unknown } | null = null

  constructor(source: FileSource, signal: AbortSignal) {
    this.name = source.name
    this.size = source.size
    this.#source = source
    this.#signal = signal
  }

  /** What the source has thrown. */
  get failure(): { readonly error: unknown } | null {
    return this.#failure
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (start < 0 || end < start || end > this.size) throw new Error(`bytes ${start} to ${end} are not in the file`)
    if (start === end) return new Uint8Array()
    try {
      this.#signal.throwIfAborted()
      return await this.#source.read(start, end, this.#signal)
    } catch (error) {
      this.#failure ??= { error }
      throw error
    }
  }
}
