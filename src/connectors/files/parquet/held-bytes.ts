import { tooLarge } from '../file-problem.ts'
import { maxHeldBytes } from './limits.ts'

/** Counts the memory of everything that is held at once for the columns of a row group, and refuses more than there may be. */
export class HeldBytes {
  #total = 0

  /** What one holder has of it, nothing yet. */
  share(): HeldShare {
    return new HeldShare(bytes => this.#change(bytes))
  }

  #change(bytes: number): void {
    this.#total += bytes
    if (this.#total > maxHeldBytes) {
      throw tooLarge(
        `${maxHeldBytes / 2 ** 20} MB of pages and rows at once`,
        'one page of each column, and a few rows',
      )
    }
  }
}

/** Both functions throw `FileProblemError` where all holders together have too much. */
export class HeldShare {
  readonly #change: (bytes: number) => void
  #bytes = 0

  constructor(change: (bytes: number) => void) {
    this.#change = change
  }

  set(bytes: number): void {
    this.add(bytes - this.#bytes)
  }

  add(bytes: number): void {
    this.#bytes += bytes
    this.#change(bytes)
  }
}
