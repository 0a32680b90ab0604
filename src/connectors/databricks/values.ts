import type { CommonType, ResultColumn } from '../define.ts'
import { exactDecimalJson } from '../exact-json.ts'
import type { JsonValue } from '../json.ts'
import { int64Text, type ResultMetadata, type ThriftColumn, TypeId } from './thrift.ts'

/** A column of a result, as the protocol describes it. */
export interface ColumnInfo {
  readonly name: string
  readonly type: number
  readonly precision: number | null
  readonly scale: number | null
}

const commonTypes: Readonly<Record<number, CommonType>> = {
  [TypeId.BOOLEAN_TYPE]: 'BOOLEAN',
  [TypeId.TINYINT_TYPE]: 'INTEGER',
  [TypeId.SMALLINT_TYPE]: 'INTEGER',
  [TypeId.INT_TYPE]: 'INTEGER',
  [TypeId.BIGINT_TYPE]: 'INTEGER',
  [TypeId.FLOAT_TYPE]: 'FLOAT',
  [TypeId.DOUBLE_TYPE]: 'FLOAT',
  [TypeId.STRING_TYPE]: 'TEXT',
  [TypeId.VARCHAR_TYPE]: 'TEXT',
  [TypeId.CHAR_TYPE]: 'TEXT',
  [TypeId.TIMESTAMP_TYPE]: 'TIMESTAMP',
  [TypeId.DATE_TYPE]: 'DATE',
  [TypeId.BINARY_TYPE]: 'BINARY',
  [TypeId.DECIMAL_TYPE]: 'DECIMAL',
  [TypeId.ARRAY_TYPE]: 'LIST',
  [TypeId.MAP_TYPE]: 'JSON',
  [TypeId.STRUCT_TYPE]: 'JSON',
}

const nativeNames: Readonly<Record<number, string>> = {
  [TypeId.NULL_TYPE]: 'void',
  [TypeId.INTERVAL_YEAR_MONTH_TYPE]: 'interval year to month',
  [TypeId.INTERVAL_DAY_TIME_TYPE]: 'interval day to second',
}

const maxNameLength = 255

export const resultColumn = ({ name, type, precision, scale }: ColumnInfo): ResultColumn => {
  const plain = nativeNames[type] ?? (TypeId[type] ?? 'unknown').replace(/_TYPE$/, '').toLowerCase()
  return {
    name: name.slice(0, maxNameLength),
    nativeType: type === TypeId.DECIMAL_TYPE && precision !== null ? `${plain}(${precision},${scale ?? 0})` : plain,
    type: commonTypes[type] ?? 'OTHER',
  }
}

/** Reads a result's columns, in their order; null for what is no description of any. */
export function columnsOf({ schema }: ResultMetadata): readonly ColumnInfo[] | null {
  const described = schema?.columns
  if (!Array.isArray(described)) return null
  const columns = [...described]
    .sort((a, b) => (a?.position ?? 0) - (b?.position ?? 0))
    .map(column => {
      const entry = column?.typeDesc?.types?.[0]?.primitiveEntry
      if (typeof column?.columnName !== 'string' || typeof entry?.type !== 'number') return null
      const qualifiers = entry.typeQualifiers?.qualifiers ?? {}
      const number = (value: unknown) => (typeof value === 'number' ? value : null)
      return {
        name: column.columnName,
        type: entry.type as number,
        precision: number(qualifiers['precision']?.i32Value),
        scale: number(qualifiers['scale']?.i32Value),
      }
    })
  return columns.every(column => column !== null) ? columns : null
}

const integers: readonly (number | undefined)[] = [
  TypeId.TINYINT_TYPE,
  TypeId.SMALLINT_TYPE,
  TypeId.INT_TYPE,
  TypeId.BIGINT_TYPE,
]

/** The values of one column of a page; null where it has none, or such as its type is not made of. */
export function packedValues(column: ThriftColumn | undefined, info: ColumnInfo | undefined): PackedValues | null {
  const { boolVal, byteVal, i16Val, i32Val, i64Val, doubleVal, stringVal, binaryVal } = column ?? {}
  const whole = byteVal ?? i16Val ?? i32Val ?? i64Val
  const found = integers.includes(info?.type)
    ? (whole ?? stringVal)
    : info?.type === TypeId.BINARY_TYPE
      ? (binaryVal ?? stringVal)
      : (boolVal ?? whole ?? doubleVal ?? stringVal ?? binaryVal)
  if (!found || !Array.isArray(found.values)) return null
  const nulls = Buffer.isBuffer(found.nulls) ? found.nulls : Buffer.from(String(found.nulls ?? ''), 'latin1')
  return { values: found.values, nulls }
}

export interface PackedValues {
  readonly values: readonly unknown[]
  /** A bit for each value, the lowest of the first byte for the first. */
  readonly nulls: Buffer
}

export const isNull = (nulls: Buffer, index: number): boolean => (((nulls[index >> 3] ?? 0) >> (index & 7)) & 1) === 1

/** What becomes of a column's values that are not null. */
export function decoderOf({ type }: ColumnInfo): (value: unknown) => JsonValue {
  switch (type) {
    case TypeId.BOOLEAN_TYPE:
      return value => value === true || value === 'true'
    case TypeId.TINYINT_TYPE:
    case TypeId.SMALLINT_TYPE:
    case TypeId.INT_TYPE:
    case TypeId.BIGINT_TYPE:
      return integer
    case TypeId.FLOAT_TYPE:
      return value => real(typeof value === 'number' ? shortest(value) : value)
    case TypeId.DOUBLE_TYPE:
      return real
    case TypeId.BINARY_TYPE:
      return value => Buffer.from(value as Buffer).toString('base64')
    case TypeId.ARRAY_TYPE:
    case TypeId.MAP_TYPE:
    case TypeId.STRUCT_TYPE:
      return value => exactDecimalJson(String(value))
    case TypeId.TIMESTAMP_TYPE:
      return value => String(value).replace(/^(\S+) (?=\d)/, '$1T')
    case TypeId.NULL_TYPE:
      return () => null
    default:
      return value => (Buffer.isBuffer(value) ? value.toString() : String(value))
  }
}

/** What a number cannot hold stays text. */
function integer(value: unknown): JsonValue {
  if (typeof value === 'number') return value
  const text = typeof value === 'string' ? value : int64Text(value)
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

/** NaN and the infinities are nothing that JSON has. */
function real(value: unknown): JsonValue {
  const number = Number(value)
  return Number.isFinite(number) ? number : String(value)
}

/** A number of 32 bits, with no more digits than tell it from its neighbours: 0.1 and not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === Math.fround(value)) return rounded
  }
  return value
}
