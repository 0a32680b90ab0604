import type { FieldOption, Listing, ListingPage } from '../browse.ts'
import { pageByName } from '../listed-page.ts'
import { problem } from '../problem.ts'
import { escapedForLike, quoteText } from './names.ts'
import { type Warehouse, warehousesOf } from './warehouse.ts'
import type { Work } from './work.ts'

/** SHOW lists no more. */
const maxListed = 10_000

/** Those that the role sees, with their state: looking at them starts none. Throws as `Work.list`. */
export async function listWarehouses(work: Work, page: ListingPage): Promise<Listing<FieldOption>> {
  const like = page.search === null ? '' : ` LIKE ${quoteText(`%${escapedForLike(page.search)}%`)}`
  const { rows, isWhole } = await work.list(`SHOW WAREHOUSES${like}`, maxListed)
  const { items, next } = pageByName(warehousesOf(rows), ({ name }) => name, page)
  return {
    items: items.map(optionOf),
    next,
    problem: isWhole ? null : problem('RESULT_TOO_LARGE', { params: { limit: `${maxListed} warehouses` } }),
  }
}

const optionOf = ({ name, state, size, resumesItself }: Warehouse): FieldOption => {
  const stands = /^SUSPEND/.test(state)
    ? `suspended, ${resumesItself ? 'starts by itself' : 'does not start by itself'}`
    : state.toLowerCase()
  return { value: name, help: [stands, size].filter(text => text !== '').join(', ') }
}
