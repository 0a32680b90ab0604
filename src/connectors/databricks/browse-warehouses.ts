import type { FieldOption, Listing, ListingPage } from '../browse.ts'
import { patiently } from '../cloud/patiently.ts'
import { budgetOf, isOver } from '../cloud/remaining.ts'
import { isRecord } from '../form-tree-walk.ts'
import { pageByName } from '../listed-page.ts'
import { cleanText, type Problem, problem } from '../problem.ts'
import type { Lister } from './browse-unity.ts'
import { restMs } from './budgets.ts'
import { readHttpPath } from './http-path.ts'
import type { JsonRecord } from './raw-answers.ts'
import { problemOf } from './work.ts'

const pageSize = 100
/** No workspace has so many. */
const maxPages = 10

/** The SQL warehouses that the principal may see, with their state: asking starts none. Throws as `Workspace.rest`. */
export async function listWarehouses(lister: Lister, page: ListingPage): Promise<Listing<FieldOption>> {
  const { options, missing } = await allWarehouses(lister)
  // Names need not differ.
  const { items, next } = pageByName(options, ({ label, value }) => `${label} ${value}`, page)
  return { items, next, problem: missing }
}

type Warehouse = Required<FieldOption>

async function allWarehouses({ workspace, remaining }: Lister) {
  const options: Warehouse[] = []
  let token: string | null = null
  for (let asked = 0; asked < maxPages && !(asked > 0 && isOver(remaining)); asked += 1) {
    const query = new URLSearchParams({ page_size: String(pageSize), ...(token !== null && { page_token: token }) })
    let answer: JsonRecord
    try {
      answer = await patiently({ ...remaining, tries: 3 }, () =>
        workspace.rest({
          path: `/api/2.0/sql/warehouses?${query}`,
          about: { action: 'to list SQL warehouses' },
          ...budgetOf(remaining, restMs),
        }),
      )
    } catch (error) {
      remaining.signal.throwIfAborted()
      const missing = problemOf(error)
      if (missing === null || options.length === 0) throw error
      return { options, missing }
    }
    const { warehouses: listed = [], next_page_token: next } = answer
    if (!Array.isArray(listed)) throw workspace.violation('it lists no warehouses')
    options.push(...listed.flatMap(item => (isRecord(item) ? warehouseOption(item) : [])))
    if (typeof next !== 'string' || next === '') return { options, missing: null }
    if (next === token) throw workspace.violation('its list of warehouses has no end')
    token = next
  }
  const missing: Problem = problem('RESULT_TOO_LARGE', { params: { limit: `${options.length} warehouses` } })
  return { options, missing }
}

const maxTextLength = 200
const textOf = (value: unknown): string => (typeof value === 'string' ? cleanText(value, maxTextLength) : '')

/** None of what is gone, and of what has no path that the form takes. */
function warehouseOption(item: JsonRecord): Warehouse[] {
  const { odbc_params: odbc, id, state } = item
  const told = isRecord(odbc) ? odbc['path'] : undefined
  const value = typeof told === 'string' ? told : `/sql/1.0/warehouses/${textOf(id)}`
  if (readHttpPath(value) === null || /^DELET/.test(textOf(state))) return []
  const size = textOf(item['cluster_size']) || textOf(item['size'])
  const kind = item['enable_serverless_compute'] === true ? 'serverless' : textOf(item['warehouse_type']).toLowerCase()
  const help = [textOf(state).toLowerCase(), size, kind].filter(text => text !== '').join(', ')
  return [{ value, label: textOf(item['name']) || textOf(id), help }]
}
