import { isUtf8 } from 'node:buffer'
import type { CommonType } from '../../define.ts'
import { exactJson } from '../../exact-json.ts'
import type { JsonValue } from '../../json.ts'
import { tooLarge } from '../file-problem.ts'
import { jsonExcess } from '../json-excess.ts'
import { maxRecordValues } from '../limits.ts'
import { dateText, int96Text, intervalText, timestampText, timeText } from './instants.ts'
import { maxJsonBytes } from './limits.ts'
import type { Leaf, Meaning, StoredValue } from './schema.ts'

/** How a leaf's values are shown: big integers, decimals and instants as text, bytes in Base64. */
export interface LeafValues {
  readonly nativeType: string
  readonly type: CommonType
  readonly toJson: (value: StoredValue) => JsonValue
}

/** Decimals of 38 digits have 16 bytes; the format has no limit. */
const maxDecimalBytes = 64

export function leafValues(leaf: Leaf): LeafValues {
  const { type, typeLength, meaning } = leaf
  switch (type) {
    case 'BOOLEAN':
      return { nativeType: 'BOOLEAN', type: 'BOOLEAN', toJson: value => value === true }
    case 'INT32':
    case 'INT64':
      return integerValues(type, meaning)
    case 'INT96':
      return { nativeType: 'INT96', type: 'TIMESTAMP', toJson: value => int96Text(value as bigint) }
    case 'FLOAT':
      return { nativeType: 'FLOAT', type: 'FLOAT', toJson: value => floatJson(shortest(value as number)) }
    case 'DOUBLE':
      return { nativeType: 'DOUBLE', type: 'FLOAT', toJson: value => floatJson(value as number) }
    case 'BYTE_ARRAY':
      return bytesValues('BYTE_ARRAY', meaning)
    case 'FIXED_LEN_BYTE_ARRAY':
      return fixedValues(typeLength, meaning)
  }
}

function integerValues(type: 'INT32' | 'INT64', meaning: Meaning | null): LeafValues {
  switch (meaning?.kind) {
    case 'DECIMAL': {
      const { scale } = meaning
      return { ...decimalType(meaning), toJson: value => decimalText(BigInt(value as number | bigint), scale) }
    }
    case 'DATE':
      return { nativeType: 'DATE', type: 'DATE', toJson: value => dateText(Number(value)) }
    case 'TIME': {
      const { unit } = meaning
      return { nativeType: `TIME(${unit})`, type: 'TIME', toJson: value => timeText(BigInt(value as bigint), unit) }
    }
    case 'TIMESTAMP': {
      const { unit, isUtc } = meaning
      const nativeType = `TIMESTAMP(${unit}${isUtc ? ', UTC' : ''})`
      return { nativeType, type: 'TIMESTAMP', toJson: value => timestampText(BigInt(value as bigint), unit, isUtc) }
    }
    default:
      return plainIntegerValues(type, meaning)
  }
}

function plainIntegerValues(type: 'INT32' | 'INT64', meaning: Meaning | null): LeafValues {
  const isUnsigned = meaning?.kind === 'INTEGER' && !meaning.isSigned
  const nativeType = meaning?.kind === 'INTEGER' ? `${isUnsigned ? 'U' : ''}INT${meaning.bits}` : type
  if (type === 'INT32') {
    const toJson = isUnsigned
      ? (value: StoredValue) => (value as number) >>> 0
      : (value: StoredValue) => value as number
    return { nativeType, type: 'INTEGER', toJson }
  }
  const toJson = isUnsigned
    ? (value: StoredValue) => bigIntegerJson(BigInt.asUintN(64, value as bigint))
    : (value: StoredValue) => bigIntegerJson(value as bigint)
  return { nativeType, type: 'INTEGER', toJson }
}

