import type { CatalogEntry, Listing, ListingPage } from '../browse.ts'
import { pageInOrder } from '../listed-page.ts'
import { declaredType } from './declared-type.ts'
import type { ListedRow, Work } from './work.ts'

/** No table has so many. */
const maxColumns = 10_000

/** Of a table or a view, in their order. Throws as `Work.list`. `path`: in quotes. */
export async function listColumns(work: Work, path: string, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { rows } = await work.list(`DESCRIBE TABLE ${path}`, maxColumns)
  const columns = rows.filter(({ kind = 'COLUMN' }) => /COLUMN/i.test(kind))
  const { items, next } = pageInOrder(columns, ({ name = '' }) => name, page)
  return { items: items.map(columnEntry), next, problem: null }
}

function columnEntry(row: ListedRow): CatalogEntry {
  const { name = '', type = '', comment = '', 'null?': nullable = '' } = row
  return {
    name,
    kind: 'COLUMN',
    hasChildren: false,
    ...(comment !== '' && { comment }),
    column: { ...declaredType(type), ...(/^[YN]/i.test(nullable) && { isNullable: /^Y/i.test(nullable) }) },
  }
}
