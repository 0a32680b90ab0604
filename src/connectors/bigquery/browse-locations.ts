import type { FieldOption, Listing, ListingPage } from '../browse.ts'
import { pageByName } from '../listed-page.ts'
import { type Problem, problem } from '../problem.ts'
import { type Lister, listDatasets } from './browse-lists.ts'
import { dataProjectOf } from './identity-field.ts'

/** As many datasets are looked at. */
const maxDatasets = 2_000
const pageSize = 500
/** Google may put little or nothing on a page, but not again and again. */
const maxPages = 10

/** Where the datasets are that the account may look at: queries can run nowhere else. Throws as `ask`. */
export async function listLocations(lister: Lister, page: ListingPage): Promise<Listing<FieldOption>> {
  const counts = new Map<string, number>()
  let looked = 0
  let pages = 0
  let after: string | null = null
  let missing: Problem | null = null
  do {
    const asked: ListingPage = { search: null, first: pageSize, after }
    const listing: Awaited<ReturnType<typeof listDatasets>> = await listDatasets(
      lister,
      dataProjectOf(lister.session.config),
      asked,
    )
    for (const { location } of listing.items)
      if (location !== null) counts.set(location, (counts.get(location) ?? 0) + 1)
    looked += listing.items.length
    pages += 1
    missing ??= listing.problem
    after = listing.next
  } while (after !== null && looked < maxDatasets && pages < maxPages && missing === null)
  if (after !== null) missing ??= problem('RESULT_TOO_LARGE', { params: { limit: `${looked} datasets` } })
  const { items, next } = pageByName([...counts], ([name]) => name, page)
  return {
    items: items.map(([value, count]) => ({ value, help: count === 1 ? 'one dataset' : `${count} datasets` })),
    next,
    problem: missing,
  }
}
