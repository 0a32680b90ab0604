import type { JsonValue } from './json.ts'
import { isShallow } from './json-depth.ts'

/** Values nested more deeply stay text: whoever walks them by recursion is safe. */
const maxDepth = 100

/** Integers beyond 2^53 have at least so many digits, and numbers beyond a double such an exponent. */
const mayBeInexact = /\d{16}|[eE]\+?\d{3}/

/** JSON text as its value, in which numbers that a double cannot hold stay as they were written. What is no JSON stays text. */
export function exactJson(text: string): JsonValue {
  try {
    const value = parseExactJson(text)
    return isShallow(value, maxDepth) ? value : text
  } catch {
    return text
  }
}

/** The same at any depth. Throws for what is no JSON. */
export function parseExactJson(text: string): JsonValue {
  if (!mayBeInexact.test(text)) return JSON.parse(text) as JsonValue
  return JSON.parse(text, (_key, item: unknown, context?: { source?: string }) =>
    typeof item === 'number' && context?.source !== undefined ? exactNumber(item, context.source) : item,
  ) as JsonValue
}

/** A number, or the text that it was written as where a double cannot hold it. */
export const exactNumber = (value: number, source: string): number | string => (isExact(value, source) ? value : source)

const isExact = (value: number, source: string): boolean =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !/^-?\d+$/.test(source))
