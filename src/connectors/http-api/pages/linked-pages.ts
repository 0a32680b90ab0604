import LinkHeader from 'http-link-header'
import type { NextPage, PageAnswer, Pager } from './pager.ts'

/** Of all links of an answer. */
const maxLinkLength = 8_192
/** The parser copies all attributes of a link for each of its relations: the one times the other is what it takes. */
const maxAttributes = 100
const maxSpaces = 500
const field = 'pagination.linkHeader.rel'

/** By the links of each answer (RFC 8288). */
export class LinkedPages implements Pager {
  readonly first = []
  readonly mayEndWithNotFound = false
  readonly #rel: string
  readonly #seen = new Set<string>()

  constructor(rel: string) {
    this.#rel = rel
  }

  next({ link }: PageAnswer): NextPage {
    if (link === '') return { kind: 'END' }
    if (link.length > maxLinkLength || count(link, /;/g) > maxAttributes || count(link, /\s/g) > maxSpaces)
      return unreadable('The header Link has too much in it.')
    const target = this.#targetIn(link)
    if (target === null) return unreadable('The header Link cannot be read.')
    if (target === undefined) return { kind: 'END' }
    if (this.#seen.has(target)) return { kind: 'REPEATS', fault: 'a link came that had come before' }
    this.#seen.add(target)
    return { kind: 'LINK', link: target }
  }

  /** Undefined: there is no such link. Null: nobody can tell. */
  #targetIn(link: string): string | undefined | null {
    try {
      return LinkHeader.parse(link).rel(this.#rel)[0]?.uri
    } catch {
      return null
    }
  }
}

const unreadable = (fault: string): NextPage => ({ kind: 'UNREADABLE', fault, field })

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0
