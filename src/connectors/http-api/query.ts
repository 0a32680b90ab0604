import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import type { HttpApiConfig } from './form.ts'
import type { HttpApiQuery } from './query-form.ts'

export function runQuery(
  _config: HttpApiConfig,
  _query: HttpApiQuery,
  _context: QueryContext,
  _sink: RowSink,
): Promise<QueryEnd> {
  throw new Error('Not there yet.')
}
