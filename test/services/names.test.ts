import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cleanDescription,
  cleanName,
  descriptionFault,
  externalKeyFault,
  idempotencyKeyFault,
  nameFault,
  nameKey,
} from '../../src/services/names.ts'

const anyText = fc.string({ unit: 'binary' })

describe('name keys', () => {
  test('do not change when they are made again', () => {
    fc.assert(
      fc.property(anyText, name => {
        expect(nameKey(nameKey(name))).toBe(nameKey(name))
      }),
      { numRuns: 2000 },
    )
  })

  test('are the same for a name and its cleaned form', () => {
    fc.assert(
      fc.property(anyText, name => {
        expect(nameKey(cleanName(name))).toBe(nameKey(name))
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['STRASSE', 'straße'],
    ['ＡＢＣ', 'abc'],
    ['Cafe\u0301', 'café'],
    ['ΟΔΟΣ', 'οδος'],
    ['a\u00a0 \t b', 'a b'],
    ['so\u00adft', 'soft'],
    ['ﬁx', 'FIX'],
  ])('take %j and %j for the same', (a, b) => expect(nameKey(a)).toBe(nameKey(b)))

  test.each([
    ['a b', 'ab'],
    ['resume', 'résumé'],
    ['o', '0'],
  ])('take %j and %j for different names', (a, b) => expect(nameKey(a)).not.toBe(nameKey(b)))
})

test('a name without a fault has a key that both databases can hold and index', () => {
  fc.assert(
    fc.property(anyText.map(cleanName), name => {
      fc.pre(nameFault(name) === null)
      expect(nameKey(name)).not.toBe('')
      expect(nameKey(name).isWellFormed() && !nameKey(name).includes('\0')).toBe(true)
      expect(Buffer.byteLength(nameKey(name))).toBeLessThan(2000)
    }),
  )
})

test('descriptions may have lines and tabs, and nothing is none', () => {
  expect(cleanDescription(' a\r\nb\tc ')).toBe('a\nb\tc')
  expect(descriptionFault('a\nb\tc')).toBeNull()
  expect(descriptionFault('a\u001bb')).not.toBeNull()
  expect(descriptionFault('x'.repeat(2000))).toBeNull()
  expect(descriptionFault('x'.repeat(2001))).not.toBeNull()
  for (const nothing of ['', ' \n', null, undefined]) expect(cleanDescription(nothing)).toBeNull()
})

test.each(['tf:main/ledger-1', 'a b', 'ключ', 'x'.repeat(200), '\u{1f50c}'])('%j is an external key', key =>
  expect(externalKeyFault(key)).toBeNull(),
)
test.each(['', ' a', 'a ', 'a\tb', 'a\u200bb', 'a\u2028b', 'a\0', 'a\ud800', 'x'.repeat(201)])(
  '%j is no external key',
  key => expect(externalKeyFault(key)).not.toBeNull(),
)
test.each(['a', 'x'.repeat(255), '0b5c…'])('%j is an idempotency key', key =>
  expect(idempotencyKeyFault(key)).toBeNull(),
)
test.each(['', 'x'.repeat(256), 'a\n', 'a\0', 'a\udfff'])('%j is no idempotency key', key =>
  expect(idempotencyKeyFault(key)).not.toBeNull(),
)
