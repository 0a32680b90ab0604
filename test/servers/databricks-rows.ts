import types from '@databricks/sql/thrift/TCLIService_types.js'
import { type ArrowTypes, arrowOf } from './databricks-arrow.ts'
import { int64, succeeded } from './databricks-thrift.ts'
import {
  type DatabricksColumn,
  type DatabricksValue,
  describedColumn,
  jsonOf,
  parseType,
  spacedInstant,
} from './databricks-types.ts'

/** In which of the protocol's forms a client takes rows. */
export type ResultFormat = { readonly kind: 'COLUMNS' } | { readonly kind: 'ARROW'; readonly types: ArrowTypes }

export type DatabricksRow = readonly DatabricksValue[]

/** The schema of a result. */
export function describedResult(columns: readonly DatabricksColumn[], format: ResultFormat) {
  return new types.TGetResultSetMetadataResp({
    status: succeeded(),
    schema: new types.TTableSchema({ columns: columns.map(describedColumn) }),
    resultFormat:
      format.kind === 'ARROW' ? types.TSparkRowSetType.ARROW_BASED_SET : types.TSparkRowSetType.COLUMN_BASED_SET,
    lz4Compressed: false,
    isStagingOperation: false,
    ...(format.kind === 'ARROW' && { arrowSchema: arrowOf(columns, [], format.types).schema }),
  })
}

/** Rows of a result, from the row with the number `from`. */
export function rowSet(
  columns: readonly DatabricksColumn[],
  rows: readonly DatabricksRow[],
  format: ResultFormat,
  from = 0,
) {
  const startRowOffset = int64(from) as never
  if (format.kind === 'COLUMNS') {
    return new types.TRowSet({
      startRowOffset,
      rows: [],
      columns: columns.map((column, at) => packed(column, at, rows)),
    })
  }
  const arrowBatches =
    rows.length === 0
      ? []
      : [
          new types.TSparkArrowBatch({
            batch: arrowOf(columns, rows, format.types).batch,
            rowCount: int64(rows.length) as never,
          }),
        ]
  return new types.TRowSet({ startRowOffset, rows: [], arrowBatches })
}

const fieldOf: Readonly<Record<string, keyof InstanceType<typeof types.TColumn>>> = {
  boolean: 'boolVal',
  tinyint: 'byteVal',
  smallint: 'i16Val',
  int: 'i32Val',
  bigint: 'i64Val',
  float: 'doubleVal',
  double: 'doubleVal',
  binary: 'binaryVal',
}

/** One column's values; those that have no form of their own in the protocol are text. */
function packed({ type }: DatabricksColumn, at: number, rows: readonly DatabricksRow[]) {
  const parsed = parseType(type)
  const name = parsed.kind === 'PRIMITIVE' ? parsed.name : ''
  const field = fieldOf[name] ?? 'stringVal'
  const values = rows.map(row => row[at] ?? null)
  const written = values.map(value => {
    if (field === 'binaryVal') return Buffer.from((value ?? []) as Uint8Array)
    if (field === 'boolVal') return value === true
    if (field === 'i64Val') return int64(value === null ? 0 : BigInt(value as number | bigint))
    if (field !== 'stringVal') return Number(value ?? 0)
    if (value === null) return ''
    if (parsed.kind !== 'PRIMITIVE') return jsonOf(value, parsed)
    return name.startsWith('timestamp') ? spacedInstant(String(value)) : String(value)
  })
  return new types.TColumn({ [field]: { values: written, nulls: nullsOf(values) } })
}

/** A bit for each value, from the lowest. */
function nullsOf(values: readonly DatabricksValue[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(values.length / 8))
  values.forEach((value, index) => {
    if (value === null) bits.writeUInt8(bits.readUInt8(index >> 3) | (1 << (index & 7)), index >> 3)
  })
  return bits
}
