import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it, test } from 'vitest'
import type { JsonValue } from '../../../src/connectors/json.ts'
import { MemoryFile, namesOf, problemOf, type Read, readAll } from './file-reading.ts'

const fixtures = join(import.meta.dirname, 'parquet-fixtures')

/** What pyarrow makes of the files of the folder, by column. */
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Record<string, JsonValue[]>

const byColumn = (read: Read): Record<string, JsonValue[]> =>
  Object.fromEntries(
    namesOf(read).map((name, place) => [name, read.rows.map(row => JSON.parse(JSON.stringify(row[place])))]),
  )

const arrow = (name: string, options: Parameters<typeof readAll>[1] = {}) =>
  readAll([new MemoryFile(`${name}.parquet`, readFileSync(join(fixtures, `${name}.parquet`)))], options)

const written = (columnData: ColumnSource[], options: Partial<Parameters<typeof parquetWriteBuffer>[0]> = {}) =>
  new MemoryFile('a.parquet', new Uint8Array(parquetWriteBuffer({ columnData, ...options })))

describe('Parquet as pyarrow writes it', () => {
  test.each([
    'snappy-v1-dictionary',
    'zstd-v2-plain',
    'brotli-v1-plain',
    'gzip-v2-dictionary',
    'lz4-v1-dictionary',
    'none-v2-deltas',
  ])('is read as pyarrow reads it: %s', async name => {
    expect(byColumn(await arrow(name))).toEqual(expected)
  })

  it('has columns of these types', async () => {
    const { columns } = await arrow('snappy-v1-dictionary')
    expect(Object.fromEntries(columns.map(({ name, nativeType, type }) => [name, `${type} ${nativeType}`]))).toEqual({
      int32: 'INTEGER INT32',
      int64: 'INTEGER INT64',
      small: 'INTEGER INT64',
      uint8: 'INTEGER UINT8',
      uint32: 'INTEGER UINT32',
      uint64: 'INTEGER UINT64',
      float: 'FLOAT FLOAT',
      double: 'FLOAT DOUBLE',
      half: 'FLOAT FLOAT16',
      text: 'TEXT STRING',
      low: 'TEXT STRING',
      binary: 'BINARY BYTE_ARRAY',
      fixed: 'BINARY FIXED_LEN_BYTE_ARRAY(5)',
      bool: 'BOOLEAN BOOLEAN',
      decimal: 'DECIMAL DECIMAL(25,4)',
      money: 'DECIMAL DECIMAL(9,2)',
      date: 'DATE DATE',
      millis: 'TIMESTAMP TIMESTAMP(MILLIS)',
      micros: 'TIMESTAMP TIMESTAMP(MICROS, UTC)',
      nanos: 'TIMESTAMP TIMESTAMP(NANOS)',
      time: 'TIME TIME(MICROS)',
      list: 'LIST LIST',
      lists: 'LIST LIST',
      struct: 'JSON STRUCT',
      items: 'LIST LIST',
      map: 'JSON MAP',
      maps: 'JSON MAP',
    })
  })

  it('has instants of 96 bits, to the nanosecond', async () => {
    const read = await arrow('int96')
    const nanos = namesOf(read).indexOf('nanos')
    expect(read.columns[nanos]).toMatchObject({ nativeType: 'INT96', type: 'TIMESTAMP' })
    expect(read.rows.map(row => row[nanos])).toEqual(expected.nanos?.map(value => value && `${value}Z`))
  })

  it('is read by column, in the order asked for', async () => {
    const read = await arrow('gzip-v2-dictionary', { columns: ['maps', 'int32'], nameColumn: '_object' })
    expect(namesOf(read)).toEqual(['_object', 'maps', 'int32'])
    expect(byColumn(read)).toMatchObject({ maps: expected.maps, int32: expected.int32 })
  })
})

