import type { CommonType, ResultColumn } from '../define.ts'
import { exactJson } from '../exact-json.ts'
import type { JsonValue } from '../json.ts'

/** As Athena describes a column of a result. */
export interface ColumnInfo {
  readonly name: string
  /** `varchar`, `decimal`, `timestamp with time zone`, `array`. */
  readonly type: string
  readonly precision: number
  readonly scale: number
}

/** Lists, maps and rows are OTHER: Athena writes them without quotes, so that their text cannot be taken apart again. */
const commonTypes: Readonly<Record<string, CommonType>> = {
  boolean: 'BOOLEAN',
  tinyint: 'INTEGER',
  smallint: 'INTEGER',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'INTEGER',
  float: 'FLOAT',
  real: 'FLOAT',
  double: 'FLOAT',
  decimal: 'DECIMAL',
  date: 'DATE',
  json: 'JSON',
  varbinary: 'BINARY',
  binary: 'BINARY',
  char: 'TEXT',
  varchar: 'TEXT',
  string: 'TEXT',
  uuid: 'TEXT',
  ipaddress: 'TEXT',
}

function commonTypeOf(type: string): CommonType {
  if (type.startsWith('timestamp')) return 'TIMESTAMP'
  if (type.startsWith('time')) return 'TIME'
  return (Object.hasOwn(commonTypes, type) ? commonTypes[type] : undefined) ?? 'OTHER'
}

/** Of a type as Hive writes it in a catalog: `decimal(10,2)`, `array<string>`. */
export const hiveCommonType = (type: string): CommonType =>
  commonTypeOf(
    type
      .slice(0, maxNameLength)
      .toLowerCase()
      .replace(/[(<].*$/s, '')
      .trim(),
  )

const maxNameLength = 255

export const resultColumn = ({ name, type, precision, scale }: ColumnInfo): ResultColumn => ({
  name: name.slice(0, maxNameLength),
  nativeType: type === 'decimal' ? `decimal(${precision},${scale})` : type.slice(0, maxNameLength),
  type: commonTypeOf(type),
})

/** What becomes of a column's values, which Athena writes as text; null stays null. */
export function decoderOf({ type }: ColumnInfo): (text: string) => JsonValue {
  switch (commonTypeOf(type)) {
    case 'BOOLEAN':
      return text => (text === 'true' ? true : text === 'false' ? false : text)
    case 'INTEGER':
      return integer
    case 'FLOAT':
      return float
    case 'JSON':
      return exactJson
    case 'BINARY':
      return binary
    default:
      return text => text
  }
}

/** What a number cannot hold stays text, and so does what is no number. */
function integer(text: string): JsonValue {
  const value = Number(text)
  return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(value) ? value : text
}

/** `1.0E-7`; NaN and the infinities are nothing that JSON has. */
function float(text: string): JsonValue {
  const value = Number(text)
  return /^[-+]?[\d.]+(?:E[-+]?\d+)?$/i.test(text) && Number.isFinite(value) ? value : text
}

/** Written as bytes in hexadecimal, with spaces between; Base64 as of every other type. */
const binary = (text: string): JsonValue =>
  /^(?:[0-9a-f]{2}(?: [0-9a-f]{2})*)?$/i.test(text)
    ? Buffer.from(text.replaceAll(' ', ''), 'hex').toString('base64')
    : text
