import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { FileProblemError } from '../../../src/connectors/files/file-problem.ts'
import {
  type Crafted,
  type CraftedPage,
  craftedParquet,
  int32s,
  numbers,
  type Struct,
  sealed,
  thrift,
  varint,
} from './crafted-parquet.ts'
import { MemoryFile, problemOf, readAll } from './file-reading.ts'

const read = (content: Uint8Array) => readAll([new MemoryFile('a.parquet', content)])

/** A column of bytes whose page is `body`. */
const bytesPage = (encoding: number, count: number, body: Uint8Array): Crafted => ({
  type: numbers.BYTE_ARRAY,
  pages: [{ count, encoding, body }],
})

/** Head of delta-coded numbers: values of a block, its parts, how many, the first one (zigzag). */
const deltaHead = (block: number, parts: number, count: number, first: number) =>
  Buffer.concat([varint(block), varint(parts), varint(count), varint(first * 2)])

/** So many equal numbers: blocks whose differences are all 0 and take no bits. */
const equalDeltas = (count: number, value: number) =>
  Buffer.concat([deltaHead(128, 4, count, value), Buffer.alloc(5 * Math.ceil(count / 128))])

/** As many numbers, of which the last of `first` goes on: a block of differences of 21 bits, then some without any. */
function deltas(count: number, first: readonly number[]): Buffer {
  const differences = first.slice(1).map((value, index) => value - (first[index] ?? 0))
  const least = Math.min(...differences)
  const bits = differences.flatMap(value => Array.from({ length: 21 }, (_, bit) => ((value - least) >> bit) & 1))
  const packed = Array.from({ length: bits.length / 8 }, (_, byte) =>
    bits.slice(8 * byte, 8 * byte + 8).reduce((sum, bit, place) => sum + bit * 2 ** place, 0),
  )
  const zigzag = least < 0 ? -2 * least - 1 : 2 * least
  const block = Buffer.concat([varint(zigzag), Buffer.from([21, 21, 21, 21]), Buffer.from(packed)])
  const others = Buffer.alloc(5 * Math.ceil((count - first.length) / 128))
  return Buffer.concat([deltaHead(128, 4, count, first[0] ?? 0), block, others])
}

/** Where a file's description begins. */
const endOfPages = (file: Buffer) => BigInt(file.length - 12 - file.readUInt32LE(file.length - 8))

const mebibyte = 2 ** 20
const huge = 2 ** 31 - 1

describe('a crafted file', () => {
  it('is read where it tells the truth', async () => {
    expect((await read(craftedParquet({ pages: [{ count: 3, body: int32s(1, 2, 3) }] }))).rows).toEqual([[1], [2], [3]])
    const deltas = bytesPage(numbers.DELTA_LENGTH_BYTE_ARRAY, 2, Buffer.concat([equalDeltas(2, 1), Buffer.from('xy')]))
    expect((await read(craftedParquet(deltas))).rows).toEqual([['eA=='], ['eQ==']])
  })

  it('may have many columns with large dictionaries', async () => {
    const pages = [
      { type: numbers.DICTIONARY_PAGE, count: 60_000, body: Buffer.alloc(4 * 60_000) },
      { count: 1, encoding: numbers.RLE_DICTIONARY, body: Buffer.of(8, 2, 9) },
    ]
    const end = endOfPages(craftedParquet({ pages }))
    const meta = { field_1: 1, field_2: [0], field_3: ['a'], field_4: 0, field_5: 1n, field_6: end, field_7: end }
    const names = Array.from({ length: 40 }, (_, place) => `c${place}`)
    const schema = [
      { field_4: 'root', field_5: names.length },
      ...names.map(name => ({ field_1: numbers.INT32, field_3: 0, field_4: name })),
    ]
    const chunks = names.map(() => ({ field_2: 4n, field_3: { ...meta, field_9: 4n } }))
    const footer = { field_4: [{ field_1: chunks, field_2: end, field_3: 1n }] }
    expect((await read(craftedParquet({ pages, schema, footer }))).rows).toEqual([names.map(() => 0)])
  })

  it('has lists whose items are groups of one list: those of older writers', async () => {
    const schema = [
      { field_4: 'root', field_5: 1 },
      { field_3: 1, field_4: 'a', field_5: 1, field_6: 3 },
      { field_3: 2, field_4: 'g', field_5: 1 },
      { field_1: numbers.INT32, field_3: 2, field_4: 'x' },
    ]
    // 0 and 2: a row, and its second number; 3: a number that is there.
    const levels = Buffer.concat([int32s(4), Buffer.of(2, 0, 2, 2), int32s(2), Buffer.of(4, 3)])
    const page = { count: 2, body: Buffer.concat([levels, int32s(7, 8)]) }
    expect(JSON.stringify((await read(craftedParquet({ schema, rows: 1, pages: [page] }))).rows)).toBe(
      '[[[{"x":[7,8]}]]]',
    )
  })
})