function bytesValues(nativeType: string, meaning: Meaning | null): LeafValues {
  switch (meaning?.kind) {
    case 'STRING':
    case 'ENUM':
      return { nativeType: meaning.kind, type: 'TEXT', toJson: value => utf8Text(value as Uint8Array) }
    case 'JSON':
      return { nativeType: 'JSON', type: 'JSON', toJson: value => jsonOf(value as Uint8Array) }
    case 'DECIMAL': {
      const { scale } = meaning
      return { ...decimalType(meaning), toJson: value => decimalText(bigEndian(value as Uint8Array), scale) }
    }
    default:
      return { nativeType, type: 'BINARY', toJson: value => bufferOf(value as Uint8Array).toString('base64') }
  }
}

function fixedValues(length: number, meaning: Meaning | null): LeafValues {
  switch (meaning?.kind) {
    case 'UUID':
      if (length === 16) return { nativeType: 'UUID', type: 'TEXT', toJson: value => uuidText(value as Uint8Array) }
      break
    case 'FLOAT16':
      if (length !== 2) break
      return { nativeType: 'FLOAT16', type: 'FLOAT', toJson: value => floatJson(float16(value as Uint8Array)) }
    case 'INTERVAL':
      if (length !== 12) break
      return { nativeType: 'INTERVAL', type: 'OTHER', toJson: value => intervalText(value as Uint8Array) }
  }
  return bytesValues(`FIXED_LEN_BYTE_ARRAY(${length})`, meaning)
}

const decimalType = ({ precision, scale }: { readonly precision: number; readonly scale: number }) =>
  ({ nativeType: `DECIMAL(${precision},${scale})`, type: 'DECIMAL' }) as const

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)

/** `[[],[],[]]` takes many times its bytes once it is parsed. */
const jsonBytesPerByte = 16

/** Of a text without anything in it. */
const bytesOfText = 24

/** Bytes that a value takes in memory, beyond its place: rather too many than too few. */
export function bytesOfValue(value: JsonValue, stored: StoredValue): number {
  if (typeof value === 'string') return bytesOfText + 2 * value.length
  return typeof value === 'object' && stored instanceof Uint8Array ? jsonBytesPerByte * stored.length : 0
}

function jsonOf(bytes: Uint8Array): JsonValue {
  if (bytes.length > maxJsonBytes)
    throw tooLarge(`${maxJsonBytes / 2 ** 20} MB of JSON in one value`, `${bytes.length} bytes`)
  const text = utf8Text(bytes)
  if (jsonExcess(text) === 'VALUES')
    throw tooLarge(`${maxRecordValues} values in one value of JSON`, `${bytes.length} bytes`)
  return exactJson(text)
}

/** Nothing is replaced: what is no UTF-8 is told. */
function utf8Text(bytes: Uint8Array): string {
  const text = bufferOf(bytes).toString('utf8')
  if (text.includes('\ufffd') && !isUtf8(bytes)) throw new Error('a text is not UTF-8')
  return text
}

const bigIntegerJson = (value: bigint): JsonValue => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** NaN and the infinities have no JSON number. */
const floatJson = (value: number): JsonValue => (Number.isFinite(value) ? value : String(value))

/** The shortest number that is this one in 32 bits: 0.1, and not 0.10000000149011612. */
function shortest(value: number): number {
  for (let precision = 6; precision < 9; precision += 1) {
    const candidate = Number(value.toPrecision(precision))
    if (Math.fround(candidate) === value) return candidate
  }
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : value
}

function float16(bytes: Uint8Array): number {
  const bits = ((bytes[1] ?? 0) << 8) | (bytes[0] ?? 0)
  const sign = bits >> 15 === 0 ? 1 : -1
  const exponent = (bits >> 10) & 0x1f
  const fraction = (bits & 0x3ff) / 1_024
  if (exponent === 0) return sign * 2 ** -14 * fraction
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * 2 ** (exponent - 15) * (1 + fraction)
}

function bigEndian(bytes: Uint8Array): bigint {
  if (bytes.length > maxDecimalBytes) throw new Error(`a decimal has ${bytes.length} bytes`)
  if (bytes.length === 0) return 0n
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${bufferOf(bytes).toString('hex')}`))
}

/** All digits that the scale has: `1.50` */
function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled)
  if (scale > maxScale) return `${unscaled}E-${scale}`
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const maxScale = 1_000

const uuidText = (bytes: Uint8Array): string =>
  bufferOf(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