describe('Parquet as hyparquet-writer writes it', () => {
  const rows = 5_000
  const of = <Value>(value: (index: number) => Value): Value[] =>
    Array.from({ length: rows }, (_, index) => value(index))

  it('has many row groups and pages', async () => {
    const ids = of(index => index)
    const texts = of(index => (index % 3 === 0 ? null : `text ${index % 100}`))
    const file = written(
      [
        { name: 'id', data: ids, type: 'INT32' },
        { name: 'text', data: texts, type: 'STRING', nullable: true },
      ],
      { rowGroupSize: 700, pageSize: 256 },
    )
    expect(byColumn(await readAll([file]))).toEqual({ id: ids, text: texts })
  })

  it('gives NaN and the infinities as text, as JSON has no numbers for them', async () => {
    const data = [1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const read = await readAll([written([{ name: 'd', data, type: 'DOUBLE' }])])
    expect(read.rows).toEqual([[1.5], ['NaN'], ['Infinity'], ['-Infinity']])
  })

  it('gives ids with dashes and JSON as JSON, with its long numbers exact', async () => {
    const id = '0123abcd-0000-4000-8000-00000000ffff'
    const file = written([
      { name: 'id', data: [id, null], type: 'UUID', nullable: true },
      { name: 'json', data: [{ a: [1, null] }, null], type: 'JSON', nullable: true },
    ])
    const read = await readAll([file])
    expect(read.columns.map(({ type }) => type)).toEqual(['TEXT', 'JSON'])
    expect(read.rows).toEqual([
      [id, { a: [1, null] }],
      [null, null],
    ])
  })

  it('may have columns of the same name: none is lost', async () => {
    const read = await readAll([
      written([
        { name: 'a', data: [1], type: 'INT32' },
        { name: 'a', data: [2], type: 'INT32' },
      ]),
    ])
    expect([namesOf(read), read.rows]).toEqual([['a', 'a_2'], [[1, 2]]])
  })

  it('gives texts and numbers as they were written, whatever the pages', async () => {
    const cell = fc.record({
      i: fc.option(fc.integer()),
      b: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      s: fc.option(fc.string({ unit: 'grapheme' })),
      f: fc.option(fc.boolean()),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 200 }),
        async (cells, pageSize) => {
          const column = <Key extends 'i' | 'b' | 's' | 'f'>(key: Key) => cells.map(item => item[key])
          const file = written(
            [
              { name: 'i', data: column('i'), type: 'INT32', nullable: true },
              { name: 'b', data: column('b'), type: 'INT64', nullable: true },
              { name: 's', data: column('s'), type: 'STRING', nullable: true },
              { name: 'f', data: column('f'), type: 'BOOLEAN', nullable: true },
            ],
            { pageSize, rowGroupSize: 25 },
          )
          const long = (value: bigint | null) =>
            value === null ? null : Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
          expect((await readAll([file])).rows).toEqual(cells.map(({ i, b, s, f }) => [i, long(b), s, f]))
        },
      ),
    )
  })
})

describe('reading Parquet', () => {
  const wide = () =>
    written(
      Array.from({ length: 10 }, (_, place) => ({
        name: `c${place}`,
        data: Array.from({ length: 40_000 }, (_, index) => `${place}: ${index * 7_919}`),
        type: 'STRING' as const,
      })),
      { rowGroupSize: 10_000, codec: 'UNCOMPRESSED' },
    )

  it('reads only the columns that are wanted', async () => {
    const file = wide()
    await readAll([file], { columns: ['c3'] })
    const bytes = file.ranges.reduce((sum, [start, end]) => sum + end - start, 0)
    expect(file.begun).toBe(0)
    expect(bytes).toBeLessThan(file.size / 5)
  })

  it('reads no row group that is not wanted any more', async () => {
    const file = wide()
    const read = await readAll([file], {}, 100)
    const bytes = file.ranges.reduce((sum, [start, end]) => sum + end - start, 0)
    expect(read.rows.length).toBeLessThan(10_000)
    expect(bytes).toBeLessThan(file.size / 2)
  })

  it('takes columns that a later file does not have as null, and refuses others', async () => {
    const first = written([{ name: 'a', data: [1], type: 'INT32' }])
    const less = written([{ name: 'b', data: [2], type: 'INT32' }])
    expect(await problemOf(readAll([first, less]))).toMatchObject({ code: 'FILES_DIFFER', params: { columns: '"b"' } })
    expect((await readAll([first, less], { columns: ['a'] })).rows).toEqual([[1], [null]])
  })
})
