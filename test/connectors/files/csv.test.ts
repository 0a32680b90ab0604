import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { FileProblemError } from '../../../src/connectors/files/file-problem.ts'
import { cutAt, MemoryFile, namesOf, type optionsWith, problemOf, readAll } from './file-reading.ts'

type CsvOptions = Partial<ReturnType<typeof optionsWith>['csv']>

const csv = (content: string | Uint8Array | readonly (string | Uint8Array)[], options: CsvOptions = {}) =>
  readAll([new MemoryFile('a.csv', content)], { csv: options })

const rowsOf = async (content: string, options?: CsvOptions) => (await csv(content, options)).rows

describe('CSV', () => {
  it('gives every value as it is written', async () => {
    const { columns, rows } = await csv('id,amount,note\n007,1.50,true\n-0,1e3,  spaced \n')
    expect(columns).toEqual([
      { name: 'id', nativeType: 'text', type: 'TEXT' },
      { name: 'amount', nativeType: 'text', type: 'TEXT' },
      { name: 'note', nativeType: 'text', type: 'TEXT' },
    ])
    expect(rows).toEqual([
      ['007', '1.50', 'true'],
      ['-0', '1e3', '  spaced '],
    ])
  })

  it('tells an empty text, which is in quotes, from no value', async () => {
    expect(await rowsOf('a,b,c\n,"",x\n')).toEqual([[null, '', 'x']])
  })

  test.each<[what: string, content: string, rows: (string | null)[][]]>([
    ['quotes in quotes', 'a,b\n"say ""hi""",""""\n', [['say "hi"', '"']]],
    ['separators in quotes', 'a,b\n"1,5",x\n', [['1,5', 'x']]],
    ['line breaks in quotes', 'a,b\n"1\n2\r\n3\r4",x\n', [['1\n2\r\n3\r4', 'x']]],
    [
      'CRLF',
      'a,b\r\n1,2\r\n3,4\r\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'CR',
      'a,b\r1,2\r3,4\r',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'line ends of several kinds',
      'a,b\r\n1,2\n3,4\r5,6',
      [
        ['1', '2'],
        ['3', '4'],
        ['5', '6'],
      ],
    ],
    ['no line end at the end', 'a,b\n1,2', [['1', '2']]],
    ['lines without anything', '\n\na,b\n\n1,2\n\r\n\n', [['1', '2']]],
    ['many megabytes of lines without anything', `a,b\n${'\n'.repeat(9 * 2 ** 20)}1,2`, [['1', '2']]],
    ['a byte order mark', '\ufeffa,b\n1,2\n', [['1', '2']]],
    ['a byte order mark before quotes', '\ufeff"a","b"\n1,2\n', [['1', '2']]],
    [
      'records that are too short',
      'a,b,c\n1\n1,2\n',
      [
        ['1', null, null],
        ['1', '2', null],
      ],
    ],
    ['separators at the end of lines', 'a,b\n1,2,,\n', [['1', '2']]],
    ['a NUL', 'a,b\n1\u0000,2\n', [['1\u0000', '2']]],
    ['characters beyond the basic plane', 'a,b\n😀,"漢\n字"\n', [['😀', '漢\n字']]],
  ])('reads %s', async (_what, content, rows) => {
    expect(await rowsOf(content)).toEqual(rows)
  })

  it('gives the same rows wherever the file is cut into pieces', async () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', '\r\n', 'é', '漢', '😀', ' ', '\\') }),
    )
    const table = fc
      .integer({ min: 2, max: 5 })
      .chain(width => fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 8 }))
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        async (rows, cuts, lineEnd, endsWithLine) => {
          const width = rows[0]?.length ?? 2
          const header = Array.from({ length: width }, (_, index) => `c${index}`)
          const lines = [header, ...rows].map(row => row.map(written).join(','))
          const content = Buffer.from(lines.join(lineEnd) + (endsWithLine ? lineEnd : ''))
          expect((await csv(cutAt(content, cuts))).rows).toEqual(rows)
        },
      ),
    )
  })

  it('makes the same of any text, wherever it is cut into pieces', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\\', '😀'), maxLength: 30 })
    const read = (content: string | Uint8Array[], escapeBy?: string) =>
      csv(content, { header: false, escape: escapeBy }).catch((error: FileProblemError) => error.problem)
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat()), fc.constantFrom(undefined, '\\'), async (content, cuts, escapeBy) => {
        expect(await read(cutAt(Buffer.from(content), cuts), escapeBy)).toEqual(await read(content, escapeBy))
      }),
      { numRuns: 500 },
    )
  })
})

