import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPathIssue, pathText, readJsonPath } from '../../../src/connectors/http-api/json-path.ts'

describe('a JSONPath', () => {
  it.each([
    '$',
    '$.data.items[*]',
    '$["a b"][0]',
    '$..items[*]',
    '$.data[?@.status == "open" && !(@.hidden == true)]',
    '$.data[?length(@.tags) > 1]',
    '$.data[-1:].id',
    '$["match(x)"]',
  ])('may be %s', path => {
    expect(jsonPathIssue(path)).toBeNull()
  })

  it.each([
    ['', /RFC 9535/],
    ['data.items', /RFC 9535/],
    ['$.data[', /RFC 9535/],
    ['$[?match(@.a, "(a+)+b")]', /match/],
    ['$[?search(@.a, "x")]', /match/],
    ['$[?@.a == $.b]', /"@"/],
    ['$[?count($[*]) > 1]', /"@"/],
    ['$..a..b', /once/],
    ['$[?@..a]', /once/],
    ['$..[?count(@..*) > 0]', /once/],
    [`$${'[0,0,0,0]'.repeat(3)}`, /too many selectors/],
    ['$[?((((( @.a )))))]', /parentheses/],
  ])('may not be %s', (path, issue) => {
    expect(jsonPathIssue(path)).toMatch(issue)
  })

  it.each(['length(', 'count(', 'value(', '(', '!(', 'length(@.a,(', '@.a&&(', '("a"==('])(
    'of many %s is refused at once',
    { timeout: 2_000 },
    piece => {
      for (const times of [10, 20, 60]) {
        expect(jsonPathIssue(`$[?${piece.repeat(times)}`.slice(0, 500))).not.toBeNull()
      }
    },
  )

  it('of any text is judged quickly, and never by throwing', { timeout: 20_000 }, () => {
    const piece = fc.constantFrom(
      '$',
      '[',
      ']',
      '(',
      ')',
      '?',
      '@',
      '.',
      '..',
      '*',
      'a',
      '"x"',
      '==',
      '&&',
      '!',
      ',',
      ':',
      '1',
      'length(',
      'value(',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 120 }), pieces => {
        const issue = jsonPathIssue(`$[?${pieces.join('')}`)
        expect(issue === null || issue.endsWith('.')).toBe(true)
      }),
    )
  })

  it('is written as it was read', () => {
    for (const path of ['$.a.b', '$["a\\"b"][*]', '$..a[1:2:1]', '$.*', '$[0,"x"]']) {
      const read = readJsonPath(path)
      if (read.kind === 'NONE') throw new Error(read.issue)
      const text = pathText(read.segments)
      const again = readJsonPath(text)
      expect(again).toEqual(read)
    }
  })
})
