import { BSON, type Document, Long } from 'mongodb'
import type { JsonValue } from '../json.ts'
import { valueWordOf } from './extended-json-words.ts'

/**
 * Makes of Extended JSON what the driver sends. Not by its own parser as a whole: that takes any document with `$regex`
 * for a value, and leaves out what else is asked of the field. Throws the driver's `BSONError` for a value that is none.
 */
export function fromExtendedJson(value: JsonValue): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !isInt32(value) ? Long.fromNumber(value) : value
  if (Array.isArray(value)) return value.map(fromExtendedJson)
  if (typeof value !== 'object' || value === null) return value
  if (valueWordOf(value))
    return (BSON.EJSON.deserialize({ value } as Document, { relaxed: false }) as Document)['value']
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fromExtendedJson(item)]))
}

/** What the driver writes as such by itself; it would make a double of any other number. */
const isInt32 = (value: number): boolean => value >= -(2 ** 31) && value < 2 ** 31
