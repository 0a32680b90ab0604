import type { CommonType } from '../define.ts'
import { exactJson } from '../exact-json.ts'
import type { JsonValue } from '../json.ts'
import type { Column } from './session.ts'

/** https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html, as the driver calls them `columnType`. */
const typeNumber = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  NEWDATE: 14,
  VARCHAR: 15,
  BIT: 16,
  VECTOR: 242,
  JSON: 245,
  NEWDECIMAL: 246,
  ENUM: 247,
  SET: 248,
  TINY_BLOB: 249,
  MEDIUM_BLOB: 250,
  LONG_BLOB: 251,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  GEOMETRY: 255,
} as const

const unsignedFlag = 0x20
const enumFlag = 0x100
const setFlag = 0x800
/** The character set of what is no text. */
const binaryCharset = 63

export type ValueKind =
  | 'INTEGER'
  | 'FLOAT'
  | 'BIT'
  /** More bits than a double holds. */
  | 'WIDE_BIT'
  | 'JSON'
  | 'BINARY'
  /** As it is written: also what a double could not hold, such as any bigint. */
  | 'TEXT'

/** What is known of a column, in the words of its type. */
export interface ColumnType {
  /** As MySQL writes it: "bigint unsigned". */
  readonly name: string
  readonly common: CommonType
  /** How its values are written. */
  readonly kind: ValueKind
}

const numbers: Readonly<Record<number, readonly [name: string, common: CommonType, kind: ValueKind]>> = {
  [typeNumber.TINY]: ['tinyint', 'INTEGER', 'INTEGER'],
  [typeNumber.SHORT]: ['smallint', 'INTEGER', 'INTEGER'],
  [typeNumber.INT24]: ['mediumint', 'INTEGER', 'INTEGER'],
  [typeNumber.LONG]: ['int', 'INTEGER', 'INTEGER'],
  [typeNumber.LONGLONG]: ['bigint', 'INTEGER', 'TEXT'],
  [typeNumber.FLOAT]: ['float', 'FLOAT', 'FLOAT'],
  [typeNumber.DOUBLE]: ['double', 'FLOAT', 'FLOAT'],
  [typeNumber.DECIMAL]: ['decimal', 'DECIMAL', 'TEXT'],
  [typeNumber.NEWDECIMAL]: ['decimal', 'DECIMAL', 'TEXT'],
}

const others: Readonly<Record<number, readonly [name: string, common: CommonType, kind: ValueKind]>> = {
  [typeNumber.DATE]: ['date', 'DATE', 'TEXT'],
  [typeNumber.NEWDATE]: ['date', 'DATE', 'TEXT'],
  [typeNumber.TIME]: ['time', 'TIME', 'TEXT'],
  [typeNumber.DATETIME]: ['datetime', 'TIMESTAMP', 'TEXT'],
  [typeNumber.TIMESTAMP]: ['timestamp', 'TIMESTAMP', 'TEXT'],
  [typeNumber.YEAR]: ['year', 'INTEGER', 'INTEGER'],
  [typeNumber.JSON]: ['json', 'JSON', 'JSON'],
  [typeNumber.GEOMETRY]: ['geometry', 'BINARY', 'BINARY'],
  [typeNumber.VECTOR]: ['vector', 'BINARY', 'BINARY'],
  [typeNumber.NULL]: ['null', 'OTHER', 'TEXT'],
  [typeNumber.ENUM]: ['enum', 'TEXT', 'TEXT'],
  [typeNumber.SET]: ['set', 'TEXT', 'TEXT'],
}

/** Text and bytes share their numbers; the character set tells them apart. */
const texts: Readonly<Record<number, readonly [text: string, binary: string]>> = {
  [typeNumber.VARCHAR]: ['varchar', 'varbinary'],
  [typeNumber.VAR_STRING]: ['varchar', 'varbinary'],
  [typeNumber.STRING]: ['char', 'binary'],
  [typeNumber.TINY_BLOB]: ['text', 'blob'],
  [typeNumber.BLOB]: ['text', 'blob'],
  [typeNumber.MEDIUM_BLOB]: ['text', 'blob'],
  [typeNumber.LONG_BLOB]: ['text', 'blob'],
}

