import fc from 'fast-check'
import { expect, it } from 'vitest'
import { retryAfterMs } from '../../../src/connectors/http-api/retry-after.ts'

const now = Date.UTC(2024, 0, 1)

it.each([
  ['0', 0],
  ['30', 30_000],
  [' 7 ', 7_000],
  ['Mon, 01 Jan 2024 00:01:00 GMT', 60_000],
  ['Monday, 01-Jan-24 00:01:00 GMT', 60_000],
  ['Sun, 31 Dec 2023 23:59:00 GMT', 0],
])('%s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms)
})

it.each(['', '-1', '1.5', '1e3', 'soon', '2024-01-01', 'Mon, 99 Foo 2024', '١٢', `Mon, ${'0'.repeat(100)}`])(
  '%j says nothing',
  header => {
    expect(retryAfterMs(header, now)).toBeNull()
  },
)

it('is never negative, nor without end', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.bigInt().map(String),
        fc.date({ noInvalidDate: true }).map(d => d.toUTCString()),
      ),
      header => {
        const ms = retryAfterMs(header, now)
        if (ms !== null) {
          expect(ms).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(ms)).toBe(true)
        }
      },
    ),
  )
})
