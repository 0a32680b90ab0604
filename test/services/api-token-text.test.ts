import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createScrubber, mask } from '../../src/connectors/scrub/scrubber.ts'
import { createLogger } from '../../src/log.ts'
import { apiTokenText, beginningOf, newApiTokenParts, parseApiToken } from '../../src/services/api-token-text.ts'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const newToken = () => apiTokenText(newApiTokenParts())

/** CRC-32 as its definition has it (ISO 3309), written apart from the code under test. */
function crc32(text: string): number {
  let crc = 0xffffffff
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}

/** The number that six characters stand for. */
const numberOf = (text: string): number =>
  [...text].reduce((number, character) => number * 62 + base62.indexOf(character), 0)

describe('the text of an API token', () => {
  test('has a prefix, an id, a secret and a checksum, and is taken apart again', () => {
    for (let count = 0; count < 1000; count++) {
      const parts = newApiTokenParts()
      const text = apiTokenText(parts)
      expect(text).toMatch(/^pby_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
      expect(text.startsWith(`${beginningOf(parts.id)}_`)).toBe(true)
      expect(parseApiToken(text)).toEqual(parts)
      expect(numberOf(text.slice(-6))).toBe(crc32(text.slice(0, -6)))
    }
  })

  test('holds a secret of more than 256 bits, every character of which may be any', () => {
    expect(43 * Math.log2(62)).toBeGreaterThan(256)
    const seen = Array.from({ length: 43 }, () => new Set<string>())
    for (let count = 0; count < 1500; count++) {
      for (const [at, character] of [...newApiTokenParts().secret].entries()) seen[at]?.add(character)
    }
    // That one of 62 does not come in 1500 has a probability of 1 in 4 * 10^10 for each place.
    expect(seen.map(({ size }) => size)).toEqual(Array(43).fill(62))
  })

  test('is never the same twice', () => {
    const tokens = Array.from({ length: 2000 }, newApiTokenParts)
    expect(new Set(tokens.map(({ id }) => id)).size).toBe(2000)
    expect(new Set(tokens.map(({ secret }) => secret)).size).toBe(2000)
  })
})

describe('without asking anybody it is seen that a text is no token', () => {
  test('with any one character changed to any other', () => {
    for (const text of [newToken(), newToken()]) {
      for (let at = 0; at < text.length; at++) {
        for (const other of `${base62}_-.+/= \n\0é`) {
          if (other === text[at]) continue
          expect(parseApiToken(text.slice(0, at) + other + text.slice(at + 1)), `${at} ${other}`).toBeNull()
        }
      }
    }
  })

  test('with a character missing, doubled or added anywhere, or two neighbours swapped', () => {
    const text = newToken()
    for (let at = 0; at <= text.length; at++) {
      if (at < text.length) expect(parseApiToken(text.slice(0, at) + text.slice(at + 1))).toBeNull()
      for (const added of ['0', 'z', '_', ' ', '\n', text[at] ?? 'a']) {
        expect(parseApiToken(text.slice(0, at) + added + text.slice(at))).toBeNull()
      }
      const [one = '', two = ''] = text.slice(at, at + 2)
      if (one !== two && two !== '')
        expect(parseApiToken(text.slice(0, at) + two + one + text.slice(at + 2))).toBeNull()
    }
  })

  test('in another case, with spaces around it, or of another text altogether', () => {
    const text = newToken()
    for (const other of [
      text.toUpperCase(),
      text.toLowerCase(),
      ` ${text}`,
      `${text} `,
      `${text}\n`,
      `Bearer ${text}`,
    ]) {
      expect(parseApiToken(other)).toBeNull()
    }
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...base62, '_') })), other => {
        expect(parseApiToken(other)).toBeNull()
        expect(parseApiToken(`pby_${other}`)).toBeNull()
      }),
    )
  })

  test('however long it is, at once', () => {
    expect(parseApiToken(`pby_${'a'.repeat(10_000_000)}`)).toBeNull()
    expect(parseApiToken(`pby_${randomBytes(32).toString('hex')}`)).toBeNull()
  })
})

describe('a token in a text that is shown or logged', () => {
  const scrub = createScrubber([])

  test('is a secret by its shape, also when its end is missing', () => {
    const text = newToken()
    expect(scrub.text(`The proxy refused ${text}.`)).toBe(`The proxy refused ${mask}.`)
    expect(scrub.text(`{"token":"${text}"}`)).not.toContain(text.slice(17, 40))
    expect(scrub.text(`${text.slice(0, 40)}…`)).toBe(`${mask}…`)
  })

  test('is not hidden where only its beginning is told', () => {
    expect(scrub.text(`revoke ${beginningOf('AbCdEfGhIjKl')} first`)).toBe('revoke pby_AbCdEfGhIjKl first')
  })

  test('does not get into the log, not by its message, its fields or its errors', () => {
    const text = newToken()
    const lines: string[] = []
    const logger = createLogger('trace', { write: line => void lines.push(line) })
    const error = new Error(`It has ${text}`, { cause: new TypeError(text) })
    logger.warn({ err: error, reason: text, url: `http://x/?token=${text}` }, `Refused ${text}`)
    logger.error(error)
    logger.child({ reason: text }).info('child')
    expect(lines).toHaveLength(3)
    const log = lines.join('')
    expect(log).not.toContain(text.slice(17, 40))
    expect(log).not.toContain(text.slice(-6))
    // So that whoever reads it knows which one to revoke.
    expect(log).toContain(`Refused ${text.slice(0, 17)}…`)
  })
})
