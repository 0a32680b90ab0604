import type { CommonType } from '../define.ts'
import type { JsonValue } from '../json.ts'

/** What a data source calls a column of each kind. */
export const nativeTypes: Record<CommonType, string> = {
  TEXT: 'varchar(200)',
  INTEGER: 'int8',
  DECIMAL: 'decimal(38,9)',
  FLOAT: 'float8',
  BOOLEAN: 'bool',
  DATE: 'date',
  TIME: 'time(6)',
  TIMESTAMP: 'timestamp(6)',
  JSON: 'json',
  BINARY: 'bytes',
  LIST: 'int8[]',
  OTHER: 'interval',
}

/** Each kind's values: what a table that shows them is likely to stumble over. */
const samples: Record<CommonType, readonly JsonValue[]> = {
  TEXT: [
    'plain',
    'Grüße aus Köln',
    '東京と大阪',
    'مرحبا بالعالم',
    'שלום',
    '👩🏽‍🚀 🏳️‍🌈',
    'e\u0301 is not é',
    '<b>not bold</b> & "quoted"',
    "'; DROP TABLE orders; --",
    'two\nlines\tand a tab',
    '  spaces at both ends  ',
    '',
    '=1+1',
    'null',
  ],
  INTEGER: [0, 1, -1, 42, 2_147_483_648, 9_007_199_254_740_991, '9007199254740993', '-9223372036854775808'],
  DECIMAL: ['0.10', '-12.50', '12345678901234567890123456789.123456789', '0.000000001', '100'],
  FLOAT: [0, 0.1, -2.5, 1.7976931348623157e308, 5e-324, 'NaN', 'Infinity', '-Infinity'],
  BOOLEAN: [true, false],
  DATE: ['2024-02-29', '1970-01-01', '2026-11-22', '0001-01-01', '9999-12-31'],
  TIME: ['00:00:00', '09:30:00', '23:59:59.999999'],
  TIMESTAMP: [
    '2024-03-31T01:30:00.123456Z',
    '2026-11-22T09:30:00',
    '1969-12-31T23:59:59.999+05:30',
    '9999-12-31T23:59:59Z',
  ],
  JSON: [
    { name: 'Ann', tags: ['a', 'b'], address: { city: 'Köln', zip: null } },
    [],
    {},
    [1, [2, [3, [4, [5]]]]],
    'a text',
    7,
  ],
  BINARY: ['', 'AAECAwT/', 'UGF0Y2hiYXk='],
  LIST: [
    [],
    [1, 2, 3],
    [null, 1],
    [
      [1, 2],
      [3, 4],
    ],
  ],
  OTHER: ['P1Y2M3DT4H5M6S', '(1,2)', '192.0.2.0/24', '[2026-01-01,2027-01-01)'],
}

/** Takes the place of a text of a wanted length: characters of one to four bytes. */
const filler = 'Lorem ipsum dolor — schöne Grüße, 東京 🙂. '

export interface ValueOptions {
  readonly seed: number
  /** About one value in so many is null; 0 for none. */
  readonly nullEvery: number
  readonly textLength?: number | undefined
}

/** The value at a place: always the same for the same options. */
export function valueAt(
  type: CommonType,
  row: number,
  column: number,
  { seed, nullEvery, textLength }: ValueOptions,
): JsonValue {
  const number = mix(seed, row, column)
  if (nullEvery > 0 && number % nullEvery === 0) return null
  if (type === 'TEXT' && textLength !== undefined) return textOf(textLength)
  // A column of whole numbers that counts its rows shows their order, and what is missing.
  if (type === 'INTEGER' && column === 0) return row + 1
  const values = samples[type]
  return values[Math.floor(number / 1_009) % values.length] ?? null
}

/** `length` characters, as many as a reader counts them in JavaScript, none of them cut in half. */
function textOf(length: number): string {
  const text = filler.repeat(Math.ceil(length / filler.length)).slice(0, length)
  return text.isWellFormed() ? text : `${text.slice(0, -1)}.`
}

/** Spreads three numbers over 32 bits (the finaliser of MurmurHash3). */
function mix(seed: number, row: number, column: number): number {
  let hash = (seed ^ Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b)) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
