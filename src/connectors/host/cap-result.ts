import type { QueryLimits, QueryResult } from '../define.ts'

/** `result` cut to what the limits let through, whatever the type's own code did about them. */
export function capResult(result: QueryResult, limits: QueryLimits): QueryResult {
  let bytes = 0
  const fitting = result.rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row))
    return index === limits.maxRows || bytes > limits.maxBytes
  })
  return fitting === -1 ? result : { columns: result.columns, rows: result.rows.slice(0, fitting), truncated: true }
}
