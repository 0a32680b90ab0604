import { createHash } from 'node:crypto'
import type { Listing, ListingPage } from '../browse.ts'
import { nameMatches } from '../listed-page.ts'
import { unknownPage } from '../listing-problem-error.ts'
import type { Problem } from '../problem.ts'
import { isOver, type Remaining } from './remaining.ts'

/** A page as the service has it. */
export interface ServicePage<T> {
  readonly items: readonly T[]
  /** The service's token of the page after it; null at the end. */
  readonly next: string | null
  /** Why something is missing on it, though it was answered. */
  readonly problem?: Problem
}

export interface TokenPagesOptions<T> extends Remaining {
  /** What the list is of: the places that it names are those of no other list. */
  readonly of: readonly string[]
  readonly page: ListingPage
  /** As many as the service puts on a page. */
  readonly maxSize: number
  /** All names by which something may be looked for. */
  namesOf(item: T): readonly string[]
  ask(question: { readonly token: string | null; readonly size: number }): Promise<ServicePage<T>>
  /** What is known of an error; null for bugs. */
  problemOf(error: unknown): Problem | null
  /** Whether an error may be about the token that came with the question. */
  mayBeOfToken(error: unknown): boolean
  /** The error of a list that goes round in circles. */
  endless(): Error
}

/** Services that cannot search are asked so often for one page, however little of it was wanted. */
const maxAsked = 5
/** With what stands before it, no more than a place may have. */
const maxTokenLength = 900

/**
 * A page of a list that the service hands out page by page, each known by a token. Where names are looked for, they are
 * picked out of a few of the service's pages: what is found may be little or nothing, and `next` leads on. What comes
 * to a failure after some of it was found is told with that. Throws `ListingProblemError`, and as `ask`.
 */
export async function tokenPages<T>(options: TokenPagesOptions<T>): Promise<Listing<T>> {
  const { page, maxSize, namesOf, problemOf } = options
  const list = digest([...options.of, page.search ?? ''])
  let { token, skip } = placeIn(list, page.after)
  const items: T[] = []
  let missing: Problem | null = null
  const upTo = (next: string | null, count = 0): Listing<T> => ({
    items,
    next: next === null && count === 0 ? null : `${list}.${count}.${next ?? ''}`,
    problem: missing,
  })
  for (let asked = 0; ; asked += 1) {
    if (asked >= maxAsked || (asked > 0 && isOver(options))) return upTo(token, skip)
    const size = page.search === null ? Math.min(maxSize, page.first - items.length + skip) : maxSize
    let found: ServicePage<T>
    try {
      found = await options.ask({ token, size })
    } catch (error) {
      options.signal.throwIfAborted()
      const known = problemOf(error)
      if (asked === 0 && token !== null && options.mayBeOfToken(error)) throw unknownPage(known?.detail ?? null)
      if (known === null || items.length === 0) throw error
      missing ??= known
      return upTo(token, skip)
    }
    missing ??= found.problem ?? null
    for (const [index, item] of found.items.entries()) {
      if (index < skip || !namesOf(item).some(name => nameMatches(name, page.search))) continue
      if (items.length === page.first) return upTo(token, index)
      items.push(item)
    }
    if (found.next === null) return upTo(null)
    if (found.next === token || found.next.length > maxTokenLength) throw options.endless()
    skip = Math.max(0, skip - found.items.length)
    token = found.next
    if (items.length === page.first) return upTo(token, skip)
  }
}

const digest = (of: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(of)).digest('base64url').slice(0, 16)

interface Place {
  /** Of the service's page; null for its first. */
  readonly token: string | null
  /** How much of what begins there has been seen. */
  readonly skip: number
}

function placeIn(list: string, after: string | null): Place {
  if (after === null) return { token: null, skip: 0 }
  const [, of, skip, token = ''] = /^([\w-]{16})\.(\d{1,6})\.(.{0,900})$/s.exec(after) ?? []
  if (of !== list) throw unknownPage()
  return { token: token === '' ? null : token, skip: Number(skip) }
}
