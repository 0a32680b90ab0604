import type { CommonType, ResultColumn } from '../define.ts'
import { exactDecimalJson } from '../exact-json.ts'
import type { JsonValue } from '../json.ts'
import type { ColumnInfo } from './answers.ts'

const commonTypes: Readonly<Record<string, CommonType>> = {
  real: 'FLOAT',
  text: 'TEXT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp_ntz: 'TIMESTAMP',
  timestamp_ltz: 'TIMESTAMP',
  timestamp_tz: 'TIMESTAMP',
  binary: 'BINARY',
  variant: 'JSON',
  object: 'JSON',
  map: 'JSON',
  array: 'LIST',
  vector: 'LIST',
}

/** As SQL names them. */
const nativeNames: Readonly<Record<string, string>> = { fixed: 'NUMBER', real: 'FLOAT', text: 'VARCHAR' }

const maxNameLength = 255

function commonTypeOf({ type, scale }: ColumnInfo): CommonType {
  if (type === 'fixed') return scale > 0 ? 'DECIMAL' : 'INTEGER'
  return (Object.hasOwn(commonTypes, type) ? commonTypes[type] : undefined) ?? 'OTHER'
}

function nativeTypeOf({ type, extended, precision, scale }: ColumnInfo): string {
  if (extended !== null) return extended
  const name = (Object.hasOwn(nativeNames, type) ? nativeNames[type] : undefined) ?? type.toUpperCase()
  return type === 'fixed' ? `${name}(${precision},${scale})` : name
}

export const resultColumn = (column: ColumnInfo): ResultColumn => ({
  name: column.name.slice(0, maxNameLength),
  nativeType: nativeTypeOf(column).slice(0, maxNameLength),
  type: commonTypeOf(column),
})

/** What becomes of a column's values, which Snowflake writes as text; null stays null. What is none of the type stays text. */
export function decoderOf(column: ColumnInfo): (text: string) => JsonValue {
  switch (column.type) {
    case 'fixed':
      return column.scale > 0 ? text => text : integer
    case 'real':
      return float
    case 'boolean':
      return boolean
    case 'date':
      return date
    case 'time':
      return text => time(text) ?? text
    case 'timestamp_ntz':
      return text => instant(text) ?? text
    case 'timestamp_ltz':
      return text => withZone(instant(text), 'Z') ?? text
    case 'timestamp_tz':
      return timestampWithZone
    case 'binary':
      return binary
    case 'variant':
    case 'object':
    case 'array':
    case 'map':
    case 'vector':
      return exactDecimalJson
    default:
      return text => text
  }
}

/** What a number cannot hold stays text. */
function integer(text: string): JsonValue {
  const value = Number(text)
  return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(value) ? value : text
}

/** NaN and the infinities are nothing that JSON has. */
function float(text: string): JsonValue {
  const value = Number(text)
  return /^[-+]?[\d.]+(?:e[-+]?\d+)?$/i.test(text) && Number.isFinite(value) ? value : text
}

const boolean = (text: string): JsonValue =>
  /^(?:1|true)$/i.test(text) ? true : /^(?:0|false)$/i.test(text) ? false : text

/** In hexadecimal, whatever the session's format; Base64 as of every other type. */
const binary = (text: string): JsonValue =>
  /^(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex').toString('base64') : text

const secondsPerDay = 86_400
/** Beyond these no date has four digits for its year. */
const maxDays = 2_932_896
const minDays = -719_528

/** Days since 1970. */
function date(text: string): JsonValue {
  const days = /^-?\d{1,8}$/.test(text) ? Number(text) : Number.NaN
  return dayOf(days) ?? text
}

function dayOf(days: number): string | null {
  if (!(days >= minDays && days <= maxDays)) return null
  return new Date(days * secondsPerDay * 1_000).toISOString().slice(0, 10)
}

/** Seconds since midnight, with a fraction: `45296.123456789`. */
function time(text: string): string | null {
  const parts = secondsOf(text)
  return parts && parts.seconds >= 0 && parts.seconds < secondsPerDay ? clock(parts.seconds) + parts.fraction : null
}

/** Seconds since 1970, with a fraction that counts down before it: `-1.500000000` is half a second past 23:59:58. */
function instant(text: string, offsetMinutes = 0): string | null {
  const parts = secondsOf(text)
  if (!parts) return null
  const seconds = parts.seconds + offsetMinutes * 60
  const days = Math.floor(seconds / secondsPerDay)
  const day = dayOf(days)
  return day === null ? null : `${day}T${clock(seconds - days * secondsPerDay)}${parts.fraction}`
}

interface Seconds {
  /** Whole ones, rounded down. */
  readonly seconds: number
  /** What is left, as many digits as were sent without the zeros at their end: `.5`. */
  readonly fraction: string
}

function secondsOf(text: string): Seconds | null {
  const [, sign, whole = '', digits = ''] = /^(-?)(\d{1,14})(?:\.(\d{1,9}))?$/.exec(text) ?? []
  if (whole === '') return null
  const isNegative = sign === '-'
  if (!isNegative || /^0*$/.test(digits)) {
    return { seconds: isNegative ? -Number(whole) : Number(whole), fraction: fractionOf(digits) }
  }
  // Down to the second before.
  const rest = (10n ** BigInt(digits.length) - BigInt(digits)).toString().padStart(digits.length, '0')
  return { seconds: -Number(whole) - 1, fraction: fractionOf(rest) }
}

function fractionOf(digits: string): string {
  const significant = digits.replace(/0+$/, '')
  return significant === '' ? '' : `.${significant}`
}

const clock = (seconds: number): string =>
  [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map(part => String(part).padStart(2, '0'))
    .join(':')

const withZone = (text: string | null, zone: string): string | null => (text === null ? null : text + zone)

/** An instant and, behind a space, its zone in minutes, of which 1440 is that of Greenwich. */
function timestampWithZone(text: string): JsonValue {
  const [seconds = '', zone = ''] = text.split(' ')
  const minutes = /^\d{1,4}$/.test(zone) ? Number(zone) - 1_440 : Number.NaN
  if (!(Math.abs(minutes) <= 1_440)) return text
  const sign = minutes < 0 ? '-' : '+'
  const parts = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map(part => String(part).padStart(2, '0'))
  return withZone(instant(seconds, minutes), minutes === 0 ? 'Z' : `${sign}${parts.join(':')}`) ?? text
}
