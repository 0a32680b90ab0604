import type { QueryContext, QueryEnd, RowSink } from '../define.ts'
import type { S3Config } from './form.ts'
import type { S3Query } from './query-form.ts'

export async function runQuery(
  _config: S3Config,
  _query: S3Query,
  _context: QueryContext,
  _sink: RowSink,
): Promise<QueryEnd> {
  throw new Error('Not there yet.')
}