/** MariaDB's own types that are written as text; the protocol carries them as others. */
const extendedNames = /^(uuid|inet4|inet6|xmltype)$/

/** Sizes of text and bytes, and kinds of geometries, which the protocol carries as one. */
const sized: Readonly<Record<string, CommonType>> = {
  ...Object.fromEntries(['tinytext', 'mediumtext', 'longtext'].map(name => [name, 'TEXT'])),
  ...Object.fromEntries(['tinyblob', 'mediumblob', 'longblob'].map(name => [name, 'BINARY'])),
  ...Object.fromEntries(
    ['point', 'linestring', 'polygon', 'geometrycollection', 'geomcollection'].map(name => [name, 'BINARY']),
  ),
  ...Object.fromEntries(['multipoint', 'multilinestring', 'multipolygon'].map(name => [name, 'BINARY'])),
  bit: 'INTEGER',
}

const commonTypes: ReadonlyMap<string, CommonType> = new Map([
  ...[...Object.values(numbers), ...Object.values(others)].map(([name, common]) => [name, common] as const),
  ...Object.values(texts).flatMap(([text, binary]) => [[text, 'TEXT'] as const, [binary, 'BINARY'] as const]),
  ...Object.entries(sized),
])

/** What a column's values are, by the word that information_schema has for its type: "bigint". */
export const commonTypeOf = (dataType: string): CommonType => {
  const name = dataType.toLowerCase()
  return commonTypes.get(name) ?? (extendedNames.test(name) ? 'TEXT' : 'OTHER')
}

/** What a column's values are, by what the server says of it. */
export function columnType(column: Column): ColumnType {
  const { columnType: number, flags, characterSet, extendedTypeName, extendedFormat } = column
  if (extendedFormat === 'json') return { name: 'json', common: 'JSON', kind: 'JSON' }
  if (extendedTypeName !== undefined && extendedNames.test(extendedTypeName))
    return { name: extendedTypeName, common: 'TEXT', kind: 'TEXT' }
  const numeric = numbers[number]
  if (numeric) {
    const [name, common, kind] = numeric
    return { name: (flags & unsignedFlag) === 0 ? name : `${name} unsigned`, common, kind }
  }
  if ((flags & enumFlag) !== 0) return { name: 'enum', common: 'TEXT', kind: 'TEXT' }
  if ((flags & setFlag) !== 0) return { name: 'set', common: 'TEXT', kind: 'TEXT' }
  const text = texts[number]
  if (text) {
    const isBinary = characterSet === binaryCharset
    return isBinary
      ? { name: text[1], common: 'BINARY', kind: 'BINARY' }
      : { name: text[0], common: 'TEXT', kind: 'TEXT' }
  }
  if (number === typeNumber.BIT)
    return { name: 'bit', common: 'INTEGER', kind: column.columnLength > 53 ? 'WIDE_BIT' : 'BIT' }
  const [name, common, kind] = others[number] ?? ['unknown', 'OTHER', 'TEXT']
  return { name, common, kind }
}

/**
 * A value as the server wrote it, as JSON: small integers and floats as numbers, big integers, decimals, dates and
 * instants as text, zero dates among them; JSON parsed, bytes and geometries as base64.
 */
export function toJson(bytes: Buffer, kind: ValueKind): JsonValue {
  switch (kind) {
    case 'BINARY':
      return bytes.toString('base64')
    case 'BIT':
    case 'WIDE_BIT':
      return bits(bytes, kind)
    case 'INTEGER':
      return smallInteger(bytes.toString('latin1'))
    case 'FLOAT':
      return float(bytes.toString('latin1'))
    case 'JSON':
      return exactJson(bytes.toString('utf8'))
    default:
      return bytes.toString('utf8')
  }
}

// A server that names a type and sends something else is quoted as it is.

const smallInteger = (text: string): JsonValue => (/^-?\d{1,10}$/.test(text) ? Number(text) : text)

function float(text: string): JsonValue {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) ? value : text
}

/** The most significant byte first; up to 64 bits. */
function bits(bytes: Buffer, kind: ValueKind): JsonValue {
  if (bytes.length === 0 || bytes.length > 8) return bytes.toString('base64')
  const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return kind === 'BIT' && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()
}
