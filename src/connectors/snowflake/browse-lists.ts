import type { CatalogEntry, Listing, ListingPage } from '../browse.ts'
import { pageByName } from '../listed-page.ts'
import { ListingProblemError } from '../listing-problem-error.ts'
import { problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { showPage } from './browse-show.ts'
import { likeName, quotedPath } from './names.ts'
import { similarRemedies } from './warehouse.ts'
import type { ListedRow, Work } from './work.ts'

/** All that the role sees. Throws as `Work.list`. */
export async function listDatabases(work: Work, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { rows, next } = await showPage(work, 'DATABASES', '', page)
  return { items: rows.map(row => namespaceEntry('DATABASE', row)), next, problem: null }
}

/** The one that the form names, as far as it is there. Throws as `Work.list`, and `ListingProblemError`. */
export async function onlyDatabase(work: Work, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { username, database = '' } = work.session.config
  const { rows } = await work.list(`SHOW DATABASES LIKE ${likeName(database)}`)
  const found = rows.filter(({ name }) => name === database)
  if (found.length === 0) {
    const names = rows.map(({ name = '' }) => name)
    const remedies = similarRemedies('database', database, names)
    const about = { params: { database, username }, fields: ['database', 'role'], remedies }
    throw new ListingProblemError(problem('DATABASE_NOT_FOUND', about))
  }
  const { items, next } = pageByName(found, ({ name = '' }) => name, page)
  return { items: items.map(row => namespaceEntry('DATABASE', row)), next, problem: null }
}

/** Throws as `Work.list`. */
export async function listSchemas(work: Work, database: string, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const { rows, next } = await showPage(work, 'SCHEMAS', ` IN DATABASE ${quoteName(database)}`, page)
  return { items: rows.map(row => namespaceEntry('SCHEMA', row)), next, problem: null }
}

/** Tables and views of every kind. Throws as `Work.list`. */
export async function listObjects(
  work: Work,
  [database, schema]: readonly [database: string, schema: string],
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const { rows, next } = await showPage(work, 'OBJECTS', ` IN SCHEMA ${quotedPath(database, schema)}`, page)
  const items = rows.flatMap(row => objectEntry(row, [database, schema]))
  return { items, next, problem: null }
}

const namespaceEntry = (kind: 'DATABASE' | 'SCHEMA', { name = '', comment = '' }: ListedRow): CatalogEntry => ({
  name,
  kind,
  hasChildren: true,
  ...(comment !== '' && { comment }),
})

/** What makes a table something else than that, by the column that says so. */
const tableKinds = { is_dynamic: 'DYNAMIC TABLE', is_iceberg: 'ICEBERG TABLE', is_hybrid: 'HYBRID TABLE' } as const

function objectEntry(row: ListedRow, [database, schema]: readonly [string, string]): CatalogEntry[] {
  const { name = '', kind: shown = '', comment = '', bytes = '' } = row
  const upper = shown.toUpperCase()
  const kind = /\bVIEW\b/.test(upper) ? 'VIEW' : /\bTABLE\b/.test(upper) ? 'TABLE' : null
  // Nothing that a query reads by its name.
  if (kind === null) return []
  const [, special] = Object.entries(tableKinds).find(([column]) => /^(?:Y|true)$/i.test(row[column] ?? '')) ?? []
  const nativeKind = special ?? upper
  return [
    {
      name,
      kind,
      ...(nativeKind !== kind && { nativeKind }),
      hasChildren: true,
      ...(comment !== '' && { comment }),
      ...(/^\d{1,15}$/.test(bytes) && { sizeBytes: Number(bytes) }),
      query: { table: { database, schema, name } },
    },
  ]
}
