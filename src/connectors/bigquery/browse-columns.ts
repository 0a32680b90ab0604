import type { CatalogEntry, Listing, ListingPage } from '../browse.ts'
import { isRecord } from '../form-tree-walk.ts'
import { pageInOrder } from '../listed-page.ts'
import { type Lister, orNotFound } from './browse-lists.ts'
import { dataProjectOf } from './identity-field.ts'
import { maxListBytes, read, type TableReference, tableName, tablePath } from './resources.ts'
import { type FieldSchema, readSchema, resultColumn } from './values.ts'

/** With fields of records, BigQuery takes no more in a table. */
const maxColumns = 10_000

/** Columns of a table or a view, each followed by the fields of its records, whose names have dots. Throws as `ask`. */
export async function listColumns(
  { session, remaining }: Lister,
  table: TableReference,
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const { projectId, datasetId } = table
  const isDefault = datasetId === session.config.defaultDataset && projectId === dataProjectOf(session.config)
  const subject = {
    what: 'table',
    name: tableName(table),
    fields: isDefault ? ['defaultDataset'] : [],
    action: 'bigquery.tables.get',
  } as const
  const { schema } = await orNotFound('table', tableName(table), () =>
    // Without how large it is, which takes BigQuery longer to tell.
    read(session, { path: tablePath(table), query: { view: 'BASIC' }, subject, maxBytes: maxListBytes, ...remaining }),
  )
  const fields = readSchema(isRecord(schema) ? (schema['fields'] ?? []) : [])
  if (!fields) throw session.violation('its table has no columns')
  const { items, next } = pageInOrder(flattened(fields), ({ name }) => name, page)
  return { items, next, problem: null }
}

function flattened(fields: readonly FieldSchema[]): readonly CatalogEntry[] {
  const columns: CatalogEntry[] = []
  const add = (list: readonly FieldSchema[], before: string): void => {
    for (const field of list) {
      if (columns.length >= maxColumns) return
      const name = `${before}${field.name}`
      columns.push(columnEntry(field, name))
      add(field.fields, `${name}.`)
    }
  }
  add(fields, '')
  return columns
}

function columnEntry(field: FieldSchema, name: string): CatalogEntry {
  const { nativeType, type } = resultColumn(field)
  return {
    name,
    kind: 'COLUMN',
    hasChildren: false,
    ...(field.comment !== '' && { comment: field.comment }),
    // An array is never NULL.
    column: { nativeType, type, isNullable: !(field.isRequired || field.isRepeated) },
  }
}
