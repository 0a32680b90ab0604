import type { Listing, ListingPage } from '../connectors/browse.ts'
import { isStorableText } from '../db/storable-text.ts'
import { type InputIssue, ValidationError } from './errors.ts'
import { decodeListCursor, encodeListCursor, type ListIdentity } from './list-cursor.ts'
import type { ListedItems, ListedPage } from './listings.ts'

const maxPageSize = 100
const maxSearchLength = 200

/** Mistakes in what is asked for of a page, beside its cursor. */
export function pageIssues({ first, search }: ListedPage): readonly InputIssue[] {
  const issue = (path: string, message: string): InputIssue => ({ path, inputPath: [path], message })
  return [
    ...(Number.isInteger(first) && first >= 1 && first <= maxPageSize
      ? []
      : [issue('first', `Must be from 1 to ${maxPageSize}.`)]),
    ...(search === null || (search.length <= maxSearchLength && isStorableText(search))
      ? []
      : [issue('search', `Must be text of at most ${maxSearchLength} characters.`)]),
  ]
}

/** The page as a type is asked for it. `list` names the list, but for what is searched for. Throws `BadCursorError`. */
export function requestedPage(list: ListIdentity, { first, after, search }: ListedPage): ListingPage {
  const wanted = search === '' ? null : search
  return { first, search: wanted, after: after === null ? null : decodeListCursor([...list, wanted], after) }
}

/** The page as clients get it. */
export const listedItems = <Item>(
  list: ListIdentity,
  { search }: ListingPage,
  { items, next, problem }: Listing<Item>,
): ListedItems<Item> => ({
  items,
  endCursor: next === null ? null : encodeListCursor([...list, search], next),
  problem,
})

/** Throws `ValidationError` when there are any. */
export function assertNoIssues(issues: readonly InputIssue[]): void {
  if (issues.length > 0) throw new ValidationError(issues)
}
