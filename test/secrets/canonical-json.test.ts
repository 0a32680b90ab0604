import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/secrets/canonical-json.ts'

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  )
}

describe('canonical JSON', () => {
  test('is JSON, and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(shuffled(value))).toBe(text)
      }),
    )
  })

  test('sorts keys and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null, u: undefined })).toBe('{"a":null,"b":[{"c":2,"d":1}]}')
  })

  test.each([
    [undefined],
    [[undefined]],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [10n],
    [Symbol('s')],
    [() => 1],
    [new Date(0)],
    [new Map()],
    [{ a: new Set() }],
  ])('refuses %s, which JSON cannot hold', value => {
    expect(() => canonicalJson(value)).toThrow(TypeError)
  })
})
