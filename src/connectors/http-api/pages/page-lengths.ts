import { createHash } from 'node:crypto'
import type { JsonValue } from '../../json.ts'

export type PageVerdict = 'MORE' | 'LAST' | 'REPEATED'

/**
 * Tells from a page's records whether another one follows, where nothing else tells it. An empty page is the last one, and
 * so is one that is shorter than those before it. A first page that is shorter than was asked for need not be: many APIs
 * give out no more than a hundred at a time, whatever they are asked for, and say nothing of it.
 */
export class PageLengths {
  readonly #asked: number | null
  #usual: number | null = null
  #last = ''

  /** `asked`: how many records; null where the API decides. */
  constructor(asked: number | null) {
    this.#asked = asked
  }

  judge(records: readonly JsonValue[]): PageVerdict {
    const { length } = records
    if (length === 0) return 'LAST'
    const print = createHash('sha256').update(JSON.stringify(records)).digest('base64')
    const isRepeated = print === this.#last
    this.#last = print
    if (isRepeated) return 'REPEATED'
    const usual = this.#usual
    this.#usual ??= Math.min(length, this.#asked ?? length)
    return this.#asked !== null && usual !== null && length < usual ? 'LAST' : 'MORE'
  }
}
