import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import type { AthenaConfig } from './form.ts'
import type { AthenaQuery } from './query-form.ts'

export async function runQuery(
  _config: AthenaConfig,
  _query: AthenaQuery,
  _context: QueryContext,
  _sink: RowSink,
): Promise<QueryEnd> {
  throw new Error('Not there yet.')
}
