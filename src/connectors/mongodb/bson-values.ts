import { Decimal128 } from 'mongodb'
import type { JsonValue } from '../json.ts'
import { bsonTypes, eachElement } from './bson-elements.ts'
import { TooManyValuesError } from './query-errors.ts'

/** MongoDB stores no more levels. What is nested more deeply stays as it is, in Base64. */
const maxDepth = 100

/** Fields and items of one document, on all levels. Millions fit into what a server may send, but not into memory. */
const maxValues = 200_000

/** Names as in MongoDB's `$type`, but for `uuid`. */
const typeNames = new Map<number, string>(Object.entries(bsonTypes).map(([name, type]) => [type, name]))

/** A UUID is shown as text, and not as the other binary values are. */
const typeNameOf = (bytes: Buffer, type: number, at: number, end: number): string =>
  type === bsonTypes.binData && isUuid(bytes, at, end) ? 'uuid' : (typeNames.get(type) ?? 'unknown')

/** Four bytes of length and one of subtype come before the content. */
const isUuid = (bytes: Buffer, at: number, end: number): boolean => bytes[at + 4] === 4 && end - at === 21

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)

/** Names a document's fields, in their order, and the types of their values. Throws for what is no document. */
export function visitTypes(document: Uint8Array, visit: (name: string, type: string) => void): void {
  const bytes = bufferOf(document)
  const count = counter()
  eachElement(bytes, 0, bytes.length, (type, nameAt, nameEnd, at, end) => {
    count()
    visit(bytes.toString('utf8', nameAt, nameEnd), typeNameOf(bytes, type, at, end))
  })
}

/**
 * The same of documents within it too, down to `maxDepth` levels, each field by the names that lead to it. What is within
 * lists is left out.
 */
export function visitFields(
  document: Uint8Array,
  maxDepth: number,
  visit: (names: readonly string[], type: string) => void,
): void {
  const bytes = bufferOf(document)
  const count = counter()
  const visitIn = (start: number, limit: number, above: readonly string[]): void =>
    eachElement(bytes, start, limit, (type, nameAt, nameEnd, at, end) => {
      count()
      const names = [...above, bytes.toString('utf8', nameAt, nameEnd)]
      visit(names, typeNameOf(bytes, type, at, end))
      if (type === bsonTypes.object && names.length < maxDepth) visitIn(at, end, names)
    })
  visitIn(0, bytes.length, [])
}

/** As `visitTypes`, with the values. */
export function visitValues(document: Uint8Array, visit: (name: string, value: JsonValue) => void): void {
  const bytes = bufferOf(document)
  const reader = new ValueReader(bytes)
  eachElement(bytes, 0, bytes.length, (type, nameAt, nameEnd, at, end) => {
    visit(bytes.toString('utf8', nameAt, nameEnd), reader.valueOf(type, at, end, 1))
  })
}

/** Called for each value of a document. Throws `TooManyValuesError` when there are too many. */
function counter(): () => void {
  let left = maxValues
  return () => {
    left -= 1
    if (left < 0) throw new TooManyValuesError(maxValues, 'document')
  }
}

/**
 * Makes JSON of the values of one document: whole numbers up to 2^53 as numbers, greater ones and decimals as text; dates
 * in ISO 8601; ids in hexadecimal; binary in Base64, UUIDs with their dashes; documents and lists as such.
 */
