import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseExactJson } from '../../../src/connectors/exact-json.ts'
import { cutAt, MemoryFile, namesOf, problemOf, readAll } from './file-reading.ts'

const json = (content: string | Uint8Array | readonly (string | Uint8Array)[], records?: string) =>
  readAll([new MemoryFile('a.json', content)], { json: { records } })

describe('JSON', () => {
  it('is a list of records', async () => {
    const { columns, rows } = await json(' [ {"a":1,"b":"x"} , {"b":null,"c":[{"d":1}]} ]\n')
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['a INTEGER', 'b TEXT', 'c LIST'])
    expect(rows).toEqual([
      [1, 'x', null],
      [null, null, [{ d: 1 }]],
    ])
  })

  test.each<[what: string, content: string, names: string[], rows: unknown[][]]>([
    ['one record', '{"a":1,"b":{"c":[]}}', ['a', 'b'], [[1, { c: [] }]]],
    ['no record', '[]', [], []],
    ['values', '[1,"x",null,[2],{"value":3}]', ['value'], [[1], ['x'], [null], [[2]], [3]]],
    ['a value', '"x"', ['value'], [['x']]],
    ['a byte order mark', '\ufeff[{"a":1}]', ['a'], [[1]]],
    ['escapes', '[{"\\u0061\\n":"\\ud83d\\ude00\\"\\\\\\/"}]', ['a\n'], [['😀"\\/']]],
    [
      'numbers of all kinds',
      '[-0.5e-3,1E2,12345678901234567890,1e999]',
      ['value'],
      [[-0.0005], [100], ['12345678901234567890'], ['1e999']],
    ],
    ['equal names', '[{"a":1,"a":2}]', ['a'], [[2]]],
  ])('may be %s', async (_what, content, names, rows) => {
    const read = await json(content)
    expect([namesOf(read), read.rows]).toEqual([names, rows])
  })

  it('says of numbers that no double holds that they are numbers', async () => {
    const { columns } = await json('[{"i":12345678901234567890,"e":1e999,"s":"12345678901234567890"}]')
    expect(columns.map(({ type }) => type)).toEqual(['INTEGER', 'FLOAT', 'TEXT'])
  })

  it('lets no field name do more than name a field', async () => {
    const read = await json('[{"__proto__":{"__proto__":1},"constructor":2}]')
    expect(namesOf(read)).toEqual(['__proto__', 'constructor'])
    expect(JSON.stringify(read.rows)).toBe('[[{"__proto__":1},2]]')
    expect(Object.hasOwn(Object.prototype, '1')).toBe(false)
  })

  it('gives what JSON.parse gives, wherever the file is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue({ maxDepth: 3, noUnicodeString: false }), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.constantFrom(undefined, 1, '\r\n\t '),
        async (values, cuts, space) => {
          // The list in a field, so that records of any kind are in one column.
          const records = values.map(value => ({ v: value }))
          const content = Buffer.from(
            JSON.stringify({ before: [[{}]], data: { list: records }, after: 'x' }, null, space),
          )
          const read = await json(cutAt(content, cuts), 'data.list')
          expect(read.rows).toEqual(values.map(value => [parseExactJson(JSON.stringify(value))]))
        },
      ),
    )
  })

  it('keeps U+FEFF where it is part of a text, at the beginning of its pieces too', async () => {
    const texts = [
      '\ufeff',
      '\ufeffa',
      'a\ufeff',
      `${'x'.repeat(2 ** 16)}\ufeff`,
      `${'x'.repeat(2 ** 16 - 3)}\ufeff\ufeff`,
    ]
    const content = `\ufeff${JSON.stringify(texts.map(text => ({ '\ufeffname': text })))}`
    const read = await json(content)
    expect(namesOf(read)).toEqual(['\ufeffname'])
    expect(read.rows).toEqual(texts.map(text => [text]))
  })

  it('is read without the rest of the document: records come before it ends', async () => {
    const record = `${JSON.stringify({ a: 'x'.repeat(10_000) })},`
    const file = new MemoryFile('a.json', ['{"data":[', ...Array.from({ length: 1_000 }, () => record)])
    const read = await readAll([file], { json: { records: 'data' } }, 1)
    expect(read.rows.length).toBeGreaterThan(0)
    expect(file.taken).toBeLessThan(200)
    expect(file.ended).toBe(1)
  })
})