/** As the simplest of writers does it. */
const written = (value: string | null): string => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)

describe('the names of CSV columns', () => {
  it('are unique, and none is lost: empty ones are called by their places', async () => {
    const read = await csv('a,,a,a_2,,a\n1,2,3,4,5,6\n')
    expect(namesOf(read)).toEqual(['a', 'column_2', 'a_3', 'a_2', 'column_5', 'a_4'])
    expect(read.rows).toEqual([['1', '2', '3', '4', '5', '6']])
  })

  it('are places where the first line has none', async () => {
    const read = await csv('1,2\n3,4\n', { header: false })
    expect(namesOf(read)).toEqual(['column_1', 'column_2'])
    expect(read.rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
  })

  it('are told also where there are no rows', async () => {
    const read = await csv('a,b\n')
    expect(namesOf(read)).toEqual(['a', 'b'])
    expect(read.rows).toEqual([])
  })
})

describe('the options of CSV', () => {
  it('separate by what is asked for, and by tabs in .tsv', async () => {
    expect(await rowsOf('a;b\n1;2,5\n', { delimiter: ';' })).toEqual([['1', '2,5']])
    const tsv = await readAll([new MemoryFile('a.TSV', 'a\tb\n1\t2,5\n')])
    expect(tsv.rows).toEqual([['1', '2,5']])
    const other = await readAll([new MemoryFile('a.tsv', 'a,b\n1,2\n')], { csv: { delimiter: ',' } })
    expect(other.rows).toEqual([['1', '2']])
  })

  it('take other quotes and escapes, also of two units', async () => {
    expect(await rowsOf("a,b\n'1,5',\"x\n", { quote: "'" })).toEqual([['1,5', '"x']])
    expect(await rowsOf('a,b\n"say \\"hi\\"","\\\\"\n', { escape: '\\' })).toEqual([['say "hi"', '\\']])
    expect(await rowsOf('a😀b\n1😀2\n', { delimiter: '😀' })).toEqual([['1', '2']])
  })

  it('take quotes for characters like any other where values are never in quotes', async () => {
    const text = 'a,b,c\n5" pipe,"x",say ""hi\n"",\\","\n'
    expect(await rowsOf(text, { quoted: false })).toEqual([
      ['5" pipe', '"x"', 'say ""hi'],
      ['""', '\\"', '"'],
    ])
    // It is no quote then.
    expect(await rowsOf('a"b\n1"2\n', { quoted: false, delimiter: '"' })).toEqual([['1', '2']])
  })

  it('refuse a separator that is also the quote', async () => {
    const problem = await problemOf(csv('a,b\n', { quote: ',' }))
    expect(problem).toMatchObject({ code: 'QUERY_INVALID', fields: ['csv.delimiter', 'csv.quote'] })
  })

  test.each([['\n'], ['\r\n'], ['\r']])(
    'skip lines that end in %j, whatever is in them and wherever they are cut',
    async end => {
      const content = Buffer.from(['An "odd line', 'of a, report', 'a,b', '1,2', ''].join(end))
      for (let place = 0; place <= content.length; place += 1) {
        const read = await csv(cutAt(content, [place]), { skipLines: 2 })
        expect([namesOf(read), read.rows]).toEqual([['a', 'b'], [['1', '2']]])
      }
    },
  )

  it('skip more lines than there are', async () => {
    expect(await csv('a\n', { skipLines: 5 })).toMatchObject({ columns: [], rows: [] })
  })

  const text = 'n,ä\nEuro €,漢字\n'
  test.each([
    ['UTF_8', Buffer.from(text)],
    ['UTF_16LE', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF_16BE', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ] as const)('read %s, wherever it is cut', async (encoding, content) => {
    for (let place = 0; place <= content.length; place += 1) {
      const read = await csv(cutAt(content, [place]), { encoding })
      expect([namesOf(read), read.rows]).toEqual([['n', 'ä'], [['Euro €', '漢字']]])
    }
  })

  test.each([
    ['WINDOWS_1252', 'WINDOWS-1252', 'Größe € “x” ÿ'],
    ['ISO_8859_15', 'ISO-8859-15', 'Größe € ÿ'],
    ['SHIFT_JIS', 'SHIFT-JIS', '漢字かな カナ'],
    ['GB18030', 'GB18030', '简体中文 € 😀'],
  ] as const)('read %s as other programs write it', async (encoding, name, value) => {
    const { stdout } = spawnSync('iconv', ['-f', 'UTF-8', '-t', name], { input: `a,b\n"${value}",x\n` })
    expect(stdout.length).toBeGreaterThan(value.length)
    const pieces = [...stdout].map(byte => Buffer.of(byte))
    expect((await csv(pieces, { encoding })).rows).toEqual([[value, 'x']])
  })
})

describe('CSV that is none', () => {
  test.each<[what: string, content: string, where: string]>([
    ['too many values', 'a,b\n1,"x\r\ny"\r\n\r\n2,3,4\n', 'line 5: 3 values for 2 columns'],
    ['an empty text too many', 'a,b\n1,2,""\n', 'line 2: 3 values for 2 columns'],
    ['a quote that is not closed', 'a,b\n1,2\n1,"2\n3,4\n', 'after line 2: a quote is never closed'],
    ['a quote within a value', 'a,b\n1,2\n1,5" pipe\n', 'after line 2: a quote stands within a value'],
    ['a quote that was not doubled', 'a,b\n1,"5" pipe"\n', 'after line 1: something other than a separator'],
    ['a quote too many, lines before', 'a,b\n"5,2\n"x",3\n', 'after line 1: something other than a separator'],
    ['something behind a closing quote', 'a,b\n1,"2"x\n', 'after line 1: something other than a separator'],
  ])('is refused with its line: %s', async (_what, content, where) => {
    const problem = await problemOf(csv(content))
    expect(problem).toMatchObject({ code: 'FILE_MALFORMED', params: { key: 'a.csv', format: 'CSV' } })
    expect(problem.detail).toContain(where)
  })

  it('counts the lines that were skipped', async () => {
    const problem = await problemOf(csv('x\ny\na,b\n1,2,3\n', { skipLines: 2 }))
    expect(problem.detail).toBe('line 4: 3 values for 2 columns')
  })

  test.each<[what: string, content: Uint8Array, encoding: 'UTF_8' | 'UTF_16LE' | 'SHIFT_JIS', where: string]>([
    ['a byte that begins nothing', Buffer.from([0x61, 0x0a, 0xff]), 'UTF_8', 'between bytes 0 and 3, it is not UTF-8'],
    ['half a character at its end', Buffer.from([0x61, 0xc3]), 'UTF_8', 'byte 2: it ends within a character'],
    ['half a pair', Buffer.from([0x00, 0xd8, 0x61, 0x00]), 'UTF_16LE', 'it is not UTF-16LE'],
    ['an odd number of bytes', Buffer.from([0x61, 0x00, 0x62]), 'UTF_16LE', 'it ends within a character'],
    ['a lead byte alone', Buffer.from([0x61, 0x81]), 'SHIFT_JIS', 'it ends within a character'],
  ])('is refused where bytes are no characters: %s', async (_what, content, encoding, where) => {
    const problem = await problemOf(csv(content, { encoding }))
    expect(problem.code).toBe('FILE_MALFORMED')
    expect(problem.detail).toContain(where)
  })

  it('is refused before a record fills the memory, in whatever way it grows', async () => {
    const mebibyte = 2 ** 20
    const growing = [
      ['', 'x'.repeat(mebibyte)],
      ['"', '\n'.repeat(mebibyte)],
      ['"', '""'.repeat(mebibyte / 2)],
    ] as const
    for (const [begin, piece] of growing) {
      const file = new MemoryFile('a.csv', ['a,b\n', begin, ...Array.from({ length: 20 }, () => piece)])
      const problem = await problemOf(readAll([file]))
      expect(problem).toMatchObject({ code: 'RESULT_TOO_LARGE', params: { limit: '8 MB in one record' } })
      expect(problem.detail).toBe('after line 1 of "a.csv"')
      expect(file.taken).toBeLessThan(12)
    }
    const wide = await problemOf(csv(['a,b\n', ','.repeat(mebibyte)]))
    expect(wide).toMatchObject({ code: 'RESULT_TOO_LARGE', params: { limit: '10000 columns' } })
  })
})
