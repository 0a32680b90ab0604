import type { FieldDef } from 'pg'
import type Cursor from 'pg-cursor'
import type { QueryLimits } from '../define.ts'

export interface FetchedRows {
  readonly fields: readonly FieldDef[]
  /** As text, in column order. */
  readonly rows: readonly (readonly (string | null)[])[]
  readonly truncated: boolean
}

const maxBatch = 500

/**
 * Reads a cursor up to the limits. Batches begin with one row and grow by what rows turn out to weigh: a batch is in
 * memory as a whole, so a batch of huge rows must not be asked for.
 */
export async function fetchRows(
  cursor: Cursor<(string | null)[]>,
  { maxRows, maxBytes }: QueryLimits,
): Promise<FetchedRows> {
  const rows: (string | null)[][] = []
  let fields: readonly FieldDef[] = []
  let bytes = 0
  let batch = 1
  for (;;) {
    // One row more than wanted tells whether there was more.
    const wanted = Math.min(batch, maxRows + 1 - rows.length)
    const answer = await readBatch(cursor, wanted)
    fields = answer.fields
    for (const row of answer.rows) {
      bytes += weigh(row)
      if (rows.length === maxRows || bytes > maxBytes) return { fields, rows, truncated: true }
      rows.push(row)
    }
    if (answer.rows.length < wanted) return { fields, rows, truncated: false }
    const average = Math.max(1, bytes / rows.length)
    batch = Math.max(1, Math.min(maxBatch, 4 * batch, Math.ceil((maxBytes - bytes) / average)))
  }
}

function readBatch(
  cursor: Cursor<(string | null)[]>,
  count: number,
): Promise<{ rows: (string | null)[][]; fields: readonly FieldDef[] }> {
  // The promise form leaves out the columns.
  return new Promise((resolve, reject) => {
    cursor.read(count, (error, rows, result) => (error ? reject(error) : resolve({ rows, fields: result.fields })))
  })
}

/** About what the row's JSON will weigh; the exact count is made of the JSON itself. */
const weigh = (row: readonly (string | null)[]): number =>
  row.reduce((sum, value) => sum + 4 + (value === null ? 0 : Buffer.byteLength(value)), 2)
