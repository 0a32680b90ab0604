import { query } from 'jsonpath-rfc9535'
import type { JsonValue } from '../json.ts'
import { isFilter, isMany, pathText, readJsonPath, type Segment } from './json-path.ts'

export type SelectedRecords =
  | { readonly kind: 'RECORDS'; readonly records: readonly JsonValue[] }
  /** `fault` completes "there are no records: ". */
  | { readonly kind: 'NONE'; readonly fault: string }

/**
 * The records of an answer, where a JSONPath selects them: each value that it selects, or the items of the one list that it
 * names. Without a path the answer is the list, or the one record. An empty list has no records, which is no fault; a path
 * that leads nowhere is one.
 */
export function selectRecords(json: JsonValue, path: string | undefined): SelectedRecords {
  if (path === undefined) return { kind: 'RECORDS', records: itemsOf(json) }
  const read = readJsonPath(path)
  // The form lets no other path through.
  if (read.kind === 'NONE') throw new Error(read.issue)
  const fault = faultOf(json, read.segments)
  if (fault !== null) return { kind: 'NONE', fault }
  const selected = select(json, path)
  const [only] = selected
  // Who names a list means its items.
  const isList = only !== undefined && !read.segments.some(segment => isMany(segment) || isFilter(segment))
  return { kind: 'RECORDS', records: isList ? itemsOf(only) : selected }
}

/** All values that a path selects, in the order of the document. */
export const select = (json: JsonValue, path: string): readonly JsonValue[] =>
  // The border to the library, whose values are the same but may be changed.
  query(json as Parameters<typeof query>[0], path)

const itemsOf = (value: JsonValue): readonly JsonValue[] => {
  if (value === null) return []
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [value]
}

/** Why a path leads nowhere; null where it leads to something, be it an empty list. */
function faultOf(json: JsonValue, segments: readonly Segment[]): string | null {
  const firstFilter = segments.findIndex(isFilter)
  const plain = firstFilter < 0 ? segments : segments.slice(0, firstFilter)
  const end = plain.findLastIndex(segment => !isMany(segment) || segment.type === 'DescendantSegment') + 1
  const lead = plain.slice(0, end)
  // What can be anywhere may also be nowhere.
  if (lead.some(({ type }) => type === 'DescendantSegment')) return null
  const missing = lead.findIndex((_, index) => select(json, pathText(lead.slice(0, index + 1))).length === 0)
  const segment = lead[missing]
  // Of an empty list all there is has been selected.
  if (segment) return isMany(segment) ? null : `nothing is at ${pathText(lead.slice(0, missing + 1))}`
  const holders = end < segments.length ? select(json, pathText(lead)) : []
  const [first = null] = holders
  return first !== null && holders.every(isScalar) ? `${pathText(lead)} is ${kindOf(first)}, not a list` : null
}

const isScalar = (value: JsonValue): boolean => typeof value !== 'object' || value === null

const kindOf = (value: JsonValue): string => {
  if (typeof value === 'string') return 'a text'
  return typeof value === 'number' ? 'a number' : 'true or false'
}
