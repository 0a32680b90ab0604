import type { RowSink } from '../define.ts'
import { isRecord } from '../form-tree-walk.ts'
import { JsonRows } from '../json-rows.ts'
import type { BigquerySession } from './open.ts'
import { cellValue, type Decoder, decoderOf, type FieldSchema, ForeignValueError, resultColumn } from './values.ts'

/** BigQuery has no more. */
export const maxColumns = 10_000

/** One page of rows, as the API has them. */
export interface Page {
  /** In the order of the result's columns. */
  readonly schema: readonly FieldSchema[]
  readonly rows: readonly unknown[]
}

/** Passes pages on as they come, as far as rows are wanted. `order`: which of a page's columns, in this order. */
export async function passRows(
  session: BigquerySession,
  pages: AsyncIterable<Page>,
  sink: RowSink,
  order: readonly number[] | null = null,
): Promise<void> {
  let decoders: readonly Decoder[] | null = null
  for await (const { schema, rows } of pages) {
    if (!decoders) {
      const shown = order === null ? schema : order.flatMap(index => schema[index] ?? [])
      sink.columns(shown.map(resultColumn))
      decoders = schema.map(decoderOf)
    }
    if (!(await passPage(session, rows, { decoders, order, sink }))) return
  }
}

interface PageOptions {
  readonly decoders: readonly Decoder[]
  readonly order: readonly number[] | null
  readonly sink: RowSink
}

/** Whether more is wanted. */
async function passPage(session: BigquerySession, rows: readonly unknown[], { decoders, order, sink }: PageOptions) {
  const indexes = order ?? [...decoders.keys()]
  const json = new JsonRows(indexes.length)
  for (const row of rows) {
    json.begin()
    const cells = cellsOf(session, row, decoders.length)
    for (const index of indexes) json.value(decoded(session, cells[index], decoders[index] as Decoder))
    json.finish()
    if (json.full) {
      if (!(await sink.json(json))) return false
      json.clear()
    }
  }
  return json.count === 0 || sink.json(json)
}

function cellsOf(session: BigquerySession, row: unknown, width: number): readonly unknown[] {
  const cells = isRecord(row) ? row['f'] : undefined
  if (!Array.isArray(cells) || cells.length !== width) {
    throw session.violation('it sent a row with another number of values than columns')
  }
  return cells
}

function decoded(session: BigquerySession, cell: unknown, decode: Decoder) {
  try {
    return decode(cellValue(cell))
  } catch (error) {
    if (error instanceof ForeignValueError) throw session.violation('it sent a value that is none of its column')
    throw error
  }
}
