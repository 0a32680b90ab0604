import { HttpCallError } from '../cloud/http-caller.ts'
import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import { openRecords } from '../files/json-table.ts'
import { ApiError } from './api-error.ts'
import { DatasetPages } from './dataset-pages.ts'
import type { HttpApiConfig } from './form.ts'
import type { HttpApiQuery } from './query-form.ts'
import { ApiSession } from './session.ts'

/**
 * Asks an API for a dataset, page after page, for as long as its rows are wanted. What its own limits leave out is told as
 * `truncated`; of what fails nothing is kept but the rows that have been given.
 */
export async function runQuery(
  config: HttpApiConfig,
  query: HttpApiQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const { signal, environment } = context
  if (query.method === 'POST' && !query.readOnlyPost)
    throw new Error('Patchbay only reads: nobody says that this POST does.')
  const session = new ApiSession(config, environment, { isPaced: true })
  try {
    const blocked = await session.stages.pass(signal)
    if (blocked) return { kind: 'PROBLEM', problem: session.scrub.problem(blocked) }
    const pages = new DatasetPages(session, query, signal)
    await passRows(pages, query.caps.maxRows, sink)
    return { kind: 'COMPLETE', truncated: pages.isCut }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ApiError || error instanceof HttpCallError)) throw error
    return { kind: 'PROBLEM', problem: session.scrub.problem(error.problem) }
  } finally {
    session.close()
  }
}

/** The columns are those of the first page that has records; what later pages add to them is in the last one. */
async function passRows(pages: DatasetPages, maxRows: number, sink: RowSink): Promise<void> {
  const { columns, otherFields = null, rows } = await openRecords(pages.batches(), true)
  sink.columns(columns)
  if (columns.length === 0) return
  const names = columns.map(({ name }) => name)
  const shape = { names, known: new Set(names), otherFields, refuse: refuseNothing }
  let left = maxRows
  for await (const page of rows(shape)) {
    const wanted = page.length > left ? page.slice(0, left) : page
    left -= wanted.length
    if (wanted.length > 0 && !(await sink.rows(wanted))) return
    if (wanted.length < page.length || (left === 0 && pages.hasMore)) {
      pages.cut()
      return
    }
  }
}

/** Where pages may have other fields there is a column for them. */
const refuseNothing = () => {}
