import type { ListingPage } from './browse.ts'
import { unknownPage } from './listing-problem-error.ts'

/** A page, and where the next one begins. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** Whether a name is one of those that are looked for. */
export const nameMatches = (name: string, search: string | null): boolean =>
  search === null || name.toLowerCase().includes(search.toLowerCase())

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A page of what is all there, sorted by names, which differ: the next one begins behind the last name of this one. */
export function pageByName<T>(all: readonly T[], nameOf: (item: T) => string, page: ListingPage): Page<T> {
  const { search, first, after } = page
  const wanted = all
    .map(item => ({ item, name: nameOf(item) }))
    .filter(({ name }) => nameMatches(name, search) && (after === null || name > after))
    .sort((a, b) => order(a.name, b.name))
  const shown = wanted.slice(0, first)
  return {
    items: shown.map(({ item }) => item),
    next: wanted.length > first ? (shown.at(-1)?.name ?? null) : null,
  }
}

/** A page of what is all there, in an order of its own, such as columns: the next one begins at a place of the list. */
export function pageInOrder<T>(all: readonly T[], nameOf: (item: T) => string, page: ListingPage): Page<T> {
  const { search, first, after } = page
  if (after !== null && !/^\d{1,6}$/.test(after)) throw unknownPage()
  const items: T[] = []
  for (let place = Number(after ?? 0); place < all.length; place += 1) {
    const item = all[place] as T
    if (!nameMatches(nameOf(item), search)) continue
    if (items.length === first) return { items, next: String(place) }
    items.push(item)
  }
  return { items, next: null }
}
