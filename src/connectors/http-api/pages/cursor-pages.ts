import { select } from '../records.ts'
import type { NextPage, PageAnswer, Pager } from './pager.ts'

export interface CursorOptions {
  readonly cursorParameter: string
  /** A JSONPath. */
  readonly nextCursor: string
}

/** Longer ones fit into no URL. */
const maxCursorLength = 8_000
const field = 'pagination.cursor.nextCursor'

/** By what each answer names for the next one. */
export class CursorPages implements Pager {
  readonly first = []
  readonly mayEndWithNotFound = false
  readonly #options: CursorOptions
  readonly #seen = new Set<string>()

  constructor(options: CursorOptions) {
    this.#options = options
  }

  next({ json }: PageAnswer): NextPage {
    const [given = null, ...others] = select(json, this.#options.nextCursor)
    if (given === null || given === '' || given === false) return { kind: 'END' }
    if (others.length > 0) return unreadable('The path to the next cursor selects several values.')
    if (typeof given !== 'string' && typeof given !== 'number') {
      return unreadable('The next cursor is neither a text nor a number.')
    }
    const cursor = String(given)
    if (cursor.length > maxCursorLength) return unreadable('The next cursor is too long for a URL.')
    if (this.#seen.has(cursor)) return { kind: 'REPEATS', fault: 'a cursor came that had come before' }
    this.#seen.add(cursor)
    return { kind: 'PARAMETERS', parameters: [[this.#options.cursorParameter, cursor]] }
  }
}

const unreadable = (fault: string): NextPage => ({ kind: 'UNREADABLE', fault, field })
