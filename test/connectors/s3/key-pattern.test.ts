import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseKeyPattern, patternIssue } from '../../../src/connectors/s3/key-pattern.ts'

const matches = (pattern: string, key: string): boolean => parseKeyPattern(pattern).matches(key)

/** What a pattern means, said as plainly as possible, however long that takes. */
function naivelyMatches(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return key.length === 0
  const [character, ...others] = key
  if (first === '**') {
    return naivelyMatches(rest, key) || (character !== undefined && naivelyMatches(pattern, others))
  }
  if (first === '*') {
    const mayGoOn = character !== undefined && character !== '/'
    return naivelyMatches(rest, key) || (mayGoOn && naivelyMatches(pattern, others))
  }
  if (character === undefined) return false
  if (first === '?') return character !== '/' && naivelyMatches(rest, others)
  return first.replace(/^\\(?=.)/s, '') === character && naivelyMatches(rest, others)
}

/** Few of them, so that keys and patterns meet. */
const characters = ['a', 'b', '/', '.', ' ', '+', '%', '*', '?', '\\', 'é', 'e\u0301', '😀'] as const
const spelled = (character: string): string => (/^[*?\\]$/.test(character) ? `\\${character}` : character)
const token = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('*', '**', '?') },
  { weight: 4, arbitrary: fc.constantFrom(...characters).map(spelled) },
)
/** No two wildcards for texts side by side: their stars would run together. */
const tokens = fc
  .array(token, { maxLength: 9 })
  .map(list => list.filter((item, at) => !(/^\*/.test(item) && /^\*/.test(list[at - 1] ?? ''))))
const key = fc.array(fc.constantFrom(...characters), { maxLength: 9 }).map(parts => parts.join(''))
/** Of two code points as well as of one. */
const inCharacters = (list: readonly string[]): readonly string[] =>
  list.flatMap(item => (item.length > 1 && !/^[*\\]/.test(item) ? [...item] : [item]))

describe('a pattern of keys', () => {
  it.each([
    ['exports/*.csv', 'exports/a.csv', true],
    ['exports/*.csv', 'exports/2026/a.csv', false],
    ['exports/*.csv', 'exports/.csv', true],
    ['exports/**.csv', 'exports/2026/11/a.csv', true],
    ['exports/**/a.csv', 'exports/a.csv', false],
    ['exports/**/a.csv', 'exports//a.csv', true],
    ['exports/*/a.csv', 'exports//a.csv', true],
    ['exports/?.csv', 'exports/😀.csv', true],
    ['exports?a.csv', 'exports/a.csv', false],
    ['**', '', true],
    ['**', '/', true],
    ['*', 'a/b', false],
    ['a/***/b', 'a/x/y/b', true],
    ['a.csv', 'a.csv', true],
    ['a.csv', 'aXcsv', false],
    ['a.csv', 'a.csv ', false],
    ['A.csv', 'a.csv', false],
    ['/a', '/a', true],
    ['/a', 'a', false],
    ['a//b', 'a/b', false],
    ['a+b%20c', 'a+b%20c', true],
    ['a+b', 'a b', false],
    ['\\*\\?\\\\', '*?\\', true],
    ['\\*', 'a', false],
    ['[a-c]{x,y}', '[a-c]{x,y}', true],
    ['[a-c]', 'b', false],
    // Composed and decomposed: two objects to S3.
    ['caf\u00e9', 'cafe\u0301', false],
    ['caf?', 'caf\u00e9', true],
    ['caf?', 'cafe\u0301', false],
    ['line\n*', 'line\nbreak', true],
  ])('%j and the key %j: %s', (pattern, key, expected) => {
    expect(matches(pattern, key)).toBe(expected)
  })

  it('matches what its plain meaning says', () => {
    let matched = 0
    fc.assert(
      fc.property(tokens, key, (list, text) => {
        const expected = naivelyMatches(inCharacters(list), [...text])
        if (expected) matched += 1
        expect(matches(list.join(''), text)).toBe(expected)
      }),
      { numRuns: 20_000 },
    )
    expect(matched).toBeGreaterThan(500)
  })

  it('matches keys that are made of it', () => {
    const filling = fc.array(fc.constantFrom('a', '/', '.', '😀'), { maxLength: 4 }).map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.array(fc.tuple(token, filling), { maxLength: 12 }), pairs => {
        const made = pairs.map(([item, filled]) => {
          if (item === '**') return filled
          if (item === '*') return filled.replaceAll('/', '')
          return item === '?' ? 'q' : item.replace(/^\\(?=.)/, '')
        })
        const pattern = pairs.map(([item]) => item).join('')
        const text = made.join('')
        expect(matches(pattern, text)).toBe(true)
        expect(text.startsWith(parseKeyPattern(pattern).literalPrefix)).toBe(true)
      }),
    )
  })

  it.each([
    ['exports/2026/*.csv', 'exports/2026/', true],
    ['exports/20*/a.csv', 'exports/20', false],
    ['exports/20*', 'exports/20', true],
    ['exports/**', 'exports/', false],
    ['exports/a?', 'exports/a', true],
    ['exports/a.csv', 'exports/a.csv', true],
    ['\\*a\\\\/\\?*', '*a\\/?', true],
    ['*', '', true],
  ])('%j: all of its keys begin with %j, none has a slash behind that: %s', (pattern, prefix, staysInFolder) => {
    expect(parseKeyPattern(pattern)).toMatchObject({ literalPrefix: prefix, staysInFolder })
  })

  it('promises no slash only where no key that matches has one', () => {
    fc.assert(
      fc.property(tokens, key, (list, text) => {
        const { literalPrefix, staysInFolder, matches } = parseKeyPattern(list.join(''))
        fc.pre(staysInFolder && matches(text))
        expect(text.slice(literalPrefix.length)).not.toContain('/')
      }),
      { numRuns: 2_000 },
    )
  })

  // Whoever tries one way after the other would not come back from any of these.
  it.each([
    ['*a'.repeat(500), 'a'.repeat(1_023), true],
    [`${'*a'.repeat(500)}b`, 'a'.repeat(1_024), false],
    [`${'**a*b'.repeat(200)}c`, 'ab/'.repeat(341), false],
    [`${'**/'.repeat(340)}x`, '/'.repeat(1_024), false],
    [`${'?*'.repeat(500)}b`, 'a'.repeat(1_024), false],
  ])('is done with what is made to take long (case %#)', (pattern, key, expected) => {
    expect(matches(pattern, key)).toBe(expected)
  })

  it.each(['a\\b', 'a\\', '\\/'])('%j has a backslash that means nothing', pattern => {
    expect(patternIssue(pattern)).toMatch(/backslash/)
  })

  it.each(['a\\*', '\\\\', '\\?*', 'a*?**'])('%j is one', pattern => {
    expect(patternIssue(pattern)).toBeNull()
  })
})
