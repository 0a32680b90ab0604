import type { CatalogEntry, Listing, ListingPage } from '../browse.ts'
import type { CommonType } from '../define.ts'
import { isRecord } from '../form-tree-walk.ts'
import { pageInOrder } from '../listed-page.ts'
import { cleanText } from '../problem.ts'
import { askUnity, type Lister } from './browse-unity.ts'
import { unityPath } from './catalog.ts'
import { identityField } from './meanings.ts'
import type { JsonRecord } from './raw-answers.ts'

/** Columns of a table or a view, in their order. Throws as `askUnity`. */
export async function listColumns(
  lister: Lister,
  parts: readonly [catalog: string, schema: string, table: string],
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const { workspace } = lister
  const name = parts.join('.')
  const { columns = [] } = await askUnity(
    lister,
    `${unityPath}/tables/${encodeURIComponent(name)}?include_browse=true`,
    {
      action: `to see the columns of ${name}`,
      missing: { code: 'CATALOG_PATH_NOT_FOUND', params: { what: 'table or view', name: cleanText(name, 100) } },
      denied: { code: 'PERMISSION_DENIED', fields: [identityField(workspace.config)] },
    },
  )
  if (!Array.isArray(columns)) throw workspace.violation('its table has no columns')
  const entries = columns.flatMap(column => (isRecord(column) ? columnEntry(column) : []))
  const { items, next } = pageInOrder(entries, entry => entry.name, page)
  return { items, next, problem: null }
}

function columnEntry({ name, type_text: text, nullable, comment }: JsonRecord): CatalogEntry[] {
  if (typeof name !== 'string' || name === '') return []
  const nativeType = typeof text === 'string' ? text : ''
  return [
    {
      name,
      kind: 'COLUMN',
      hasChildren: false,
      ...(typeof comment === 'string' && comment !== '' && { comment }),
      column: {
        nativeType,
        type: commonType(nativeType),
        ...(typeof nullable === 'boolean' && { isNullable: nullable }),
      },
    },
  ]
}

/** As rows have them: what the protocol writes as text is that. */
const commonTypes: Readonly<Record<string, CommonType>> = {
  boolean: 'BOOLEAN',
  byte: 'INTEGER',
  tinyint: 'INTEGER',
  short: 'INTEGER',
  smallint: 'INTEGER',
  int: 'INTEGER',
  integer: 'INTEGER',
  long: 'INTEGER',
  bigint: 'INTEGER',
  float: 'FLOAT',
  real: 'FLOAT',
  double: 'FLOAT',
  decimal: 'DECIMAL',
  string: 'TEXT',
  varchar: 'TEXT',
  char: 'TEXT',
  variant: 'TEXT',
  binary: 'BINARY',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamp_ntz: 'TIMESTAMP',
  timestamp_ltz: 'TIMESTAMP',
  array: 'LIST',
  map: 'JSON',
  struct: 'JSON',
}

function commonType(nativeType: string): CommonType {
  const word = /^[a-z_]+/.exec(nativeType.toLowerCase())?.[0] ?? ''
  return (Object.hasOwn(commonTypes, word) ? commonTypes[word] : undefined) ?? 'OTHER'
}
