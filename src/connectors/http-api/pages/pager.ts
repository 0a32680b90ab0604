import type { JsonValue } from '../../json.ts'
import type { HttpApiQuery } from '../query-form.ts'
import type { Parameter } from '../request-url.ts'
import { CursorPages } from './cursor-pages.ts'
import { LinkedPages } from './linked-pages.ts'
import { NumberedPages } from './numbered-pages.ts'
import { OffsetPages } from './offset-pages.ts'
import { onePage } from './one-page.ts'

/** What a page's answer says about the one that follows it. */
export interface PageAnswer {
  readonly json: JsonValue
  readonly records: readonly JsonValue[]
  /** The header Link, of several all together; empty where there is none. */
  readonly link: string
}

/** What to ask for next. */
export type NextPage =
  /** The first request again, with these parameters in the place of those with the same names. */
  | { readonly kind: 'PARAMETERS'; readonly parameters: readonly Parameter[] }
  /** What the answer links to, as it was written. */
  | { readonly kind: 'LINK'; readonly link: string }
  | { readonly kind: 'END' }
  /** `fault` completes "gives the same page again and again: ". */
  | { readonly kind: 'REPEATS'; readonly fault: string }
  /** `fault` says in a sentence why it cannot be told. */
  | { readonly kind: 'UNREADABLE'; readonly fault: string; readonly field: string }

/** Follows one way in which APIs give out long lists. */
export interface Pager {
  readonly first: readonly Parameter[]
  next(answer: PageAnswer): NextPage
  /** Whether an API may say with 404 that there are no more pages, after the first. */
  readonly mayEndWithNotFound: boolean
}

export function pagerOf({ offset, page, cursor, linkHeader }: HttpApiQuery['pagination']): Pager {
  if (offset) return new OffsetPages(offset)
  if (page) return new NumberedPages(page)
  if (cursor) return new CursorPages(cursor)
  if (linkHeader) return new LinkedPages(linkHeader.rel)
  return onePage
}
