import { expect, it } from 'vitest'
import { wordsOf } from '../../../src/connectors/http-api/api-words.ts'

it.each([
  ['{"message":"Not found"}', 'Not found'],
  ['{"title":"Bad","detail":"No such page"}', 'No such page'],
  ['{"error":"invalid_token","error_description":"It has expired"}', 'It has expired'],
  ['{"error":{"code":7,"message":"Denied"}}', 'Denied'],
  ['{"errors":[{"message":"First"},{"message":"Second"}]}', 'First'],
  ['"Just a text"', 'Just a text'],
  ['plain words', 'plain words'],
  ['{"code":7}', null],
  ['{"message":{"a":{"b":{"message":"too deep"}}}}', null],
  ['<html>Sign in</html>', null],
  [`{${'x'.repeat(500)}`, null],
  ['', null],
])('%.50s says %s', (body, words) => {
  expect(wordsOf(body, '')).toBe(words)
})

it('are those of the challenge where the body has none', () => {
  expect(wordsOf('', 'Bearer error="invalid_token"')).toBe('Bearer error="invalid_token"')
  expect(wordsOf('{"message":"No"}', 'Basic')).toBe('No')
})

it('say that they were cut, by which the beginning of a secret is known that is left', () => {
  const long = `${'\n'.repeat(100)}x${'\n'.repeat(100)}${'y'.repeat(95)} s3cret-s3cret`
  for (const said of [wordsOf(JSON.stringify({ message: `-${long.repeat(9)}` }), ''), wordsOf('', long.repeat(9))]) {
    expect(said).toMatch(/…$/)
    expect(said?.length).toBeLessThanOrEqual(300)
  }
})
