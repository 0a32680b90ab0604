import type { CommonType } from '../define.ts'
import type { JsonValue } from '../json.ts'

/** A record of a JSON or NDJSON file. */
export interface JsonRecord {
  readonly value: JsonValue
  /** Its fields whose numbers no double can hold, which is why they are text. Null: none, or not among the first records. */
  readonly longNumbers: ReadonlySet<string> | null
}

/** Records that are no objects are the only field of one. */
export const soleField = 'value'

/** Calls `visit` with each field of a record. Of fields with the same name there is only the last. */
export function visitFields(value: JsonValue, visit: (name: string, value: JsonValue) => void): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    visit(soleField, value)
    return
  }
  for (const [name, item] of Object.entries(value)) visit(name, item)
}

export const jsonTypes: Readonly<Record<string, CommonType>> = {
  string: 'TEXT',
  integer: 'INTEGER',
  number: 'FLOAT',
  boolean: 'BOOLEAN',
  object: 'JSON',
  array: 'LIST',
}

/** The name of a field's type; null for null, which is of any. */
export function jsonType({ longNumbers }: JsonRecord, name: string, value: JsonValue): string | null {
  if (value === null) return null
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  if (longNumbers?.has(name)) return /^-?\d+$/.test(String(value)) ? 'integer' : 'number'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Finds the numbers of `value` that are text by reading `json` once more, as a double makes of them. */
export function longNumbersOf(value: JsonValue, json: string): ReadonlySet<string> {
  const rounded = new Map<string, JsonValue>()
  visitFields(JSON.parse(json) as JsonValue, (name, item) => rounded.set(name, item))
  const names = new Set<string>()
  visitFields(value, (name, item) => {
    if (typeof item === 'string' && typeof rounded.get(name) === 'number') names.add(name)
  })
  return names
}
