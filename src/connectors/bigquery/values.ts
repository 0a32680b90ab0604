import type { CommonType, ResultColumn } from '../define.ts'
import { exactJson } from '../exact-json.ts'
import { isRecord } from '../form-tree-walk.ts'
import type { JsonValue } from '../json.ts'

/** A column, or a field of a record, as BigQuery describes it. */
export interface FieldSchema {
  readonly name: string
  /** In upper case: `INT64`, `STRUCT`. */
  readonly type: string
  readonly isRepeated: boolean
  /** Whether it is never NULL. */
  readonly isRequired: boolean
  /** What its owner has written about it; empty for nothing. */
  readonly comment: string
  /** Of a STRUCT; none otherwise. */
  readonly fields: readonly FieldSchema[]
  /** What is between the ends of a RANGE. */
  readonly element: string | null
  /** What is told in parentheses behind the type: `10,2`; empty for nothing. */
  readonly parameters: string
}

/** The API has the names of legacy SQL for these. */
const standardNames: Readonly<Record<string, string>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
}

const commonTypes: Readonly<Record<string, CommonType>> = {
  INT64: 'INTEGER',
  FLOAT64: 'FLOAT',
  BOOL: 'BOOLEAN',
  STRING: 'TEXT',
  BYTES: 'BINARY',
  NUMERIC: 'DECIMAL',
  BIGNUMERIC: 'DECIMAL',
  DATE: 'DATE',
  DATETIME: 'TIMESTAMP',
  TIME: 'TIME',
  TIMESTAMP: 'TIMESTAMP',
  JSON: 'JSON',
  STRUCT: 'JSON',
}

/** BigQuery lets records lie in each other no deeper. */
const maxDepth = 15
const maxNameLength = 300

/** Reads `schema.fields`; null for what is none. */
export function readSchema(fields: unknown, depth = 0): readonly FieldSchema[] | null {
  if (!Array.isArray(fields) || depth > maxDepth) return null
  const read = fields.map(field => (isRecord(field) ? readField(field, depth) : null))
  return read.every(field => field !== null) ? read : null
}

function readField(field: { readonly [name: string]: unknown }, depth: number): FieldSchema | null {
  const { name, type, fields, rangeElementType: element, precision, scale, maxLength, description } = field
  const mode = typeof field['mode'] === 'string' ? field['mode'].toUpperCase() : ''
  if (typeof name !== 'string' || typeof type !== 'string' || type.length > 100) return null
  const upper = type.toUpperCase()
  const own = Object.hasOwn(standardNames, upper) ? (standardNames[upper] as string) : upper
  const inner = own === 'STRUCT' ? readSchema(fields, depth + 1) : []
  if (!inner) return null
  const elementType = isRecord(element) ? element['type'] : undefined
  return {
    name,
    type: own,
    isRepeated: mode === 'REPEATED',
    isRequired: mode === 'REQUIRED',
    comment: typeof description === 'string' ? description : '',
    fields: inner,
    element: typeof elementType === 'string' ? elementType.toUpperCase() : null,
    parameters: [precision ?? maxLength, scale].filter(isDigits).join(','),
  }
}

const isDigits = (text: unknown): text is string => typeof text === 'string' && /^\d{1,20}$/.test(text)

export const resultColumn = (field: FieldSchema): ResultColumn => ({
  name: field.name.slice(0, maxNameLength),
  nativeType: nativeType(field).slice(0, maxNameLength),
  type: field.isRepeated ? 'LIST' : commonTypeOf(field.type),
})

const commonTypeOf = (type: string): CommonType =>
  (Object.hasOwn(commonTypes, type) ? commonTypes[type] : undefined) ?? 'OTHER'

/** As GoogleSQL writes it: `ARRAY<STRUCT<k STRING, v INT64>>`. */
function nativeType(field: FieldSchema): string {
  const { type, isRepeated, fields, element, parameters } = field
  if (isRepeated) return `ARRAY<${nativeType({ ...field, isRepeated: false })}>`
  if (type === 'STRUCT') return `STRUCT<${fields.map(each => `${each.name} ${nativeType(each)}`).join(', ')}>`
  if (type === 'RANGE' && element !== null) return `RANGE<${element}>`
  return parameters === '' ? type : `${type}(${parameters})`
}

