import type { Parameter } from '../request-url.ts'
import { PageLengths } from './page-lengths.ts'
import type { NextPage, PageAnswer, Pager } from './pager.ts'

export interface NumberedOptions {
  readonly pageParameter: string
  readonly firstPage: number
  readonly sizeParameter?: string | undefined
  readonly pageSize: number
}

/** By the number of the page. */
export class NumberedPages implements Pager {
  readonly mayEndWithNotFound = true
  readonly #options: NumberedOptions
  readonly #lengths: PageLengths
  #page: number

  constructor(options: NumberedOptions) {
    this.#options = options
    this.#page = options.firstPage
    this.#lengths = new PageLengths(options.sizeParameter === undefined ? null : options.pageSize)
  }

  get first(): readonly Parameter[] {
    return this.#parameters
  }

  next({ records }: PageAnswer): NextPage {
    const verdict = this.#lengths.judge(records)
    if (verdict === 'LAST') return { kind: 'END' }
    if (verdict === 'REPEATED') return { kind: 'REPEATS', fault: `"${this.#options.pageParameter}" changes nothing` }
    this.#page += 1
    return { kind: 'PARAMETERS', parameters: this.#parameters }
  }

  get #parameters(): readonly Parameter[] {
    const { pageParameter, sizeParameter, pageSize } = this.#options
    const page: Parameter = [pageParameter, String(this.#page)]
    return sizeParameter === undefined ? [page] : [page, [sizeParameter, String(pageSize)]]
  }
}
