import type { JsonValue } from './json.ts'
import { isShallow } from './json-depth.ts'

/** Values nested more deeply stay text: whoever walks them by recursion is safe. */
const maxDepth = 100

/** Integers beyond 2^53 have at least so many digits, and numbers beyond a double such an exponent. */
const mayBeInexact = /\d{16}|[eE]\+?\d{3}/
/** Fractions that a double rounds have so many, on both sides of the point, or are too small for it. */
const mayBeRounded = /[\d.]{16}|[eE][-+]?\d{3}/

/** JSON text as its value, in which numbers that a double cannot hold stay as they were written. What is no JSON stays text. */
export const exactJson = (text: string): JsonValue => shallowJson(text, parseExactJson)

/** The same for data whose fractions are decimal: those that a double would round stay as they were written, too. */
export const exactDecimalJson = (text: string): JsonValue =>
  shallowJson(text, given => (mayBeRounded.test(given) ? parseKeeping(given, exactDecimal) : JSON.parse(given)))

/** The same as `exactJson` at any depth. Throws for what is no JSON. */
export const parseExactJson = (text: string): JsonValue =>
  mayBeInexact.test(text) ? parseKeeping(text, exactNumber) : (JSON.parse(text) as JsonValue)

/**
 * The same as `exactDecimalJson` at any depth. `kept` is given the numbers that stay text, as they were written: nothing else
 * tells them from texts. Throws for what is no JSON.
 */
export const parseExactDecimalJson = (text: string, kept: Set<string>): JsonValue =>
  mayBeRounded.test(text)
    ? parseKeeping(text, (value, source) => {
        const exact = exactDecimal(value, source)
        if (typeof exact === 'string') kept.add(exact)
        return exact
      })
    : (JSON.parse(text) as JsonValue)

function shallowJson(text: string, parse: (text: string) => JsonValue): JsonValue {
  try {
    const value = parse(text)
    return isShallow(value, maxDepth) ? value : text
  } catch {
    return text
  }
}

const parseKeeping = (text: string, keep: typeof exactNumber): JsonValue =>
  JSON.parse(text, (_key, item: unknown, context?: { source?: string }) =>
    typeof item === 'number' && context?.source !== undefined ? keep(item, context.source) : item,
  ) as JsonValue

/** A number, or the text that it was written as where a double cannot hold it. */
export const exactNumber = (value: number, source: string): number | string => (isExact(value, source) ? value : source)

const isExact = (value: number, source: string): boolean =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !/^-?\d+$/.test(source))

const exactDecimal = (value: number, source: string): number | string =>
  isExact(value, source) && digitsOf(String(value)) === digitsOf(source) ? value : source

/** Without sign, point, exponent and the zeros around them: `-0.50e3` -> `5`. */
const digitsOf = (number: string): string =>
  number
    .replace(/e.*$/i, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '')
