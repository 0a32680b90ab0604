import { gzipSync } from 'node:zlib'
import { describe, expect, it, test } from 'vitest'
import { cutAt, MemoryFile, problemOf, readAll } from './file-reading.ts'

const rows = [
  ['1', 'x'],
  ['2', 'y'],
]
const zipped = gzipSync('a,b\n1,x\n2,y\n')

describe('gzip', () => {
  it('is recognised by what a file begins with, wherever that is cut', async () => {
    for (let place = 0; place <= zipped.length; place += 1) {
      expect((await readAll([new MemoryFile('a.csv', cutAt(zipped, [place, place + 1]))])).rows).toEqual(rows)
    }
    expect((await readAll([new MemoryFile('a.csv.gz', 'a,b\n1,x\n2,y\n')])).rows).toEqual(rows)
  })

  it('leaves the format to the extension before .gz, whatever its case', async () => {
    const file = new MemoryFile('A.NDJSON.GZ', gzipSync('{"a":1}\n'))
    expect((await readAll([file])).rows).toEqual([[1]])
  })

  it('may have several members', async () => {
    const members = Buffer.concat([gzipSync('a,b\n1,x\n'), gzipSync('2,'), gzipSync(''), gzipSync('y\n')])
    for (const pieces of [[members], [...members].map(byte => Buffer.of(byte))]) {
      expect((await readAll([new MemoryFile('a.csv.gz', pieces)])).rows).toEqual(rows)
    }
  })

  test.each<[what: string, content: Uint8Array]>([
    ['cut off', zipped.subarray(0, -9)],
    ['cut off in its checksum', zipped.subarray(0, -2)],
    ['cut off in its head', zipped.subarray(0, 5)],
    ['damaged', Buffer.from(zipped).fill(0xff, 10, 20)],
    ['with a wrong checksum', Buffer.from(zipped).fill(0, zipped.length - 8, zipped.length - 4)],
    ['followed by something else', Buffer.concat([zipped, Buffer.from('more')])],
  ])('that is %s is refused', async (_what, content) => {
    for (const pieces of [[content], [...content].map(byte => Buffer.of(byte))]) {
      const problem = await problemOf(readAll([new MemoryFile('a.csv.gz', pieces)]))
      expect(problem).toMatchObject({ code: 'FILE_MALFORMED', params: { key: 'a.csv.gz', format: 'gzip' } })
    }
  })

  it('is asked for, and is not there', async () => {
    for (const content of ['', 'a', 'a,b\n']) {
      const problem = await problemOf(readAll([new MemoryFile('a.csv', content)], { compression: 'GZIP' }))
      expect(problem).toMatchObject({ code: 'FILE_MALFORMED', params: { format: 'gzip' } })
    }
  })

  it('stays as it is where nothing is to be decompressed', async () => {
    const problem = await problemOf(readAll([new MemoryFile('a.csv', zipped)], { compression: 'NONE' }))
    expect(problem).toMatchObject({ code: 'FILE_MALFORMED', params: { format: 'CSV' } })
  })

  it('is decompressed no further than its rows are wanted', async () => {
    const lines = gzipSync(Array.from({ length: 200_000 }, (_, index) => (index * 7_919) % 99_991).join('\n'))
    const pieces = cutAt(
      lines,
      Array.from({ length: Math.floor(lines.length / 500) }, (_, index) => 500 * index),
    )
    const file = new MemoryFile('a.csv.gz', pieces)
    const read = await readAll([file], {}, 10)
    expect(read.rows.length).toBeGreaterThanOrEqual(10)
    expect(read.rows.length).toBeLessThan(20_000)
    expect(file.taken).toBeLessThan(pieces.length / 2)
    expect(file.ended).toBe(1)
  })
})
