import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseExactJson } from '../../../src/connectors/exact-json.ts'
import { cutAt, MemoryFile, namesOf, problemOf, readAll } from './file-reading.ts'

const lines = (content: string | Uint8Array | readonly (string | Uint8Array)[], name = 'a.ndjson') =>
  readAll([new MemoryFile(name, content)])

describe('NDJSON', () => {
  it('has a column for each field of its records, in the order in which they were first seen', async () => {
    const { columns, rows } = await lines('{"a":1,"b":"x"}\n{"c":[1],"a":2.5}\n{"d":{"e":null},"f":true,"g":null}\n')
    expect(columns).toEqual([
      { name: 'a', nativeType: 'integer | number', type: 'FLOAT' },
      { name: 'b', nativeType: 'string', type: 'TEXT' },
      { name: 'c', nativeType: 'array', type: 'LIST' },
      { name: 'd', nativeType: 'object', type: 'JSON' },
      { name: 'f', nativeType: 'boolean', type: 'BOOLEAN' },
      { name: 'g', nativeType: 'null', type: 'OTHER' },
    ])
    expect(rows).toEqual([
      [1, 'x', null, null, null, null],
      [2.5, null, [1], null, null, null],
      [null, null, null, { e: null }, true, null],
    ])
  })

  it('skips blank lines and a byte order mark, and takes both line ends', async () => {
    expect((await lines('\ufeff{"a":1}\r\n\r\n  \n{"a":2}')).rows).toEqual([[1], [2]])
  })

  it('gives records that are no objects in a column of their own', async () => {
    const read = await lines('1\n[1,2]\n"x"\nnull\n{"value":5}\n', 'a.JSONL')
    expect(namesOf(read)).toEqual(['value'])
    expect(read.rows).toEqual([[1], [[1, 2]], ['x'], [null], [5]])
  })

  it('keeps numbers exact that a double cannot hold, and says that they are numbers', async () => {
    const { columns, rows } = await lines(
      '{"i":9007199254740993,"n":[123456789012345678901],"e":1e999,"s":"9007199254740993"}\n{"i":1,"e":1.5}\n',
    )
    expect(columns.map(({ type }) => type)).toEqual(['INTEGER', 'LIST', 'FLOAT', 'TEXT'])
    expect(rows[0]).toEqual(['9007199254740993', ['123456789012345678901'], '1e999', '9007199254740993'])
  })

  it('lets no field name do more than name a field; of equal ones the last counts', async () => {
    const read = await lines('{"__proto__":{"x":1},"constructor":2,"a":1,"a":3}\n{"toString":4}\n')
    expect(namesOf(read)).toEqual(['__proto__', 'constructor', 'a', 'toString'])
    expect(read.rows).toEqual([
      [{ x: 1 }, 2, 3, null],
      [null, null, null, 4],
    ])
  })

  it('loses no field that appears only later, be it called __proto__', async () => {
    const many = Array.from({ length: 1_500 }, (_, index) => JSON.stringify({ id: index, text: 'x'.repeat(1_000) }))
    const read = await lines([...many, '{"id":-1,"late":1,"__proto__":2}'].join('\n'))
    expect(namesOf(read)).toEqual(['id', 'text', '(other fields)'])
    expect(read.rows).toHaveLength(1_501)
    expect(read.rows[0]?.[2]).toBeNull()
    expect(JSON.stringify(read.rows.at(-1))).toBe('[-1,null,{"late":1,"__proto__":2}]')
  })

  it('gives records without any fields, as there are so many', async () => {
    const read = await lines('{}\n{}\n')
    expect([namesOf(read), read.rows]).toEqual([['(other fields)'], [[null], [null]]])
  })

  it('gives the same rows wherever the file is cut into pieces', async () => {
    const record = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), {
      maxKeys: 4,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (records, cuts) => {
          const content = Buffer.from(records.map(item => JSON.stringify(item)).join('\n'))
          const read = await lines(cutAt(content, cuts))
          expect(read).toEqual(await lines(content))
          expect(read.rows).toHaveLength(records.length)
          const names = namesOf(read)
          read.rows.forEach((row, index) => {
            const expected = parseExactJson(JSON.stringify(records[index])) as Record<string, unknown>
            for (const [name, value] of Object.entries(expected)) expect(row[names.indexOf(name)]).toEqual(value)
          })
        },
      ),
    )
  })
})

describe('NDJSON that is none', () => {
  test.each<[what: string, content: string | Uint8Array, where: string]>([
    ['something else', '{"a":1}\n\n{"a":}\n', 'line 3'],
    ['half a record', '{"a":1}\n{"a":', 'line 2'],
    ['two records in a line', '{"a":1}{"a":2}', 'line 1, column 8'],
    [
      'bytes that are no characters',
      Buffer.from([0x31, 0x0a, 0x0a, 0x22, 0xff, 0x22, 0x0a, 0x31]),
      'line 3: it is not UTF-8',
    ],
    ['a record that is nested without end', `1\n${'['.repeat(100_000)}`, 'line 2: more than 1000 levels'],
  ])('is refused with its line: %s', async (_what, content, where) => {
    const problem = await problemOf(lines(content))
    expect(problem).toMatchObject({ code: 'FILE_MALFORMED', params: { key: 'a.ndjson', format: 'NDJSON' } })
    expect(problem.detail).toContain(where)
  })

  it('may have as many brackets in a text as it likes', async () => {
    const text = `\\"${'['.repeat(5_000)}`
    expect((await lines(`{"a":"${text}"}`)).rows).toEqual([[JSON.parse(`"${text}"`)]])
  })

  it('is refused before its values fill the memory, which are small but many', async () => {
    for (const item of ['{}', '1', '[[]]']) {
      const problem = await problemOf(lines(`1\n[${`${item},`.repeat(300_000)}1]\n`))
      expect(problem).toMatchObject({ code: 'RESULT_TOO_LARGE', params: { limit: '262144 values in one record' } })
      expect(problem.detail).toBe('line 2 of "a.ndjson"')
    }
    expect((await lines(`["${'[,{'.repeat(300_000)}"]`)).rows).toHaveLength(1)
  })

  it('is refused before a line fills the memory', async () => {
    const file = new MemoryFile('a.ndjson', ['{"a":1}\n', ...Array.from({ length: 20 }, () => ' '.repeat(2 ** 20))])
    const problem = await problemOf(readAll([file]))
    expect(problem).toMatchObject({ code: 'RESULT_TOO_LARGE', params: { limit: '8 MB in one record' } })
    expect(problem.detail).toContain('line 2')
    expect(file.taken).toBeLessThan(12)
  })
})
