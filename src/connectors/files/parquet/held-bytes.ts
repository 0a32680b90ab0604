import { tooLarge } from '../file-problem.ts'
import { maxHeldBytes } from './limits.ts'

/** Counts the memory of all pages that are held at once, and refuses more than there may be. */
export class HeldBytes {
  readonly #byHolder = new Map<object, number>()
  #total = 0

  /** What `holder` holds from now on. Throws `FileProblemError`. */
  hold(holder: object, bytes: number): void {
    this.#total += bytes - (this.#byHolder.get(holder) ?? 0)
    this.#byHolder.set(holder, bytes)
    if (this.#total > maxHeldBytes) {
      const where = `one page of each of ${this.#byHolder.size} columns`
      throw tooLarge(`${maxHeldBytes / 2 ** 20} MB in one page of each column`, where)
    }
  }
}
