import type { CommonType } from '../define.ts'
import { exactJson } from '../exact-json.ts'
import type { JsonValue } from '../json.ts'
import { isShallow } from '../json-depth.ts'

/** What the catalogue says about a column's type. */
export interface TypeInfo {
  /** As PostgreSQL writes it: `character varying`, `integer[]`, a domain's own name. */
  readonly name: string
  /** Oid of what values, or the elements of a list, are written as: domains resolved to what they are made of. */
  readonly base: number
  readonly isList: boolean
}

const commonTypes: ReadonlyMap<number, CommonType> = new Map<number, CommonType>([
  [16, 'BOOLEAN'],
  [17, 'BINARY'],
  [20, 'INTEGER'],
  [21, 'INTEGER'],
  [23, 'INTEGER'],
  [26, 'INTEGER'],
  [700, 'FLOAT'],
  [701, 'FLOAT'],
  [1700, 'DECIMAL'],
  [1082, 'DATE'],
  [1083, 'TIME'],
  [1266, 'TIME'],
  [1114, 'TIMESTAMP'],
  [1184, 'TIMESTAMP'],
  [114, 'JSON'],
  [3802, 'JSON'],
  [18, 'TEXT'],
  [19, 'TEXT'],
  [25, 'TEXT'],
  [1042, 'TEXT'],
  [1043, 'TEXT'],
  [2950, 'TEXT'],
  [705, 'TEXT'],
])

export const commonType = (type: TypeInfo): CommonType =>
  type.isList ? 'LIST' : (commonTypes.get(type.base) ?? 'OTHER')

/**
 * A value as the server wrote it, as JSON: small integers and floats as numbers, big integers, decimals, dates and
 * instants as text, JSON parsed, binary as base64, arrays as lists. What is nested deeper than 100 levels stays text.
 */
export function toJson(text: string | null, type: TypeInfo): JsonValue {
  if (text === null) return null
  const value = type.isList ? mapArray(parseArray(text), type.base) : scalar(text, type.base)
  return isShallow(value, maxDepth) ? value : text
}

/** How values of a type that are no lists become JSON. TEXT: quoted, whatever they are; OTHER: by `toJson`. */
export type Encoding = 'TEXT' | 'BOOLEAN' | 'INTEGER' | 'OTHER'

export function encodingOf(type: TypeInfo): Encoding {
  if (type.isList) return 'OTHER'
  switch (type.base) {
    case 16:
      return 'BOOLEAN'
    case 21:
    case 23:
    case 26:
      return 'INTEGER'
    case 700:
    case 701:
    case 17:
    case 114:
    case 3802:
      return 'OTHER'
    default:
      return 'TEXT'
  }
}

/** Values nested more deeply stay text: whoever walks them by recursion is safe. */
const maxDepth = 100

type NestedText = string | null | readonly NestedText[]

const mapArray = (value: NestedText, element: number): JsonValue =>
  value === null
    ? null
    : typeof value === 'string'
      ? scalar(value, element)
      : value.map(item => mapArray(item, element))

function scalar(text: string, oid: number): JsonValue {
  switch (oid) {
    // A server that names a type and sends something else is quoted as it is.
    case 16:
      return text === 't' ? true : text === 'f' ? false : text
    case 21:
    case 23:
    case 26:
      return /^-?\d{1,10}$/.test(text) ? Number(text) : text
    case 700:
    case 701: {
      const value = Number(text)
      // NaN and the infinities have no JSON number.
      return Number.isFinite(value) ? value : text
    }
    case 17:
      return text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex').toString('base64') : text
    case 114:
    case 3802:
      return exactJson(text)
    default:
      return text
  }
}

/** PostgreSQL has no more dimensions (MAXDIM). */
const maxDimensions = 6

/**
 * PostgreSQL's array text, nested and with bounds (`[0:1]={a,b}`). Text that is no array, or is nested more deeply than
 * one can be, stays as it is.
 */
export function parseArray(text: string): NestedText {
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0
  let tooDeep = false
  const parse = (depth: number): NestedText => {
    if (text[at] === '{') {
      tooDeep ||= depth === 0
      const items: NestedText[] = []
      at += 1
      while (at < text.length && text[at] !== '}' && !tooDeep) {
        items.push(parse(depth - 1))
        if (text[at] === ',') at += 1
      }
      at += 1
      return items
    }
    if (text[at] === '"') {
      let item = ''
      for (at += 1; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === '\\') at += 1
        item += text[at] ?? ''
      }
      at += 1
      return item
    }
    const start = at
    while (at < text.length && text[at] !== ',' && text[at] !== '}') at += 1
    const item = text.slice(start, at)
    return item === 'NULL' ? null : item
  }
  if (text[at] !== '{') return text
  const items = parse(maxDimensions)
  return tooDeep ? text : items
}
