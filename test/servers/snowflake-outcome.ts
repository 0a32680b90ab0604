import type { Cells, Rows, SnowflakeColumn } from './snowflake-account.ts'

/** What comes of a statement. */
export interface SnowflakeOutcome {
  readonly columns: readonly SnowflakeColumn[]
  readonly rows: Rows
  /** What kind of statement it is, as answers have it. */
  readonly typeId: number
  /** Whether a warehouse has to run for it. */
  readonly needsWarehouse?: boolean
  /** What it does when it is really run, and not only described. */
  readonly effect?: () => void
}

export const statementTypes = {
  UNKNOWN: 0x0000,
  SELECT: 0x1000,
  EXPLAIN: 0x2000,
  INSERT: 0x3100,
  UPDATE: 0x3200,
  DELETE: 0x3300,
  MERGE: 0x3400,
  COPY: 0x3600,
  UNLOAD: 0x3700,
  ALTER_SESSION: 0x4100,
  USE: 0x4300,
  SHOW: 0x4400,
  DESCRIBE: 0x4500,
  TRANSACTION: 0x5000,
  DDL: 0x6000,
} as const

export const textColumn = (name: string): SnowflakeColumn => ({ name, type: 'text', length: 16_777_216 })
export const numberColumn = (name: string): SnowflakeColumn => ({ name, type: 'fixed', precision: 38, scale: 0 })

export const rowAt = (rows: Rows, index: number): Cells => ('row' in rows ? rows.row(index) : (rows[index] ?? []))

/** No more than so many. */
export function limited(rows: Rows, limit: number): Rows {
  if (rows.length <= limit) return rows
  return 'row' in rows ? { length: limit, row: index => rows.row(index) } : rows.slice(0, limit)
}

/** Of statements that answer a sentence. */
export const sentence = (words: string, typeId: number, effect?: () => void): SnowflakeOutcome => ({
  columns: [textColumn('status')],
  rows: [[words]],
  typeId,
  ...(effect && { effect }),
})