describe('the path to the records', () => {
  const content = '{"meta":{"items":[9]},"data":{"x":1,"items":[{"a":1},{"a":2}],"y":[1]},"z":{"data":{"items":[3]}}}'

  it('leads to a list, past fields of the same names elsewhere', async () => {
    expect((await json(content, 'data.items')).rows).toEqual([[1], [2]])
  })

  it('may lead to one record, or to null for none', async () => {
    expect((await json(content, 'meta')).rows).toEqual([[[9]]])
    expect((await json('{"data":null}', 'data')).rows).toEqual([])
  })

  test.each([
    ['data.foo', content, '"data" has no field "foo". What there is: "x", "items", "y".'],
    ['foo.items', content, 'The document has no field "foo". What there is: "meta", "data", "z".'],
    ['data.items.a', content, '"data.items" is a list, and no object.'],
    ['data.x', content, '"data.x" is a number, and no list.'],
    ['data.x.y', content, '"data.x" is a number, and no object.'],
    ['a', '[{"a":[1]}]', 'The document is a list, and no object.'],
    ['a', '{}', 'The document has no field "a". What there is: none.'],
    ['a.b', '{"a":{}}', '"a" has no field "b". What there is: none.'],
    ['__proto__', '{"a":1}', 'The document has no field "__proto__". What there is: "a".'],
  ])('that leads nowhere is told with what is there: %s', async (path, document, detail) => {
    const problem = await problemOf(json(document, path))
    expect(problem).toMatchObject({ code: 'QUERY_INVALID', fields: ['json.records'], detail })
  })
})

describe('JSON that is none', () => {
  test.each<[what: string, content: string | Uint8Array, where: string]>([
    ['nothing', '', 'byte 0: it ends too early'],
    ['half a list', '[{"a":1}', 'byte 8: it ends too early'],
    ['half a record', '[{"a":', 'byte 6: it ends too early'],
    ['half a word', '[tru', 'it is not JSON'],
    ['a comma too many', '[{"a":1},]', 'byte 9: unexpected "]"'],
    ['a comma too few', '[{"a":1}{"a":2}]', 'byte 8: unexpected "{"'],
    ['a name without a value', '{"a"}', 'byte 4: unexpected "}"'],
    ['a value without a name', '{1:2}', 'byte 1: unexpected'],
    ['the wrong bracket', '[{"a":1]]', 'byte 7: unexpected "]"'],
    ['two documents', '[1]\n[2]', 'byte 4: unexpected "["'],
    ['NDJSON', '{"a":1}\n{"a":2}\n', 'byte 8: unexpected "{"'],
    ['something else', '<html>', 'byte 0: it is not JSON'],
    ['bytes that are no characters', Buffer.from([0x5b, 0x22, 0xff, 0xff, 0x22, 0x5d]), 'it is not JSON in UTF-8'],
    ['nested without end', '['.repeat(100_000), 'byte 1000: more than 1000 levels of nesting'],
    ['nested without end in a record', `[${'{"a":'.repeat(100_000)}`, 'more than 1000 levels of nesting'],
  ])('is refused with its byte: %s', async (_what, content, where) => {
    const problem = await problemOf(json(content))
    expect(problem).toMatchObject({ code: 'FILE_MALFORMED', params: { key: 'a.json', format: 'JSON' } })
    expect(problem.detail).toContain(where)
  })

  it('is told as JSON.parse tells it', async () => {
    const token = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', 'null', ' ')
    await fc.assert(
      fc.asyncProperty(fc.array(token, { minLength: 1, maxLength: 8 }), async tokens => {
        const content = tokens.join('')
        const isJson = (() => {
          try {
            JSON.parse(content)
            return true
          } catch {
            return false
          }
        })()
        const problem = await problemOf(json(content)).catch(() => null)
        expect(problem?.code ?? null).toBe(isJson ? null : 'FILE_MALFORMED')
      }),
      { numRuns: 1_000 },
    )
  })

  it('is refused before the values of a record fill the memory, which are small but many', async () => {
    for (const item of ['{}', '1', '[[]]', '{"a":1}']) {
      const problem = await problemOf(json(`[1,[${`${item},`.repeat(300_000)}1]]`))
      expect(problem).toMatchObject({ code: 'RESULT_TOO_LARGE', params: { limit: '262144 values in one record' } })
    }
    expect((await json(`[${'1,'.repeat(300_000)}1]`)).rows).toHaveLength(300_001)
  })

  test.each([
    ['in a record', '[{"a":"'],
    ['in a list of a record', '[{"a":["'],
    ['outside of records', '{"x":"'],
  ])('is refused before something fills the memory %s', async (_where, begin) => {
    const file = new MemoryFile('a.json', [begin, ...Array.from({ length: 20 }, () => 'x'.repeat(2 ** 20))])
    const problem = await problemOf(readAll([file], begin.startsWith('{') ? { json: { records: 'data' } } : {}))
    expect(problem).toMatchObject({ code: 'RESULT_TOO_LARGE', params: { limit: '8 MB in one record' } })
    expect(file.taken).toBeLessThan(12)
  })
})