describe('Parquet that is none', () => {
  const whole = craftedParquet({ pages: [{ count: 3, body: int32s(1, 2, 3) }] })

  test.each<[what: string, content: Uint8Array, where: string]>([
    ['nothing', Buffer.alloc(0), 'does not end as Parquet does'],
    ['magic alone', Buffer.from('PAR1'), 'does not end as Parquet does'],
    ['something else', Buffer.from('a,b\n1,2\n'), 'does not end as Parquet does'],
    ['cut off', whole.subarray(0, -3), 'does not end as Parquet does'],
    ['without its beginning', whole.subarray(-20), 'more than the file'],
    ['encrypted', Buffer.concat([whole.subarray(0, -4), Buffer.from('PARE')]), 'it is encrypted'],
    ['a description longer than the file', sealed(int32s(1), thrift({ field_1: 1 }), huge), 'more than the file'],
    ['a description that ends too early', sealed(int32s(1), thrift({ field_1: 1 }).subarray(0, -1)), 'ends too early'],
    ['an empty description', sealed(int32s(1), thrift({})), 'field 2 of the description'],
  ])('is refused: %s', async (_what, content, where) => {
    const problem = await problemOf(read(content))
    expect(problem).toMatchObject({ code: 'FILE_MALFORMED', params: { key: 'a.parquet', format: 'Parquet' } })
    expect(problem.detail).toContain(where)
  })

  it('is refused where it describes itself in more than there may be', async () => {
    const long = sealed(Buffer.alloc(17 * 2 ** 20), thrift({ field_1: 1 }), 17 * 2 ** 20)
    expect(await problemOf(read(long))).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      params: { limit: '16 MB of metadata' },
    })
    // Each byte is a struct without fields: in memory it would be an object.
    const structs = Buffer.concat([Buffer.from([0x1c | 0x09, 0xfc]), varint(2_000_000), Buffer.alloc(2_000_001)])
    const many = await problemOf(
      read(sealed(int32s(1), Buffer.concat([Buffer.from([0x29, 0xfc]), structs.subarray(2)]))),
    )
    expect(many.code).toBe('FILE_MALFORMED')
    expect(many.detail).toMatch(/a list has 2000000 items|too many values/)
    const nested = await problemOf(read(sealed(int32s(1), Buffer.alloc(100_000, 0x1c))))
    expect(nested.detail).toContain('more than 32 levels of nesting')
    const endless = await problemOf(
      read(sealed(int32s(1), Buffer.concat([Buffer.from([0x16]), Buffer.alloc(100_000, 0x80)]))),
    )
    expect(endless.detail).toContain('a number of more than 10 bytes')
  })

  const group = (name: string, children: number): Struct => ({ field_3: 0, field_4: name, field_5: children })
  const leaf = (name: string): Struct => ({ field_1: numbers.INT32, field_3: 0, field_4: name })

  test.each<[what: string, schema: readonly Struct[]]>([
    ['empty', []],
    ['only a value', [leaf('a')]],
    ['promising columns that are not there', [group('root', 3), leaf('a')]],
    ['with columns that nothing promised', [group('root', 1), leaf('a'), leaf('b')]],
    [
      'with a group that contains itself without end',
      [group('root', 1), ...Array.from({ length: 200 }, () => group('g', 1)), leaf('a')],
    ],
    ['with 2^31 columns', [group('root', huge), leaf('a')]],
    ['with a number of columns below zero', [group('root', -1), leaf('a')]],
    ['of a type that does not exist', [group('root', 1), { ...leaf('a'), field_1: 99 }]],
  ])('is refused with a schema that is no tree: %s', async (_what, schema) => {
    const problem = await problemOf(read(craftedParquet({ schema, pages: [{ count: 1, body: int32s(1) }] })))
    expect(problem.code).toBe('FILE_MALFORMED')
  })

  test.each<[what: string, crafted: Crafted, where: string]>([
    ['values behind its end', { pages: [], rows: 1, meta: { field_9: 1_000_000n, field_7: 10n } }, 'not in the file'],
    [
      'values in its description',
      { pages: [{ count: 1, body: int32s(1) }], meta: { field_7: 60n } },
      'not in the file',
    ],
    ['values before its beginning', { pages: [], rows: 1, meta: { field_9: -5n } }, 'field 9 of the description is -5'],
    [
      'a codec that nobody knows',
      { pages: [{ count: 1, body: int32s(1) }], codec: 77 },
      'a number of the description is 77',
    ],
    [
      'a codec that cannot be read',
      { pages: [{ count: 1, body: int32s(1) }], codec: numbers.LZO },
      'compressed with LZO',
    ],
    ['more rows than values', { pages: [{ count: 1, body: int32s(1) }], rows: huge }, 'fewer values than rows'],
    ['more values than bytes', { pages: [{ count: 1_000, body: int32s(1) }] }, ''],
    ['a page of a negative size', { pages: [{ count: 1, body: int32s(1), storedSize: -4 }] }, 'a page has -4 bytes'],
    [
      'a page beyond its column',
      { pages: [{ count: 1, body: int32s(1), storedSize: 4_000 }] },
      'longer than what is left',
    ],
    ['a page of another size', { pages: [{ count: 1, body: int32s(1), size: 3 }] }, '4 bytes where 3 were announced'],
    [
      'a negative number of values',
      { pages: [{ count: -1, body: int32s(1) }], rows: 1, meta: { field_5: 1n } },
      'a page has -1 values',
    ],
    [
      'an encoding that cannot be read',
      { pages: [{ count: 1, encoding: numbers.BIT_PACKED, body: int32s(1) }] },
      'BIT_PACKED',
    ],
    [
      'no dictionary',
      { pages: [{ count: 1, encoding: numbers.RLE_DICTIONARY, body: Buffer.from([1, 2, 0]) }] },
      'no dictionary',
    ],
    [
      'places beyond the dictionary',
      {
        pages: [
          { type: numbers.DICTIONARY_PAGE, count: 1, body: int32s(7) },
          { count: 1, encoding: numbers.RLE_DICTIONARY, body: Buffer.from([8, 2, 9]) },
        ],
      },
      'place 9 is not in the dictionary',
    ],
    [
      'levels longer than the page',
      { repetition: 1, pages: [{ count: 1, body: int32s(huge, 1) }] },
      'it ends too early',
    ],
    ['a text longer than the page', bytesPage(numbers.PLAIN, 1, int32s(huge, 0)), ''],
    ['a fixed length of 2^31', { type: numbers.FIXED, typeLength: huge, pages: [{ count: 1, body: int32s(1) }] }, ''],
    [
      'a run of a row that does not begin',
      {
        repetition: 2,
        pages: [
          {
            count: 1,
            body: Buffer.concat([int32s(2), Buffer.from([2, 1]), int32s(2), Buffer.from([2, 1]), int32s(5)]),
          },
        ],
      },
      'continues a row',
    ],
    [
      'differences in no parts',
      { pages: [{ count: 5, encoding: numbers.DELTA_BINARY_PACKED, body: deltaHead(128, 0, 5, 1) }] },
      'in 0 parts',
    ],
    [
      'differences in 2^31 parts',
      { pages: [{ count: 5, encoding: numbers.DELTA_BINARY_PACKED, body: deltaHead(128, huge, 5, 1) }] },
      'parts',
    ],
    [
      'more differences than values',
      { pages: [{ count: 5, encoding: numbers.DELTA_BINARY_PACKED, body: deltaHead(128, 4, huge, 1) }] },
      'values where there are 5',
    ],
    [
      'lengths below zero',
      bytesPage(
        numbers.DELTA_LENGTH_BYTE_ARRAY,
        2,
        Buffer.concat([deltaHead(128, 4, 2, 0), varint(1), Buffer.alloc(4)]),
      ),
      '',
    ],
  ])('is refused before it is believed: %s', async (_what, crafted, where) => {
    const problem = await problemOf(read(craftedParquet(crafted)))
    expect(problem).toMatchObject({ code: 'FILE_MALFORMED', params: { format: 'Parquet' } })
    expect(problem.detail).toContain(where)
  })

  /** A tag of Snappy for a literal whose length has four bytes. */
  const snappyLiteral = (length: number) => Buffer.concat([Buffer.from([63 << 2]), int32s(length)])

  test.each<[what: string, body: Uint8Array]>([
    [
      'a length of 2^32, which a signed one takes for a way back',
      Buffer.concat([varint(4), snappyLiteral(-6), Buffer.alloc(8)]),
    ],
    ['a copy from before the beginning', Buffer.from([4, 0x01, 0x05, 0x00])],
    ['a copy of nothing', Buffer.from([4, 0x00, 0x41, 0x01, 0x00])],
    ['more than announced', Buffer.concat([varint(4), Buffer.from([7 << 2]), Buffer.alloc(8)])],
    ['less than announced', Buffer.concat([varint(4), Buffer.from([0 << 2, 0x41])])],
    ['no end', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ])('is refused where its compressed data lies: %s', async (_what, body) => {
    const problem = await problemOf(
      read(craftedParquet({ codec: numbers.SNAPPY, pages: [{ count: 1, body, size: 4 }] })),
    )
    expect(problem.code).toBe('FILE_MALFORMED')
  })

  it('is refused before a page fills the memory', async () => {
    const before = process.memoryUsage().rss
    const page = await problemOf(
      read(craftedParquet({ codec: numbers.ZSTD, pages: [{ count: 1, body: int32s(1), size: huge }] })),
    )
    expect(page).toMatchObject({ code: 'RESULT_TOO_LARGE', params: { limit: '64 MB in one page' } })
    const values = await problemOf(read(craftedParquet({ pages: [{ count: huge, body: int32s(1) }] })))
    expect(values).toMatchObject({ code: 'RESULT_TOO_LARGE', params: { limit: '16777216 values in one page' } })
    // A dictionary of booleans: eight values in a byte.
    const dictionary = await problemOf(
      read(
        craftedParquet({
          type: numbers.BOOLEAN,
          pages: [
            { type: numbers.DICTIONARY_PAGE, count: 2 ** 24, body: Buffer.alloc(2 ** 21) },
            { count: 1, encoding: numbers.RLE_DICTIONARY, body: Buffer.from([1, 2, 0]) },
          ],
        }),
      ),
    )
    expect(dictionary).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      params: { limit: '128 MB of pages and rows at once' },
    })
    // Each value is the megabyte that the one before it was: a thousand of them in a page of one.
    const body = Buffer.concat([
      deltas(1_000, [0, mebibyte, ...Array.from({ length: 127 }, () => mebibyte)]),
      deltas(1_000, [mebibyte, ...Array.from({ length: 128 }, () => 0)]),
      Buffer.alloc(mebibyte, 'x'),
    ])
    const shared = await problemOf(read(craftedParquet(bytesPage(numbers.DELTA_BYTE_ARRAY, 1_000, body))))
    expect(shared).toMatchObject({ code: 'RESULT_TOO_LARGE', detail: 'values that share beginnings' })
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 2 ** 20)
  })

  /** A page of one text, of which a thousandth is stored. */
  function textPage(text: Buffer): CraftedPage {
    const body = Buffer.concat([int32s(text.length), text])
    return { count: 1, body: zstdCompressSync(body), size: body.length }
  }

  it('is refused before a few rows fill the memory, which are of many pages', async () => {
    const page = textPage(Buffer.alloc(8 * mebibyte, 'x'))
    const problem = await problemOf(
      read(
        craftedParquet({
          type: numbers.BYTE_ARRAY,
          codec: numbers.ZSTD,
          pages: Array.from({ length: 100 }, () => page),
          // Which is no truth: else fewer rows would be made at once.
          meta: { field_6: 100n },
        }),
      ),
    )
    expect(problem).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      params: { limit: '128 MB of pages and rows at once' },
    })
  })

  it('is refused before JSON is parsed that takes many times its bytes', async () => {
    const schema = [
      { field_4: 'root', field_5: 1 },
      { field_1: numbers.BYTE_ARRAY, field_3: 0, field_4: 'a', field_6: 19 },
    ]
    const json = (bytes: number) => textPage(Buffer.from(`[${'[],'.repeat(bytes / 3)}[]]`))
    const crafted = (pages: readonly CraftedPage[]) =>
      craftedParquet({ type: numbers.BYTE_ARRAY, codec: numbers.ZSTD, schema, pages, meta: { field_6: 100n } })
    expect(await problemOf(read(crafted([json(30 * mebibyte)])))).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      params: { limit: '6 MB of JSON in one value' },
    })
    expect(await problemOf(read(crafted([json(2 * mebibyte)])))).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      params: { limit: '262144 values in one value of JSON' },
    })
    const few = Array.from({ length: 60 }, () => json(mebibyte / 4))
    expect(await problemOf(read(crafted(few)))).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      params: { limit: '128 MB of pages and rows at once' },
    })
  })

  it('is refused before the lists of a row fill the memory, which take a few bytes each', async () => {
    const count = 2 ** 20
    const run = (length: number, level: number) => Buffer.concat([varint(length * 2), Buffer.of(level)])
    const levels = (...runs: readonly Buffer[]) => Buffer.concat([int32s(Buffer.concat(runs).length), ...runs])
    const page = { count, body: Buffer.concat([levels(run(1, 0), run(count - 1, 1)), levels(run(count, 0))]) }
    const once = craftedParquet({ pages: [page], repetition: 2 })
    const end = endOfPages(once)
    const meta = { field_1: 1, field_2: [0], field_3: ['a'], field_4: 0, field_5: 1n, field_6: end, field_7: end }
    const names = ['a', 'b', 'c', 'd', 'e']
    const problem = await problemOf(
      read(
        craftedParquet({
          pages: [page],
          schema: [
            { field_4: 'root', field_5: names.length },
            ...names.map(name => ({ field_1: numbers.INT32, field_3: 2, field_4: name })),
          ],
          footer: {
            field_4: [
              {
                field_1: names.map(() => ({ field_2: 4n, field_3: { ...meta, field_9: 4n } })),
                field_2: end,
                field_3: 1n,
              },
            ],
          },
        }),
      ),
    )
    expect(problem.params).toEqual({ limit: '128 MB of pages and rows at once' })
  })

  it('is refused before many columns fill the memory, which lie in the same bytes', async () => {
    const pages = Array.from({ length: 500 }, () => ({ count: 100, body: Buffer.alloc(400) }))
    const once = craftedParquet({ pages })
    const end = endOfPages(once)
    const meta = { field_1: 1, field_2: [0], field_3: ['a'], field_4: 0, field_5: 50_000n, field_6: end, field_7: end }
    const names = Array.from({ length: 10_000 }, (_, place) => `c${place}`)
    const problem = await problemOf(
      read(
        craftedParquet({
          pages,
          schema: [
            { field_4: 'root', field_5: names.length },
            ...names.map(name => ({ field_1: numbers.INT32, field_3: 0, field_4: name })),
          ],
          footer: {
            field_4: [
              {
                field_1: names.map(() => ({ field_2: 4n, field_3: { ...meta, field_9: 4n } })),
                field_2: end,
                field_3: 50_000n,
              },
            ],
          },
        }),
      ),
    )
    expect(problem.params).toEqual({ limit: '128 MB of pages and rows at once' })
  })

  it('may have runs of 2^31 values: as many are read as there are rows', async () => {
    const run = Buffer.concat([Buffer.from([1]), varint(huge - 1), Buffer.from([0])])
    const crafted = craftedParquet({
      pages: [
        { type: numbers.DICTIONARY_PAGE, count: 1, body: int32s(7) },
        { count: 3, encoding: numbers.RLE_DICTIONARY, body: run },
      ],
    })
    expect((await read(crafted)).rows).toEqual([[7], [7], [7]])
  })

  it('shows nothing that lies in memory behind a page', async () => {
    const secret = Buffer.from('what another connector has read')
    const page = craftedParquet(bytesPage(numbers.PLAIN, 1, int32s(40)))
    const pool = Buffer.concat([page, secret])
    const problem = await problemOf(
      readAll([
        {
          name: 'a.parquet',
          size: page.length,
          stream: () => [][Symbol.iterator]() as never,
          read: async (start, end) => pool.subarray(start, end),
        },
      ]),
    )
    expect(problem.code).toBe('FILE_MALFORMED')
  })
})

describe('a damaged file', () => {
  const folder = join(import.meta.dirname, 'parquet-fixtures')
  const files = readdirSync(folder)
    .filter(name => name.endsWith('.parquet'))
    .map(name => readFileSync(join(folder, name)))

  it('is read or refused, and nothing else, wherever it is damaged', async () => {
    const damage = fc.record({
      file: fc.nat(files.length - 1),
      isFooter: fc.boolean(),
      places: fc.array(fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255))), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    let refused = 0
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, isFooter, places }) => {
        const content = Buffer.from(files[file] as Buffer)
        const start = isFooter ? content.length - 8 - content.readUInt32LE(content.length - 8) : 0
        for (const [place, byte] of places) content[start + (place % (content.length - start))] = byte
        try {
          await read(content)
        } catch (error) {
          expect(error).toBeInstanceOf(FileProblemError)
          expect((error as FileProblemError).problem.code).toMatch(/FILE_MALFORMED|RESULT_TOO_LARGE/)
          refused += 1
        }
      }),
      { numRuns: 300 },
    )
    expect(refused).toBeGreaterThan(50)
  })
})