class ValueReader {
  readonly #bytes: Buffer
  readonly #count = counter()

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  valueOf(type: number, at: number, end: number, depth: number): JsonValue {
    this.#count()
    const bytes = this.#bytes
    switch (type) {
      case bsonTypes.double:
        return doubleOf(bytes.readDoubleLE(at))
      case bsonTypes.string:
      case bsonTypes.javascript:
      case bsonTypes.symbol:
        return textAt(bytes, at, end)
      case bsonTypes.object:
        return depth < maxDepth ? this.#object(at, end, depth) : bytes.toString('base64', at, end)
      case bsonTypes.array:
        return depth < maxDepth ? this.#list(at, end, depth) : bytes.toString('base64', at, end)
      case bsonTypes.binData:
        return binaryOf(bytes, at, end)
      case bsonTypes.objectId:
        return bytes.toString('hex', at, end)
      case bsonTypes.bool:
        return bytes[at] === 1
      case bsonTypes.date:
        return dateOf(bytes.readBigInt64LE(at))
      case bsonTypes.regex:
        return regexOf(bytes, at, end)
      case bsonTypes.dbPointer:
        return `${textAt(bytes, at, end)}:${bytes.toString('hex', end - 12, end)}`
      case bsonTypes.javascriptWithScope:
        return this.#scopedCode(at, end, depth)
      case bsonTypes.int:
        return bytes.readInt32LE(at)
      case bsonTypes.timestamp:
        return `Timestamp(${bytes.readUInt32LE(at + 4)}, ${bytes.readUInt32LE(at)})`
      case bsonTypes.long:
        return longOf(bytes.readBigInt64LE(at))
      case bsonTypes.decimal:
        return new Decimal128(bytes.subarray(at, end)).toString()
      case bsonTypes.maxKey:
        return 'MaxKey'
      case bsonTypes.minKey:
        return 'MinKey'
      // Null, and `undefined`, which has long been its other name.
      default:
        return null
    }
  }

  #object(start: number, limit: number, depth: number): JsonValue {
    // Without a prototype `__proto__` is a field like any other.
    const object = Object.create(null) as Record<string, JsonValue>
    eachElement(this.#bytes, start, limit, (type, nameAt, nameEnd, at, end) => {
      object[this.#bytes.toString('utf8', nameAt, nameEnd)] = this.valueOf(type, at, end, depth + 1)
    })
    return object
  }

  #list(start: number, limit: number, depth: number): JsonValue {
    const list: JsonValue[] = []
    eachElement(this.#bytes, start, limit, (type, _nameAt, _nameEnd, at, end) => {
      list.push(this.valueOf(type, at, end, depth + 1))
    })
    return list
  }

  /** Its own length, then the code, then the values that it was stored with. */
  #scopedCode(at: number, end: number, depth: number): JsonValue {
    const scopeAt = end - at < 8 ? end : at + 8 + Math.max(0, this.#bytes.readInt32LE(at + 4))
    const code = textAt(this.#bytes, at + 4, end)
    return { code, scope: depth < maxDepth ? this.#object(Math.min(scopeAt, end), end, depth) : null }
  }
}

/** NaN and the infinities have no JSON number. */
const doubleOf = (value: number): JsonValue => (Number.isFinite(value) ? value : String(value))

const longOf = (value: bigint): JsonValue => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** Milliseconds since 1970; beyond what a date can be, as they are. */
function dateOf(milliseconds: bigint): string {
  const date = new Date(Number(milliseconds))
  return Number.isNaN(date.getTime()) ? `${milliseconds} ms` : date.toISOString()
}

/** Its length comes first, and counts the NUL at its end. */
function textAt(bytes: Buffer, at: number, end: number): string {
  const length = end - at < 4 ? 0 : bytes.readInt32LE(at)
  return bytes.toString('utf8', at + 4, Math.min(end, at + 4 + Math.max(0, length - 1)))
}

function binaryOf(bytes: Buffer, at: number, end: number): string {
  if (isUuid(bytes, at, end)) {
    return bytes.toString('hex', at + 5, end).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }
  // The old binary type repeats the length in its content.
  const contentAt = at + (bytes[at + 4] === 2 && end - at >= 9 ? 9 : 5)
  return bytes.toString('base64', contentAt, end)
}

function regexOf(bytes: Buffer, at: number, end: number): string {
  const middle = bytes.indexOf(0, at)
  return `/${bytes.toString('utf8', at, middle)}/${bytes.toString('utf8', middle + 1, end - 1)}`
}