/** What stands where a value belongs that is none. */
export class ForeignValueError extends Error {}

/** Turns what the API has for a value into the value. Throws `ForeignValueError`. */
export type Decoder = (value: unknown) => JsonValue

/** What becomes of a column's values, which come as text, as `{ f: [{ v }] }` for a STRUCT, and as `[{ v }]` for an ARRAY. */
export function decoderOf(field: FieldSchema): Decoder {
  const one = decoderOfOne(field)
  if (!field.isRepeated) return value => (value === null || value === undefined ? null : one(value))
  return value => {
    // An array is never NULL in a result, however the API may put it.
    if (value === null || value === undefined) return []
    if (!Array.isArray(value)) throw new ForeignValueError()
    return value.map(item => {
      const inner = cellValue(item)
      return inner === null ? null : one(inner)
    })
  }
}

/** `{ v: ... }`; null for NULL. */
export function cellValue(cell: unknown): unknown {
  if (!isRecord(cell)) throw new ForeignValueError()
  return cell['v'] ?? null
}

function decoderOfOne({ type, fields, element }: FieldSchema): Decoder {
  switch (type) {
    case 'STRUCT':
      return structDecoder(fields)
    case 'INT64':
      return ofText(integer)
    case 'FLOAT64':
      return ofText(float)
    case 'BOOL':
      return ofText(text => (text === 'true' ? true : text === 'false' ? false : text))
    case 'TIMESTAMP':
      return ofText(instant)
    case 'JSON':
      return ofText(exactJson)
    case 'RANGE':
      return ofText(element === 'TIMESTAMP' ? instantRange : text => text)
    default:
      return ofText(text => text)
  }
}

function structDecoder(fields: readonly FieldSchema[]): Decoder {
  const decoders = fields.map(decoderOf)
  const names = fields.map(({ name }) => name)
  return value => {
    const cells = isRecord(value) ? value['f'] : undefined
    if (!Array.isArray(cells) || cells.length !== decoders.length) throw new ForeignValueError()
    return Object.fromEntries(
      decoders.map((decode, index) => [names[index] as string, decode(cellValue(cells[index]))]),
    )
  }
}

/** Every scalar is text; what is a number or a boolean in JSON is taken for the text that it would be. */
const ofText =
  (decode: (text: string) => JsonValue): Decoder =>
  value => {
    if (typeof value === 'string') return decode(value)
    if (typeof value === 'number' || typeof value === 'boolean') return decode(String(value))
    throw new ForeignValueError()
  }

/** What a number cannot hold stays text, and so does what is no number. */
function integer(text: string): JsonValue {
  const value = Number(text)
  return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(value) ? value : text
}

/** `0.1`, `1.0E-7`; NaN and the infinities are nothing that JSON has. */
function float(text: string): JsonValue {
  const value = Number(text)
  return /^[-+]?[\d.]+(?:E[-+]?\d+)?$/i.test(text) && Number.isFinite(value) ? value : text
}

/** The years 0001 to 9999, in microseconds since 1970. */
const firstInstant = -62_135_596_800_000_000n
const lastInstant = 253_402_300_799_999_999n
const million = 1_000_000n

/** Whole microseconds since 1970 as an instant: `2026-05-28T20:26:40.123456Z`. What is none stays text. */
function instant(text: string): string {
  if (!/^-?\d{1,18}$/.test(text)) return text
  const micros = BigInt(text)
  if (micros < firstInstant || micros > lastInstant) return text
  const fraction = ((micros % million) + million) % million
  const seconds = (micros - fraction) / million
  const date = new Date(Number(seconds) * 1_000).toISOString().slice(0, 19)
  return fraction === 0n ? `${date}Z` : `${date}.${String(fraction).padStart(6, '0')}Z`
}

/** `[1780000000000000, UNBOUNDED)`. */
const instantRange = (text: string): string => {
  const [, from, to] = /^\[([^,]*), ([^,]*)\)$/.exec(text) ?? []
  return from === undefined || to === undefined ? text : `[${instant(from)}, ${instant(to)})`
}
