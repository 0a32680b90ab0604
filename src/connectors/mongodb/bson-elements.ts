import { ProtocolFaultError } from '../session/protocol-fault.ts'

/** BSON's numbers for the types of values (bsonspec.org). */
export const bsonTypes = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  maxKey: 127,
  minKey: 255,
} as const

/** How many bytes values have that are all alike; null where they say so themselves. */
const lengths: readonly (number | null | undefined)[] = lengthsByType({
  8: ['double', 'date', 'timestamp', 'long'],
  0: ['undefined', 'null', 'maxKey', 'minKey'],
  1: ['bool'],
  4: ['int'],
  12: ['objectId'],
  16: ['decimal'],
  own: ['string', 'object', 'array', 'binData', 'regex', 'dbPointer', 'javascript', 'symbol', 'javascriptWithScope'],
})

function lengthsByType(names: Readonly<Record<string, readonly (keyof typeof bsonTypes)[]>>) {
  const byType: (number | null | undefined)[] = []
  for (const [length, types] of Object.entries(names)) {
    for (const type of types) byType[bsonTypes[type]] = length === 'own' ? null : Number(length)
  }
  return byType
}

const minDocumentLength = 5

/** Called for each element of a document: its type, and where its name and its value stand. */
export type VisitElement = (type: number, nameAt: number, nameEnd: number, at: number, end: number) => void

/**
 * Goes through the elements of the document that begins at `start` and ends by `limit`. The driver's own way makes a list
 * of them first, which takes a hundred times the memory of a document that is made for it. Throws `ProtocolFaultError`.
 */
export function eachElement(bytes: Buffer, start: number, limit: number, visit: VisitElement): void {
  const last = lastOf(bytes, start, limit)
  for (let at = start + 4; at < last; ) {
    const type = bytes[at] as number
    const nameEnd = endOfText(bytes, at + 1, last)
    const end = endOfValue(bytes, type, nameEnd + 1, last)
    visit(type, at + 1, nameEnd, nameEnd + 1, end)
    at = end
  }
}

/**
 * How many fields and items the document that begins at `start` has on all levels; of more than `enough` only that they
 * are more. Without recursion: it may be nested as deeply as it is long. Throws `ProtocolFaultError`.
 */
export function countValues(bytes: Buffer, start: number, enough: number): number {
  let count = 0
  const lasts = [lastOf(bytes, start, bytes.length)]
  for (let at = start + 4; count <= enough; ) {
    const last = lasts.at(-1)
    if (last === undefined) break
    if (at === last) {
      lasts.pop()
      at += 1
      continue
    }
    const type = bytes[at] as number
    const valueAt = endOfText(bytes, at + 1, last) + 1
    const end = endOfValue(bytes, type, valueAt, last)
    const isNested = type === bsonTypes.object || type === bsonTypes.array
    if (isNested) lasts.push(lastOf(bytes, valueAt, end))
    at = isNested ? valueAt + 4 : end
    count += 1
  }
  return count
}

/** Where the NUL stands that ends the document that begins at `start`. */
function lastOf(bytes: Buffer, start: number, limit: number): number {
  const length = limit - start < minDocumentLength ? 0 : bytes.readInt32LE(start)
  const last = start + length - 1
  if (length < minDocumentLength || last >= limit || bytes[last] !== 0) throw unreadable()
  return last
}

function endOfValue(bytes: Buffer, type: number, at: number, last: number): number {
  const end = at + (lengths[type] ?? ownLength(bytes, type, at, last))
  if (end > last) throw unreadable()
  return end
}

function ownLength(bytes: Buffer, type: number, at: number, last: number): number {
  if (lengths[type] === undefined) throw unreadable()
  if (type === bsonTypes.regex) return endOfText(bytes, endOfText(bytes, at, last) + 1, last) + 1 - at
  const length = last - at < 4 ? -1 : bytes.readInt32LE(at)
  if (length < 0) throw unreadable()
  switch (type) {
    case bsonTypes.object:
    case bsonTypes.array:
    case bsonTypes.javascriptWithScope:
      return Math.max(length, minDocumentLength)
    case bsonTypes.binData:
      return length + 5
    case bsonTypes.dbPointer:
      return length + 16
    default:
      return length + 4
  }
}

/** Where the NUL is that ends a text, which must come before `last`. */
function endOfText(bytes: Buffer, at: number, last: number): number {
  let end = at
  while (end < last && bytes[end] !== 0) end += 1
  if (end >= last) throw unreadable()
  return end
}

const unreadable = () => new ProtocolFaultError('it sent a document that cannot be read')
