import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanText } from '../../../src/connectors/problem.ts'
import { createScrubber, mask } from '../../../src/connectors/scrub/scrubber.ts'
import { encodings } from './encodings.ts'

/** Without spaces at its ends, which forms would take away, and without what the mask is made of. */
const secrets = fc
  .string({ unit: 'grapheme', minLength: 6, maxLength: 60 })
  .filter(text => text.isWellFormed() && text === text.trim() && !/[•…\ufffd\p{Cc}\p{Cf}\s]/u.test(text))
const around = fc.string({ unit: fc.constantFrom('~', ' ', '|', 'zq'), maxLength: 30 })
const encoders = fc.constantFrom(...Object.values(encodings))

const pieces = (text: string, length: number): string[] =>
  Array.from({ length: Math.max(0, text.length - length + 1) }, (_, at) => text.slice(at, at + length))

/** The longest run of characters of `written` that is left in what was scrubbed. */
function longestLeft(scrubbed: string, written: string): number {
  const parts = scrubbed.split(mask)
  let length = 0
  while (
    length < written.length &&
    pieces(written, length + 1).some(piece => parts.some(part => part.includes(piece)))
  ) {
    length++
  }
  return length
}

/** What of a secret is also in the text around it says nothing, nor what its ends make together with that text. */
function isApart(written: string, before: string, after: string): boolean {
  const edges = [before.trimEnd().slice(-1) + written.slice(0, 3), written.slice(-3) + after.trimStart().slice(0, 1)]
  return (
    [before, after].every(text => longestLeft(text, written) < 2) &&
    edges.every(edge => edge.length < 4 || !written.includes(edge))
  )
}

describe('a secret in pieces', () => {
  test('leaves at most three characters beside the mark of a cut, wherever the text was cut', () => {
    fc.assert(
      fc.property(
        secrets,
        encoders,
        around,
        around,
        fc.nat(),
        fc.nat(),
        (secret, encode, before, after, one, other) => {
          const written = encode(secret)
          fc.pre(isApart(written, before, after))
          const text = before + written + after
          const [start = 0, end = 0] = [one % text.length, other % (text.length + 1)].sort((a, b) => a - b)
          const shown = `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
          expect(longestLeft(createScrubber([secret]).text(shown), written)).toBeLessThan(4)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('leaves at most eleven characters at an edge that does not say that it was cut', () => {
    fc.assert(
      fc.property(
        secrets,
        encoders,
        around,
        around,
        fc.nat(),
        fc.nat(),
        (secret, encode, before, after, one, other) => {
          const written = encode(secret)
          fc.pre(isApart(written, before, after))
          const text = before + written + after
          const [start = 0, end = 0] = [one % text.length, other % (text.length + 1)].sort((a, b) => a - b)
          expect(longestLeft(createScrubber([secret]).text(text.slice(start, end)), written)).toBeLessThan(12)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  /** A text parted at random places, each part as a note. */
  const parted = (text: string, cuts: readonly number[]): string[] => {
    const places = [0, ...cuts.map(cut => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
    return places.slice(1).map((place, index) => text.slice(places[index], place))
  }

  test('leaves at most three characters in all the notes that it comes in, one after the other', () => {
    const cuts = fc.array(fc.nat(), { maxLength: 40 })
    fc.assert(
      fc.property(secrets, encoders, around, around, cuts, (secret, encode, before, after, places) => {
        const written = encode(secret)
        fc.pre(isApart(written, before, after))
        const note = createScrubber([secret]).notes()
        // As they come from a connector host: without the spaces around them.
        const told = parted(before + written + after, places).map(part => note(cleanText(part, 200)))
        expect(longestLeft(told.join(''), written)).toBeLessThan(4)
      }),
      { numRuns: 2_000 },
    )
  })

  test('leaves at most three characters in each note, also where others were lost in between', () => {
    const cuts = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 10 })
    fc.assert(
      fc.property(secrets, encoders, around, around, cuts, (secret, encode, before, after, places) => {
        const written = encode(secret)
        fc.pre(isApart(written, before, after))
        const note = createScrubber([secret]).notes()
        const parts = parted(
          before + written + after,
          places.map(([place]) => place),
        )
        for (const part of parts.filter((_, index) => places[index]?.[1] ?? true)) {
          expect(longestLeft(note(part), written)).toBeLessThan(4)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('is found across notes that were cut, and notes without a piece of it are left', () => {
    const note = createScrubber(['correct horse battery staple']).notes()
    expect(note('signing in')).toBe('signing in')
    expect(note('sent cor')).toBe('sent cor')
    expect(note('rect horse')).toBe(mask)
    expect(note('battery')).toBe(mask)
    expect(note('staple to the server')).toBe(`${mask} to the server`)
    expect(note('the server is starting')).toBe('the server is starting')
  })

  test('is found in a message that quotes a text which was cut', () => {
    const { text } = createScrubber(['correct horse battery staple'])
    expect(text('it looks like "say correct ho…" to me')).toBe(`it looks like "say ${mask}…" to me`)
    expect(text('it looks like "...ttery staple" to me')).toBe(`it looks like "...${mask}" to me`)
  })

  test('is found where only characters that do not print were cut off', () => {
    const { text } = createScrubber(['correct horse battery staple'])
    const cut = cleanText(`a${'\u0007'.repeat(1_990)}correct horse battery staple`, 200)
    expect(cut).toBe('a correct h…')
    expect(text(cut)).toBe(`a ${mask}…`)
  })
})
