import type { Problem } from '../problem.ts'

/** What the reader wrote must not be sent, for a reason that is found before anything is dialled. */
export class RefusedQueryError extends Error {
  readonly problem: Problem

  constructor(refusal: Problem) {
    super(refusal.message)
    this.name = 'RefusedQueryError'
    this.problem = refusal
  }
}

/** A document, or the answer that it came in, holds more than may be taken apart. */
export class TooManyValuesError extends Error {
  constructor(maxValues: number, where: 'document' | 'answer') {
    super(`${maxValues.toLocaleString('en')} values in one ${where}`)
    this.name = 'TooManyValuesError'
  }
}
