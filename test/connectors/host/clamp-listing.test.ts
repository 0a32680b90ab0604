import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CatalogEntry, FieldOption, Listing } from '../../../src/connectors/browse.ts'
import { clampListing } from '../../../src/connectors/host/clamp-listing.ts'
import { encodeFrame } from '../../../src/connectors/host/frames.ts'
import { maxListingBytes } from '../../../src/connectors/host/message-limits.ts'
import { parseChildMessage } from '../../../src/connectors/host/parse-child-message.ts'
import type { JsonObject } from '../../../src/connectors/json.ts'
import { type Problem, problem } from '../../../src/connectors/problem.ts'

const pieces = ['x', 'ü', '\u0000', '\u001b[31m', '\u202e', '𝄞', '\ud834', '"\\', 'schema of strangers ']
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...pieces), fc.constantFrom(150, 1_000, 1_024, 3_000, 200_000))
      .map(([piece, times]) => piece.repeat(times)),
  },
)
const json = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
  text.map(value => ({ sql: value })),
  fc.constantFrom(100, 500).map(depth => ({ deep: JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) })),
)
const found: fc.Arbitrary<Problem> = fc
  .record({ message: text, detail: fc.option(text), params: json, fields: fc.array(text, { maxLength: 3 }), sql: text })
  .map(({ message, detail, params, fields, sql }) => ({
    ...problem('UNCLASSIFIED', { params, fields, remedies: [{ kind: 'RUN_SQL', title: message, sql }] }),
    message,
    detail,
  }))
const entry = fc.record(
  {
    name: text,
    kind: fc.constantFrom<CatalogEntry['kind']>('SCHEMA', 'TABLE', 'COLUMN'),
    hasChildren: fc.boolean(),
    nativeKind: text,
    comment: text,
    column: fc.record({ nativeType: text, type: fc.constant('TEXT' as const) }),
    sizeBytes: fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, Number.MAX_VALUE)),
    query: json,
    problem: found,
  },
  { requiredKeys: ['name', 'kind', 'hasChildren'] },
)
const option = fc.record({ value: text, label: text, help: text }, { requiredKeys: ['value'] })
const listing = fc.oneof(
  ...[entry, option].map(item =>
    fc.record({
      items: fc
        .tuple(fc.array(item as fc.Arbitrary<CatalogEntry | FieldOption>, { maxLength: 4 }), fc.constantFrom(1, 60))
        .map(([items, times]) => Array.from({ length: times }, () => items).flat()),
      next: fc.option(text),
      problem: fc.option(found),
    }),
  ),
) as fc.Arbitrary<Listing>

const told = (clamped: Listing) => ({ kind: 'LISTING_DONE', jobId: 1, listing: clamped, leftovers: false }) as const

test('whatever a source lists is taken by the parent once it is cut, and is no message that is too large', () => {
  fc.assert(
    fc.property(listing, fc.integer({ min: 1, max: 100 }), (given, first) => {
      const clamped = clampListing(given, first)
      const frame = encodeFrame(told(clamped))
      expect(frame.length).toBeLessThan(maxListingBytes)
      expect(clamped.items.length).toBeLessThanOrEqual(first)
      expect(parseChildMessage(frame.subarray(4))).not.toBeNull()
      // Nothing is lost without a word.
      const lost = clamped.items.length < Math.min(given.items.length, first)
      if (lost || clamped.next !== given.next) expect(clamped.problem).not.toBeNull()
    }),
    { numRuns: 60 },
  )
})

test('names come through as they are, or not at all', () => {
  fc.assert(
    fc.property(listing, ({ items, next, problem }) => {
      const names = (of: Listing['items']) => of.map(item => ('value' in item ? item.value : item.name))
      const whole = names(items.slice(0, 100)).filter(name => name.length > 0 && name.length <= 1_024)
      expect(names(clampListing({ items, next, problem }, 100).items)).toEqual(whole)
    }),
    { numRuns: 60 },
  )
})

test('the largest page that there can be has room', () => {
  const largest = {
    name: '\u0001'.repeat(1_024),
    kind: 'COLUMN',
    hasChildren: true,
    nativeKind: '\u0001'.repeat(100),
    comment: '\u0001'.repeat(1_000),
    column: { nativeType: '\u0001'.repeat(1_000), type: 'TIMESTAMP', isNullable: false },
    sizeBytes: Number.MAX_SAFE_INTEGER,
    query: { sql: 'x'.repeat(8_000) },
    problem: { ...problem('UNCLASSIFIED', { params: { a: 'x'.repeat(7_000) } }) },
  } as const
  const clamped = clampListing({ items: Array(100).fill(largest), next: '\u0001'.repeat(2_000), problem: null }, 100)
  expect(clamped.items).toHaveLength(100)
  expect(encodeFrame(told(clamped)).length).toBeLessThan(maxListingBytes)
  expect(parseChildMessage(encodeFrame(told(clamped)).subarray(4))).not.toBeNull()
})
