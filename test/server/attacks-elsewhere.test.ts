// Rows of the table of attacks (see attacks-documents.test.ts) that other suites show, and that none is missing.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const tests = join(import.meta.dirname, '..')

/** What a row is about, and the title of a test, or the beginning of one, that shows it in a file below `test/`. */
const elsewhere: readonly (readonly [row: number, file: string, title: string])[] = [
  [17, 'server/http.test.ts', 'shows its id and nothing else; the log has the rest'],
  // An id of another workspace and one of nothing are answered alike, to the byte.
  [19, 'isolation/walker.test.ts', ''],
  [20, 'server/http.test.ts', 'it tests a connection more than once, or beside another field that connects'],
  [20, 'server/dial-outs.test.ts', 'of the fields that connect to data sources an operation may have'],
  [21, 'server/http.test.ts', 'it is too deep, too wide or too costly'],
  [22, 'server/cancellation.test.ts', 'an operation whose client is gone goes no further'],
  [23, 'server/subscriptions.test.ts', 'events arrive, and leaving ends the source'],
  [23, 'server/stream-limits.test.ts', ''],
  [24, 'e2e/revoked-streams.test.ts', ''],
  [29, 'server/persisted-operations.test.ts', ''],
  [30, 'fuzz/documents.test.ts', 'random documents and variables find no fault'],
]

test.each(elsewhere)('%i. is shown by test/%s: %s', (_row, file, title) => {
  expect(existsSync(join(tests, file))).toBe(true)
  const text = readFileSync(join(tests, file), 'utf8')
  expect(text).toMatch(/\btest(\.each)?\(/)
  expect(text).toContain(title)
})

test('every row of the table has a test', () => {
  const files = readdirSync(import.meta.dirname).filter(name => /^attacks-.*\.test\.ts$/.test(name))
  const titles = files.flatMap(name => [
    ...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/['"`](\d{1,2})\. /g),
  ])
  const rows = new Set([...titles.map(([, row]) => Number(row)), ...elsewhere.map(([row]) => row)])
  // Rows 25 to 28 of HTTP have blocks of their own.
  expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
})
