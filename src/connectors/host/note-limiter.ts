import { cleanText } from '../problem.ts'

const maxNoteLength = 200
/** Eight notes and the flush at the end stay within ten a second. */
const minIntervalMs = 125

/**
 * Passes a step's notes on, cleaned and at most eight a second: between two of them only the latest is kept, and the
 * last one is never lost.
 */
export class NoteLimiter {
  readonly #emit: (note: string) => void
  #timer: NodeJS.Timeout | undefined
  #waiting: string | undefined

  constructor(emit: (note: string) => void) {
    this.#emit = emit
  }

  add(text: string): void {
    const note = cleanText(text, maxNoteLength)
    if (note === '') return
    if (this.#timer) {
      this.#waiting = note
      return
    }
    this.#emit(note)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#emitWaiting()
    }, minIntervalMs)
  }

  /** Passes on what still waits and forgets its timer. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const note = this.#waiting
    this.#waiting = undefined
    if (note !== undefined) this.#emit(note)
  }

  #emitWaiting(): void {
    const note = this.#waiting
    this.#waiting = undefined
    if (note !== undefined) this.add(note)
  }
}
