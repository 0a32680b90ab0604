import { requireFromSdk } from './databricks-thrift.ts'
import {
  type DatabricksColumn,
  type DatabricksValue,
  jsonOf,
  type ParsedType,
  parseType,
  spacedInstant,
} from './databricks-types.ts'

/** Which values a client takes as Arrow's own types; it gets the others as text. */
export interface ArrowTypes {
  readonly timestampAsArrow?: boolean
  readonly decimalAsArrow?: boolean
  readonly complexTypesAsArrow?: boolean
}

type ArrowType = object & { readonly arrow?: never }
interface ArrowData {
  readonly length: number
}

/** What is used of apache-arrow, whose own types Node's way of resolving does not find. */
interface Arrow {
  readonly Bool: new () => ArrowType
  readonly Int8: new () => ArrowType
  readonly Int16: new () => ArrowType
  readonly Int32: new () => ArrowType
  readonly Int64: new () => ArrowType
  readonly Float32: new () => ArrowType
  readonly Float64: new () => ArrowType
  readonly Utf8: new () => ArrowType
  readonly Binary: new () => ArrowType
  readonly DateDay: new () => ArrowType
  readonly Decimal: new (scale: number, precision: number, bits: number) => ArrowType
  readonly TimestampMicrosecond: new (timezone?: string | null) => ArrowType
  readonly List: new (child: object) => ArrowType
  readonly Map_: new (child: object) => ArrowType
  readonly Struct: new (children: readonly object[]) => ArrowType
  readonly Field: new (name: string, type: ArrowType, nullable: boolean, metadata?: Map<string, string>) => object
  readonly Schema: new (fields: readonly object[]) => object
  readonly RecordBatch: new (schema: object, data: ArrowData) => object
  readonly RecordBatchStreamWriter: { writeAll(batches: readonly object[]): { toUint8Array(sync: true): Uint8Array } }
  makeData(props: object): ArrowData
}
const arrow = requireFromSdk('apache-arrow') as Arrow

const isText = (type: ParsedType, { timestampAsArrow, decimalAsArrow, complexTypesAsArrow }: ArrowTypes): boolean => {
  if (type.kind !== 'PRIMITIVE') return complexTypesAsArrow !== true
  if (type.name === 'decimal') return decimalAsArrow !== true
  return type.name.startsWith('timestamp') && timestampAsArrow !== true
}

const plainTypes: Readonly<Record<string, () => ArrowType>> = {
  boolean: () => new arrow.Bool(),
  tinyint: () => new arrow.Int8(),
  smallint: () => new arrow.Int16(),
  int: () => new arrow.Int32(),
  bigint: () => new arrow.Int64(),
  float: () => new arrow.Float32(),
  double: () => new arrow.Float64(),
  binary: () => new arrow.Binary(),
  date: () => new arrow.DateDay(),
  timestamp: () => new arrow.TimestampMicrosecond('Etc/UTC'),
  timestamp_ntz: () => new arrow.TimestampMicrosecond(null),
}

function arrowType(type: ParsedType, as: ArrowTypes): ArrowType {
  if (isText(type, as)) return new arrow.Utf8()
  switch (type.kind) {
    case 'ARRAY':
      return new arrow.List(new arrow.Field('element', arrowType(type.element, as), true))
    case 'MAP':
      return new arrow.Map_(new arrow.Field('entries', arrowType(entriesOf(type), as), false))
    case 'STRUCT':
      return new arrow.Struct(type.fields.map(field => new arrow.Field(field.name, arrowType(field.type, as), true)))
    case 'PRIMITIVE':
      if (type.name === 'decimal') return new arrow.Decimal(type.scale, type.precision, 128)
      return plainTypes[type.name]?.() ?? new arrow.Utf8()
  }
}

const entriesOf = ({ key, value }: Extract<ParsedType, { kind: 'MAP' }>): ParsedType => ({
  kind: 'STRUCT',
  fields: [
    { name: 'key', type: key },
    { name: 'value', type: value },
  ],
})

/** `-12.5` of scale 3 -> -12500. */
const unscaled = (text: string, scale: number): bigint => {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}

