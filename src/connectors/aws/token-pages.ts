import { createHash } from 'node:crypto'
import { type Listing, type ListingPage, notListed } from '../browse.ts'
import { pageUnknown } from '../listing-problem-error.ts'
import type { Problem } from '../problem.ts'

/** A part of a list, as a service gives it. */
export interface TokenPart<T> {
  readonly items: readonly T[]
  /** For the part that follows; null for the last one. */
  readonly next: string | null
}

export interface TokenList<T> {
  /** What is listed, so that a page is asked for only where it belongs. */
  readonly id: readonly string[]
  /** `wanted`: how many more would do; null where any number may be needed, since most of them may be left out. */
  readonly ask: (token: string | null, wanted: number | null) => Promise<TokenPart<T>>
  readonly isWanted: (item: T) => boolean
  /** What to throw for a list that leads nowhere. */
  readonly violation: (fault: string) => Error
  /** `performance.now()` from which no further part is asked for once something has been looked at. */
  readonly enoughAt: number
}

/** Where a page begins: behind so many items of the part that its token leads to. */
interface Place {
  readonly token: string | null
  readonly skip: number
}

/** Parts without anything that is wanted are passed over, but not for ever. */
const maxParts = 20

/**
 * A page of a list of which a service gives parts by tokens, with what is wanted of them. It may have few items or none
 * and go on all the same. Throws what `ask` does.
 */
export async function tokenPage<T>(
  { id, ask, isWanted, violation, enoughAt }: TokenList<T>,
  { search, first, after }: ListingPage,
): Promise<Listing<T>> {
  const begin = after === null ? { token: null, skip: 0 } : placeOf(after, id)
  if (!begin) return notListed(pageUnknown())
  const items: T[] = []
  let { token, skip } = begin
  for (let parts = 1; ; parts += 1) {
    const part = await ask(token, search === null ? skip + first - items.length : null)
    if (part.next !== null && part.next === token) throw violation('its listing makes no progress')
    for (const [index, item] of part.items.entries()) {
      if (index < skip || !isWanted(item)) continue
      if (items.length === first) return { items, next: placeText({ token, skip: index }, id), problem: null }
      items.push(item)
    }
    if (part.next === null) return { items, next: null, problem: null }
    token = part.next
    // A service may put less on a part than it did before: what has been seen of the next one is passed over, too.
    skip = Math.max(0, skip - part.items.length)
    if (items.length === first || parts === maxParts || performance.now() >= enoughAt) {
      return { items, next: placeText({ token, skip }, id), problem: null }
    }
  }
}

const placeText = ({ token, skip }: Place, id: readonly string[]): string => `${markOf(id)}.${skip}.${token ?? ''}`

function placeOf(text: string, id: readonly string[]): Place | null {
  const [, mark, skip, token] = /^([\w-]{8})\.(\d{1,6})\.(.*)$/s.exec(text) ?? []
  if (mark !== markOf(id)) return null
  return { token: token || null, skip: Number(skip) }
}

const markOf = (id: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(id)).digest('base64url').slice(0, 8)

/** What it comes to when a service does not take the token of the page that is asked for; null for everything else. */
export const refusedPage = ({ code, detail }: Problem, { after }: Pick<ListingPage, 'after'>): Problem | null =>
  after !== null && (code === 'CLOUD_REQUEST_INVALID' || code === 'UNCLASSIFIED') && /token/i.test(detail ?? '')
    ? pageUnknown(detail)
    : null
