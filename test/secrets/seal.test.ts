import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lengthPrefixed, type SealingKey, seal, UnsealError, unseal } from '../../src/secrets/seal.ts'

const newKey = (idBytes = 16): SealingKey => ({
  id: randomBytes(idBytes).toString('hex'),
  key: createSecretKey(randomBytes(32)),
})
const key = newKey()
const context = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { minLength: 1, maxLength: 4 })
const plaintext = fc.uint8Array({ maxLength: 200 })

describe('sealing', () => {
  test('gives back what was sealed, in the documented format', () => {
    fc.assert(
      fc.property(plaintext, context, fc.constantFrom(8, 16), (bytes, where, idBytes) => {
        const ownKey = newKey(idBytes)
        const sealed = seal(ownKey, where, bytes)
        expect(unseal(ownKey, where, sealed)).toEqual(Buffer.from(bytes))
        const raw = Buffer.from(sealed, 'base64')
        expect(raw[0]).toBe(1)
        expect(raw.subarray(1, 1 + idBytes).toString('hex')).toBe(ownKey.id)
        expect(raw).toHaveLength(1 + idBytes + 12 + bytes.length + 16)
      }),
    )
  })

  test('never seals the same twice alike', () => {
    expect(seal(key, ['a'], Buffer.from('x'))).not.toBe(seal(key, ['a'], Buffer.from('x')))
  })

  test('rejects every flipped bit', () => {
    const raw = Buffer.from(seal(key, ['a', 'b'], randomBytes(24)), 'base64')
    for (let bit = 0; bit < raw.length * 8; bit++) {
      const flipped = Buffer.from(raw)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => unseal(key, ['a', 'b'], flipped.toString('base64'))).toThrow(UnsealError)
    }
  })

  test('rejects every truncation and every addition', () => {
    const raw = Buffer.from(seal(key, ['a'], randomBytes(24)), 'base64')
    for (let length = 0; length < raw.length; length++) {
      expect(() => unseal(key, ['a'], raw.subarray(0, length).toString('base64'))).toThrow(UnsealError)
      expect(() => unseal(key, ['a'], raw.subarray(length + 1).toString('base64'))).toThrow(UnsealError)
    }
    expect(() => unseal(key, ['a'], Buffer.concat([raw, Buffer.of(0)]).toString('base64'))).toThrow(UnsealError)
  })

  test('rejects other spellings of the same bytes and text that is no base64', () => {
    const sealed = seal(key, ['a'], Buffer.from('value'))
    for (const spelling of [
      `${sealed} `,
      ` ${sealed}`,
      `${sealed}\n`,
      `${sealed}=`,
      `${sealed.slice(0, 8)}*${sealed.slice(8)}`,
      '',
      '*',
    ]) {
      expect(() => unseal(key, ['a'], spelling)).toThrow(UnsealError)
    }
  })

  test('rejects another context, another key, and the same key under another id', () => {
    fc.assert(
      fc.property(plaintext, context, context, (bytes, where, elsewhere) => {
        const sealed = seal(key, where, bytes)
        if (JSON.stringify(where) !== JSON.stringify(elsewhere))
          expect(() => unseal(key, elsewhere, sealed)).toThrow(UnsealError)
        expect(() => unseal(newKey(), where, sealed)).toThrow(UnsealError)
        expect(() => unseal({ ...key, id: newKey().id }, where, sealed)).toThrow(UnsealError)
        expect(() => unseal({ ...newKey(), id: key.id }, where, sealed)).toThrow(UnsealError)
      }),
    )
  })

  test('rejects random bytes behind a valid header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), bytes => {
        const raw = Buffer.concat([Buffer.of(1), Buffer.from(key.id, 'hex'), bytes])
        expect(() => unseal(key, ['a'], raw.toString('base64'))).toThrow(UnsealError)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('length-prefixed texts', () => {
  test('are the same only for the same list', () => {
    fc.assert(
      fc.property(context, context, (a, b) => {
        const sameBytes = lengthPrefixed(a).equals(lengthPrefixed(b))
        expect(sameBytes).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
    )
    expect(lengthPrefixed(['ab', 'c'])).not.toEqual(lengthPrefixed(['a', 'bc']))
    expect(lengthPrefixed(['a', ''])).not.toEqual(lengthPrefixed(['a']))
  })
})