/** `2026-01-02T03:04:05.123456Z` -> microseconds since 1970. */
export function microseconds(text: string): bigint {
  const [, seconds = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z?$/.exec(text) ?? []
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000n + BigInt(fraction.padEnd(6, '0'))
}

const bitmap = (bits: readonly boolean[]): Uint8Array => {
  const bytes = new Uint8Array(Math.max(8, Math.ceil(bits.length / 64) * 8))
  bits.forEach((bit, index) => {
    if (bit) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  })
  return bytes
}

const offsetsOf = (lengths: readonly number[]): Int32Array => {
  let at = 0
  return Int32Array.from([0, ...lengths.map(length => (at += length))])
}

const textOf = (value: DatabricksValue, type: ParsedType): string => {
  if (type.kind !== 'PRIMITIVE') return jsonOf(value, type)
  return type.name.startsWith('timestamp') ? spacedInstant(String(value)) : String(value)
}

type Values = readonly DatabricksValue[]

const numbers: Readonly<Record<string, (values: Values) => ArrayBufferView>> = {
  boolean: values => bitmap(values.map(value => value === true)),
  tinyint: values => Int8Array.from(values, Number),
  smallint: values => Int16Array.from(values, Number),
  int: values => Int32Array.from(values, Number),
  bigint: values => BigInt64Array.from(values, value => BigInt(Number(value) === value ? value : String(value ?? 0))),
  float: values => Float32Array.from(values, Number),
  double: values => Float64Array.from(values, Number),
  date: values => Int32Array.from(values, value => Date.parse(`${String(value ?? '1970-01-01')}Z`) / 86_400_000),
  timestamp: values => BigInt64Array.from(values, value => (value === null ? 0n : microseconds(String(value)))),
}

function decimals(values: Values, scale: number): Uint32Array {
  const words = values.flatMap(value => {
    const bits = BigInt.asUintN(128, value === null ? 0n : unscaled(String(value), scale))
    return [0n, 32n, 64n, 96n].map(shift => Number((bits >> shift) & 0xffff_ffffn))
  })
  return Uint32Array.from(words)
}

function bytesOf(values: Values, type: ParsedType, isBinary: boolean): object {
  const parts = values.map(value => {
    if (value === null) return Buffer.alloc(0)
    return isBinary ? Buffer.from(value as Uint8Array) : Buffer.from(textOf(value, type))
  })
  return { data: Buffer.concat(parts), valueOffsets: offsetsOf(parts.map(({ length }) => length)) }
}

function dataOf(values: Values, type: ParsedType, as: ArrowTypes): ArrowData {
  const nullCount = values.filter(value => value === null).length
  const common = {
    type: arrowType(type, as),
    length: values.length,
    nullCount,
    nullBitmap: nullCount === 0 ? null : bitmap(values.map(value => value !== null)),
  }
  if (isText(type, as)) return arrow.makeData({ ...common, ...bytesOf(values, type, false) })
  switch (type.kind) {
    case 'ARRAY':
    case 'MAP': {
      const lists = values.map(value => (value ?? []) as Values)
      const items = type.kind === 'ARRAY' ? lists.flat() : lists.flat().map(pairOf)
      const child = dataOf(items, type.kind === 'ARRAY' ? type.element : entriesOf(type), as)
      return arrow.makeData({ ...common, valueOffsets: offsetsOf(lists.map(({ length }) => length)), child })
    }
    case 'STRUCT': {
      const objects = values as readonly ({ readonly [field: string]: DatabricksValue } | null)[]
      const children = type.fields.map(field =>
        dataOf(
          objects.map(object => object?.[field.name] ?? null),
          field.type,
          as,
        ),
      )
      return arrow.makeData({ ...common, children })
    }
    case 'PRIMITIVE': {
      if (type.name === 'decimal') return arrow.makeData({ ...common, data: decimals(values, type.scale) })
      const packed = numbers[type.name === 'timestamp_ntz' ? 'timestamp' : type.name]
      if (packed) return arrow.makeData({ ...common, data: packed(values) })
      return arrow.makeData({ ...common, ...bytesOf(values, type, type.name === 'binary') })
    }
  }
}

const pairOf = (pair: DatabricksValue): DatabricksValue => {
  const [key = null, value = null] = pair as Values
  return { key, value }
}

/** Beside the type each field says what it is to Databricks SQL. */
const fieldOf = ({ name, type }: DatabricksColumn, as: ArrowTypes): object =>
  new arrow.Field(
    name,
    arrowType(parseType(type), as),
    true,
    new Map([
      ['Spark:DataType:SqlName', type.toUpperCase()],
      ['Spark:DataType:JsonType', JSON.stringify(type)],
    ]),
  )

export interface ArrowResult {
  /** The schema as a message of Arrow's stream format. */
  readonly schema: Buffer
  /** The rows as another. */
  readonly batch: Buffer
}

/** Rows as Arrow's stream format has them, in two parts as Databricks sends them, without the mark of the end. */
export function arrowOf(
  columns: readonly DatabricksColumn[],
  rows: readonly Values[],
  as: ArrowTypes = {},
): ArrowResult {
  const schema = new arrow.Schema(columns.map(column => fieldOf(column, as)))
  const children = columns.map(({ type }, index) =>
    dataOf(
      rows.map(row => row[index] ?? null),
      parseType(type),
      as,
    ),
  )
  const struct = new arrow.Struct((schema as { readonly fields: readonly object[] }).fields)
  const data = arrow.makeData({ type: struct, length: rows.length, nullCount: 0, children })
  const stream = Buffer.from(
    arrow.RecordBatchStreamWriter.writeAll([new arrow.RecordBatch(schema, data)]).toUint8Array(true),
  )
  // A mark of 4 bytes, the length of the message's description in 4, and this; the schema has no body.
  const end = 8 + stream.readInt32LE(4)
  return { schema: stream.subarray(0, end), batch: stream.subarray(end, stream.length - 8) }
}
