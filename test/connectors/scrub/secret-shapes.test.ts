import { describe, expect, test } from 'vitest'
import { problem } from '../../../src/connectors/problem.ts'
import { type ProblemCode, problemTable } from '../../../src/connectors/problem-table.ts'
import { createScrubber, mask } from '../../../src/connectors/scrub/scrubber.ts'
import { innocentTexts, secretTexts } from './shapes-corpus.ts'

/** Knows no secret of the run: what it finds, it finds by its shape. */
const scrub = createScrubber([])

describe('secrets by their shape', () => {
  test.each(secretTexts)('%j', (text, secret) => {
    expect(text).toContain(secret)
    const left = scrub.text(text)
    expect(left).toContain(mask)
    expect(left).not.toContain(secret)
    expect(scrub.text(left)).toBe(left)
  })

  test('are found within other text as well, and what stands around them is left', () => {
    for (const [text, secret] of secretTexts) {
      const left = scrub.text(`The server said: ${text}`)
      expect(left.startsWith('The server said: '), text).toBe(true)
      expect(left).not.toContain(secret)
    }
    expect(scrub.text('postgres://ada:lovelace@db/sales')).toBe(`postgres://ada:${mask}@db/sales`)
    expect(scrub.text('host=db password=lovelace dbname=sales')).toBe(`host=db password=${mask} dbname=sales`)
    expect(scrub.text('{"user":"ada","password":"love"}')).toBe(`{"user":"ada","password":"${mask}"}`)
  })
})

describe('what only looks like a secret', () => {
  test.each(innocentTexts)('%j', text => {
    expect(scrub.text(text)).toBe(text)
  })

  test.each(Object.keys(problemTable) as ProblemCode[])('every text of %s', code => {
    const { title, message, mend } = problemTable[code]
    for (const text of [title, message, mend]) expect(scrub.text(text)).toBe(text)
    const found = problem(code, { params: { host: 'db.example.com', port: 5432, username: 'ada' } })
    expect(scrub.problem(found)).toEqual(found)
  })
})

describe('the time that a hostile text takes', () => {
  const repeated: Readonly<Record<string, string>> = {
    'openings of keys': '-----BEGIN PRIVATE KEY-----',
    'ends of keys': 'A-----END PRIVATE KEY-----',
    dashes: '-',
    'beginnings of tokens': 'eyJ',
    'tokens without an end': 'eyJaaaaaaaaaa.',
    'URIs without a host': 'a://a:a',
    colons: ':',
    'names of secrets': 'password',
    'names and separators': 'password: ',
    'open quotes': 'password="',
    headers: 'authorization:bearer ',
    signatures: 'X-Amz-Signature=',
    'access keys': 'AKIA',
    dots: '.',
    ellipses: 'abc…',
    'certificates without an end': '-----BEGIN CERTIFICATE-----A',
    'letters of the secret': 'a',
  }

  test.each(Object.entries(repeated))('grows no faster than the text: %s', (_, unit) => {
    const secrets = ['a'.repeat(200), `${'a'.repeat(100)}b`, 'abc'.repeat(50)]
    /** The least of several, in milliseconds of the processor: others use it as well. */
    const measure = (length: number): number => {
      const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
      const runs = [0, 1, 2, 3, 4].map(() => {
        const scrubber = createScrubber(secrets)
        const before = process.cpuUsage()
        scrubber.text(text)
        const { user, system } = process.cpuUsage(before)
        return (user + system) / 1_000
      })
      return Math.min(...runs)
    }
    measure(10_000)
    const short = measure(40_000)
    const long = measure(240_000)
    // Six times the text: 36 times the time would be quadratic. The constant is for what is too quick to measure.
    expect(long).toBeLessThan(15 * short + 5)
  })

  test('a text of ten megabytes is cut first, and the cut hides no piece of a secret', () => {
    const secret = 'correct horse battery staple'
    const limit = 256 * 1024
    const text = `${'x'.repeat(limit - 20)}${secret}${'y'.repeat(10 * 1024 * 1024)}`
    const left = createScrubber([secret]).text(text)
    expect(left.length).toBeLessThanOrEqual(limit)
    expect(left.endsWith(`x${mask}…`)).toBe(true)
  })
})
