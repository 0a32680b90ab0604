import { patiently } from '../cloud/patiently.ts'
import { budgetOf } from '../cloud/remaining.ts'
import { isRecord } from '../form-tree-walk.ts'
import { meant, type Subject } from './meanings.ts'
import type { BigquerySession, JsonRecord } from './open.ts'
import { type TableReference, tableName, tablePath } from './resources.ts'
import { firstPageSize, maxPageBytes, rowPages } from './result-pages.ts'
import type { Page } from './rows.ts'
import { assertFew, runStatement } from './run-statement.ts'
import { StatementError } from './statement.ts'
import { tableSql } from './table-sql.ts'
import { type FieldSchema, readSchema } from './values.ts'

export interface TableOptions {
  readonly table: TableReference
  /** Names of columns; none for all. */
  readonly columns: readonly string[]
  readonly signal: AbortSignal
  readonly maxRows: number
  readonly planMs: number
}

export interface TableRows {
  readonly pages: AsyncIterable<Page>
  /** Which of a page's columns were asked for, in this order; null for all of them. */
  readonly order: readonly number[] | null
}

/** Kinds whose rows are listed without a query, which costs nothing. Everything else is computed when it is read. */
const listed = ['TABLE', 'SNAPSHOT']

/** They stand in the address, of which servers take no more. */
const maxSelectedLength = 4_000

/** Whether all columns are asked for, even where some of them are not shown. */
const isAll = (wanted: readonly FieldSchema[]): boolean =>
  wanted.length === 0 || encodeURIComponent(wanted.map(({ name }) => name).join(',')).length > maxSelectedLength

const pageMs = 30_000

/** The rows of a table. Throws `StatementError` and `HttpCallError`, and the signal's reason when that aborts. */
export async function tableRows(session: BigquerySession, options: TableOptions): Promise<TableRows> {
  const { table, columns } = options
  const subject: Subject = {
    what: 'table',
    name: tableName(table),
    fields: ['table.name'],
    action: 'bigquery.tables.get',
  }
  const { type, fields } = await askTable(session, options, subject)
  if (!listed.includes(type)) {
    const sql = tableSql(table, columns, options.maxRows)
    const fields = ['table.name', ...(columns.length > 0 ? ['table.columns'] : [])]
    return {
      pages: runStatement(session, { ...options, sql, subject: { ...subject, what: 'statement', fields } }),
      order: null,
    }
  }
  const wanted = columns.map(name => columnNamed(name, fields, table))
  // BigQuery leaves out what is not wanted, and does not put the rest into another order.
  const selected = isAll(wanted) ? fields : fields.filter(field => wanted.includes(field))
  return {
    pages: listedPages(session, { ...options, selected: isAll(wanted) ? null : selected }, selected, subject),
    order: wanted.length === 0 ? null : wanted.map(field => selected.indexOf(field)),
  }
}

async function askTable(session: BigquerySession, { table, signal, planMs }: TableOptions, subject: Subject) {
  const until = performance.now() + planMs
  const answer = await patiently({ signal, until, tries: 3 }, () =>
    session.ask({
      method: 'GET',
      path: tablePath(table),
      // Without how large it is, which takes BigQuery longer to tell.
      query: { view: 'BASIC' },
      use: 'READ',
      subject,
      maxBytes: maxPageBytes,
      ...budgetOf({ signal, until }),
    }),
  )
  const { type, schema } = answer
  if (typeof type !== 'string') throw session.violation('it does not tell what kind of table it is')
  const fields = readSchema(isRecord(schema) ? (schema['fields'] ?? []) : [])
  if (!fields) throw session.violation('its table has no columns')
  return { type, fields: assertFew(fields) }
}

/** BigQuery does not tell apart by case what columns are called. */
function columnNamed(name: string, fields: readonly FieldSchema[], table: TableReference): FieldSchema {
  const found = fields.find(field => field.name.toLowerCase() === name.toLowerCase())
  if (found) return found
  const detail = `${tableName(table)} has no column "${name}".`
  throw new StatementError(meant({ code: 'OBJECT_NOT_FOUND', fields: ['table.columns'] }, detail))
}

async function* listedPages(
  session: BigquerySession,
  { table, signal, maxRows, selected }: TableOptions & { readonly selected: readonly FieldSchema[] | null },
  schema: readonly FieldSchema[],
  subject: Subject,
): AsyncGenerator<Page> {
  const path = `${tablePath(table)}/data`
  const selectedFields = selected?.map(({ name }) => name).join(',')
  const action = 'bigquery.tables.getData'
  const ask = (query: { readonly maxResults: number; readonly pageToken?: string | undefined }): Promise<JsonRecord> =>
    patiently({ signal, until: performance.now() + pageMs, tries: 5 }, () =>
      session.ask({
        method: 'GET',
        path,
        query: { ...query, selectedFields, 'formatOptions.useInt64Timestamp': 'true' },
        use: 'READ',
        subject: { ...subject, action },
        signal,
        budgetMs: pageMs,
        maxBytes: maxPageBytes,
      }),
    )
  const maxResults = firstPageSize(maxRows)
  for await (const rows of rowPages(session, await ask({ maxResults }), maxResults, ask)) yield { schema, rows }
}
