import type { Parameter } from '../request-url.ts'
import { PageLengths } from './page-lengths.ts'
import type { NextPage, PageAnswer, Pager } from './pager.ts'

export interface OffsetOptions {
  readonly offsetParameter: string
  readonly limitParameter: string
  readonly pageSize: number
}

/** By the number of records to skip: as many as have come, whatever was asked for. */
export class OffsetPages implements Pager {
  readonly mayEndWithNotFound = true
  readonly #options: OffsetOptions
  readonly #lengths: PageLengths
  #offset = 0

  constructor(options: OffsetOptions) {
    this.#options = options
    this.#lengths = new PageLengths(options.pageSize)
  }

  get first(): readonly Parameter[] {
    return this.#parameters
  }

  next({ records }: PageAnswer): NextPage {
    const verdict = this.#lengths.judge(records)
    if (verdict === 'LAST') return { kind: 'END' }
    if (verdict === 'REPEATED') return { kind: 'REPEATS', fault: `"${this.#options.offsetParameter}" changes nothing` }
    this.#offset += records.length
    return { kind: 'PARAMETERS', parameters: this.#parameters }
  }

  get #parameters(): readonly Parameter[] {
    const { offsetParameter, limitParameter, pageSize } = this.#options
    return [
      [offsetParameter, String(this.#offset)],
      [limitParameter, String(pageSize)],
    ]
  }
}
