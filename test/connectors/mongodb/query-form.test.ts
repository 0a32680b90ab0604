import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from '../../../src/connectors/mongodb/json-text.ts'
import { queryForm } from '../../../src/connectors/mongodb/query-form.ts'

function issues(operation: unknown, change: Record<string, unknown> = {}): Record<string, string> {
  const parsed = queryForm.schema.safeParse({ database: 'shop', collection: 'orders', operation, ...change })
  return Object.fromEntries((parsed.error?.issues ?? []).map(issue => [issue.path.join('.'), issue.message]))
}
const filterIssue = (filter: string) => issues({ find: { filter } })['operation.find.filter']
const stagesIssue = (stages: string) => issues({ pipeline: { stages } })['operation.pipeline.stages']

describe('the query form of MongoDB', () => {
  it('finds everything in a collection when nothing is said', () => {
    expect(queryForm.schema.parse({ database: 'shop', collection: 'orders' }).operation).toEqual({
      find: { filter: '{}' },
    })
  })

  it.each([
    [
      '{ "a": 1,\n  "b": }',
      'Line 2, column 8: this is not Extended JSON. There is a comma too many, or something is missing.',
    ],
    ['{ a: 1 }', 'Line 1, column 3: this is not Extended JSON. Names stand in double quotes.'],
    ["{ 'a': 1 }", 'Line 1, column 3: this is not Extended JSON. Use double quotes.'],
    [
      '{ "_id": ObjectId("65a1") }',
      'Line 1, column 10: this is not Extended JSON. Write values as { "$oid": "..." }, { "$date": "..." } and the like, not as calls.',
    ],
    ['{ "a": /x/i }', 'Line 1, column 8: this is not Extended JSON. Write regular expressions as { "$regex": "..." }.'],
    ['{\n  // all\n}', 'Line 2, column 3: this is not Extended JSON. Comments are not possible.'],
    ['{ "a": {\n', 'Line 2: the text ends too early.'],
    [' ', 'Line 1: there is nothing here. Give Extended JSON.'],
    ['[]', 'Give one document: { ... }.'],
    ['5', 'Give one document: { ... }.'],
    ['null', 'Give one document: { ... }.'],
  ])('says what is wrong with the filter %j, and where', (filter, message) => {
    expect(filterIssue(filter)).toBe(message)
  })

  it.each([
    ['{}', 'Give a list of stages: [ { ... } ].'],
    ['[{}]', 'Stage 1 must be a document with one name: { "$match": ... }.'],
    [
      '[{ "$match": {} }, { "$match": {}, "$limit": 1 }]',
      'Stage 2 must be a document with one name: { "$match": ... }.',
    ],
    ['[5]', 'Stage 1 must be a document with one name: { "$match": ... }.'],
  ])('says what is wrong with the stages %j', (stages, message) => {
    expect(stagesIssue(stages)).toBe(message)
  })

  it('refuses numbers that JSON would round, rather than asking for others', () => {
    expect(filterIssue('{\n"id": 9007199254740993 }')).toBe(
      'Line 2: the number 9007199254740993 is too exact for JSON. Write { "$numberLong": "..." } or { "$numberDecimal": "..." }.',
    )
    expect(filterIssue('{ "id": 9007199254740991, "a": 0.1, "b": 1e3 }')).toBeUndefined()
    expect(filterIssue('{ "a": 1e999 }')).toContain('too exact')
  })

  it.each([
    ['{ "$numberInt": "12x" }', 'numberInt'],
    ['{ "$numberInt": "2147483648" }', 'numberInt'],
    ['{ "$numberInt": 5 }', 'numberInt'],
    ['{ "$numberLong": "9223372036854775808" }', 'numberLong'],
    ['{ "$numberLong": "1.5" }', 'numberLong'],
    ['{ "$numberLong": 5 }', 'numberLong'],
    ['{ "$numberDouble": "" }', 'numberDouble'],
    ['{ "$numberDouble": "one" }', 'numberDouble'],
    ['{ "$numberDecimal": "one" }', 'numberDecimal'],
    ['{ "$date": "yesterday" }', 'date'],
    ['{ "$date": "2026-02-30T00:00:00Z" }', 'date'],
    ['{ "$date": "2026-01-01T25:00:00Z" }', 'date'],
    ['{ "$date": "2026-01-01T00:00:00" }', 'date'],
    ['{ "$date": { "$numberLong": "x" } }', 'date'],
    ['{ "$date": null }', 'date'],
    ['{ "$oid": "65a1" }', 'oid'],
    ['{ "$uuid": "65a1" }', 'uuid'],
    ['{ "$binary": { "base64": "!!!", "subType": "00" } }', 'binary'],
    ['{ "$binary": { "base64": "AQI=", "subType": "x" } }', 'binary'],
    ['{ "$binary": { "base64": "AQI=" } }', 'binary'],
    ['{ "$timestamp": { "t": -1, "i": 1 } }', 'timestamp'],
    ['{ "$timestamp": { "t": 1, "i": 1, "$where": "1" } }', 'timestamp'],
    ['{ "$regularExpression": { "pattern": "a", "options": "g" } }', 'regularExpression'],
    ['{ "$regularExpression": "a" }', 'regularExpression'],
    ['{ "$minKey": 5 }', 'minKey'],
  ])('refuses the value %s, which would be sent as another one', (value, type) => {
    const message = `${JSON.stringify(JSON.parse(value))} is no ${type} of Extended JSON.`
    expect(filterIssue(`{ "a": [${value}] }`)).toBe(message)
    expect(stagesIssue(`[{ "$match": { "a": ${value} } }]`)).toBe(message)
  })

  it.each([
    [
      '{ "a": { "$gt": 1 },\n"a": 5 }',
      'Line 2: the name "a" stands in this document already; only one of the two would count.',
    ],
    [
      '{ "b": { "x": 1, "\\u0078": 2 } }',
      'Line 1: the name "x" stands in this document already; only one of the two would count.',
    ],
    [
      '{ "name": 1, "2024": -1 }',
      'Line 1: the name "2024" would be moved to the front, because it is a whole number. Write it there.',
    ],
    [
      '{ "2": 1, "1": 1 }',
      'Line 1: the name "1" would be moved to the front, because it is a whole number. Write it there.',
    ],
    ['{ "a\\u0000b": 1 }', 'A name has the NUL character in it.'],
    ['{ "a": "\\ud800" }', 'A text has half a character in it.'],
    ['{ "\\udc00": 1 }', 'A text has half a character in it.'],
  ])('refuses %j, of which something would be lost on its way', (filter, message) => {
    expect(filterIssue(filter)).toBe(message)
  })

  it('takes the same name in several documents', () => {
    expect(filterIssue('{ "a": { "b": 1 }, "c": [{ "a": 1 }, { "a": 2 }] }')).toBe(undefined)
  })

  it('refuses what is nested so deeply that nobody could walk it', () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(filterIssue(nested(100))).toBeUndefined()
    expect(filterIssue(nested(130))).toBe('This is nested too deeply.')
    expect(filterIssue(nested(40_000))).toBe('This is nested too deeply.')
  })

  it('refuses names that are none', () => {
    for (const database of ['', 'a b', 'a.b', '$a', 'a/b', 'a"b', 'a\0']) {
      expect(Object.keys(issues(undefined, { database })), database).toEqual(['database'])
    }
    for (const collection of ['', '$cmd', 'a$b', '.a', 'a.', 'a\0', 'system.users', 'system.profile', 'oplog.$main']) {
      expect(Object.keys(issues(undefined, { collection })), collection).toEqual(['collection'])
    }
    expect(issues(undefined, { collection: 'orders.2024 old' })).toEqual({})
  })

  it('has a place for nothing but find and pipelines', () => {
    for (const operation of [{ mapReduce: {} }, { command: '{}' }, { aggregate: '[]' }, {}]) {
      expect(Object.keys(issues(operation)).length, JSON.stringify(operation)).toBeGreaterThan(0)
    }
  })

  it('reads every JSON as it stands, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), value => {
        expect(readJson(JSON.stringify(value))).toMatchObject({ kind: expect.stringMatching(/VALUE|ISSUE/) })
      }),
    )
    // Bits of JSON, so that many of them are nearly one.
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-0.5e3',
      'true',
      ' ',
      '\n',
      '\\',
      '\u0001',
    )
    const nearly = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map(pieces => pieces.join('')),
    )
    fc.assert(
      fc.property(nearly, text => {
        const read = readJson(text)
        if (read.kind === 'ISSUE') {
          expect(read.message).toMatch(/^Line \d+/)
          // JSON all the same, but not what would be sent.
          const isMeantOtherwise = /stands in this document already|is too exact for JSON/.test(read.message)
          if (!isMeantOtherwise) expect(() => JSON.parse(text)).toThrow()
        } else expect(read.value).toEqual(JSON.parse(text))
      }),
      { numRuns: 2_000, examples: [['-0.5e311']] },
    )
  })
})
