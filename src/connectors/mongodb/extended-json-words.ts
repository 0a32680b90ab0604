import type { JsonValue } from '../json.ts'

type Members = { readonly [name: string]: JsonValue }

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string'

const matches =
  (pattern: RegExp) =>
  (value: JsonValue | undefined): boolean =>
    isText(value) && pattern.test(value)

const isWholeBetween = (least: bigint, most: bigint) => (value: JsonValue | undefined) =>
  isText(value) && /^-?\d{1,20}$/.test(value) && BigInt(value) >= least && BigInt(value) <= most

/** A document with these members and no others. */
const hasExactly = (checks: Readonly<Record<string, (value: JsonValue | undefined) => boolean>>) => {
  const names = Object.keys(checks)
  return (value: JsonValue): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const members = value as Members
    return (
      Object.keys(members).every(name => names.includes(name)) && names.every(name => checks[name]?.(members[name]))
    )
  }
}

const isInt32 = isWholeBetween(-(2n ** 31n), 2n ** 31n - 1n)
const isInt64 = isWholeBetween(-(2n ** 63n), 2n ** 63n - 1n)
const isUint32 = (value: JsonValue | undefined) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32
const isOne = (value: JsonValue) => value === 1

/** RFC 3339, of years that have four digits. */
const isDateText = (value: JsonValue): boolean =>
  isText(value) &&
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?$/.test(value) &&
  isDayOfCalendar(value.slice(0, 10)) &&
  !Number.isNaN(Date.parse(value))

/** The engine takes February 30 for a day in March. */
const isDayOfCalendar = (day: string): boolean => {
  const date = new Date(day)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

const isDateNumber = hasExactly({ $numberLong: isInt64 })

/**
 * The words by which Extended JSON writes a value, alone in their document, and what may stand behind them. Code, symbols
 * and pointers to other databases are not among them. Stricter than the driver, which takes "12x" for 12 or for nothing.
 */
export const valueWords: ReadonlyMap<string, (operand: JsonValue) => boolean> = new Map([
  [
    '$binary',
    hasExactly({
      base64: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
      subType: matches(/^[0-9a-f]{1,2}$/i),
    }),
  ],
  ['$date', value => isDateText(value) || isDateNumber(value)],
  ['$maxKey', isOne],
  ['$minKey', isOne],
  ['$numberDecimal', matches(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,5})?$|^NaN$|^[+-]?Infinity$/i)],
  ['$numberDouble', matches(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,5})?$|^NaN$|^-?Infinity$/i)],
  ['$numberInt', isInt32],
  ['$numberLong', isInt64],
  ['$oid', matches(/^[0-9a-f]{24}$/i)],
  ['$regularExpression', hasExactly({ pattern: matches(/^[^\0]*$/), options: matches(/^[imsux]*$/) })],
  ['$timestamp', hasExactly({ t: isUint32, i: isUint32 })],
  ['$uuid', matches(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i)],
])

/** The word and what stands behind it, if a document is a value. */
export function valueWordOf(value: object): readonly [word: string, operand: JsonValue] | null {
  const [only, ...others] = Object.entries(value) as [string, JsonValue][]
  return only && others.length === 0 && valueWords.has(only[0]) ? only : null
}

/** What in a text could not be sent as it was written, as a sentence; null when nothing is. */
export function valueIssue(value: JsonValue): string | null {
  if (typeof value === 'string') return value.isWellFormed() ? null : 'A text has half a character in it.'
  if (typeof value !== 'object' || value === null) return null
  const word = Array.isArray(value) ? null : valueWordOf(value)
  if (word) {
    const [name, operand] = word
    return valueWords.get(name)?.(operand) ? null : `${shown(value)} is no ${name.slice(1)} of Extended JSON.`
  }
  for (const [name, item] of Object.entries(value)) {
    if (name.includes('\0')) return 'A name has the NUL character in it.'
    const issue = valueIssue(name) ?? valueIssue(item)
    if (issue !== null) return issue
  }
  return null
}

function shown(value: JsonValue): string {
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
