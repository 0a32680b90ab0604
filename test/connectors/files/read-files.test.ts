import { describe, expect, it, test } from 'vitest'
import type { FileSource } from '../../../src/connectors/files/file-source.ts'
import { readFiles } from '../../../src/connectors/files/read-files.ts'
import { MemoryFile, namesOf, optionsWith, problemOf, readAll, streamOf } from './file-reading.ts'

const file = (name: string, content: string) => new MemoryFile(name, content)

describe('the columns of files', () => {
  it('are those of the first one, by name; a column with the names of files comes first', async () => {
    const read = await readAll(
      [file('a.csv', 'a,b\n1,2\n'), file('b.csv', 'b,a\n3,4\n'), file('c.csv', 'b\n5\n'), file('d.csv', 'a,b\n')],
      { nameColumn: '_object' },
    )
    expect(namesOf(read)).toEqual(['_object', 'a', 'b'])
    expect(read.rows).toEqual([
      ['a.csv', '1', '2'],
      ['b.csv', '4', '3'],
      ['c.csv', null, '5'],
    ])
    expect(read.files).toBe(4)
  })

  it('may not be others in a later one, unless columns are chosen', async () => {
    const files = [file('a.csv', 'a\n1\n'), file('b.csv', 'a,b,c\n2,3,4\n')]
    const problem = await problemOf(readAll(files))
    expect(problem).toMatchObject({
      code: 'FILES_DIFFER',
      params: { key: 'b.csv', first: 'a.csv', columns: '"b", "c"' },
    })
    expect((await readAll(files, { columns: ['a'] })).rows).toEqual([['1'], ['2']])
  })

  it('of JSON may be others in a later one: the last column has them', async () => {
    const files = [file('a.json', '[{"a":1}]'), file('b.ndjson', '{"b":2}\n{"a":3,"c":[4]}\n')]
    const read = await readAll(files, { nameColumn: '_object' })
    expect(namesOf(read)).toEqual(['_object', 'a', '(other fields)'])
    expect(read.rows).toEqual([
      ['a.json', 1, null],
      ['b.ndjson', null, { b: 2 }],
      ['b.ndjson', 3, { c: [4] }],
    ])
    // Without that column nothing may be lost either.
    expect(await problemOf(readAll(files))).toMatchObject({ code: 'FILES_DIFFER', params: { columns: '"b"' } })
  })

  it('are chosen in any order, that of other fields too', async () => {
    const csv = await readAll([file('a.csv', 'a,b,c\n1,2,3\n')], { columns: ['c', 'a'], nameColumn: '_object' })
    expect([namesOf(csv), csv.rows]).toEqual([['_object', 'c', 'a'], [['a.csv', '3', '1']]])
    const files = [file('a.ndjson', '{"a":1,"b":2}\n'), file('b.ndjson', '{"c":3,"b":4}\n')]
    const json = await readAll(files, { columns: ['(other fields)', 'b'], nameColumn: '_object' })
    expect(json.rows).toEqual([
      ['a.ndjson', null, 2],
      ['b.ndjson', { c: 3 }, 4],
    ])
  })

  it('that are chosen and not there are named, with those that are', async () => {
    const problem = await problemOf(readAll([file('a.csv', 'a,b\n1,2\n')], { columns: ['a', 'x', 'A'] }))
    expect(problem).toMatchObject({ code: 'QUERY_INVALID', fields: ['columns'] })
    expect(problem.detail).toBe('Not in "a.csv": "x", "A". What there is: "a", "b".')
  })

  it('may be called as the one with the names of files is', async () => {
    const files = [file('a.csv', '_object,a\n1,2\n'), file('b.csv', 'a,_object\n3,4\n')]
    const all = await readAll(files, { nameColumn: '_object' })
    expect(namesOf(all)).toEqual(['_object', '_object_2', 'a'])
    expect(all.rows).toEqual([
      ['a.csv', '1', '2'],
      ['b.csv', '4', '3'],
    ])
    const chosen = await readAll(files, { nameColumn: '_object', columns: ['_object_2', '_object'] })
    expect([namesOf(chosen), chosen.rows[0]]).toEqual([
      ['_object', '_object_2'],
      ['a.csv', '1'],
    ])
  })

  it('are not decided by files with nothing in them', async () => {
    const files = [file('a.csv', ''), file('b.csv', '\n'), file('c.csv', 'a\n1\n')]
    const read = await readAll(files)
    expect([namesOf(read), read.rows, read.files]).toEqual([['a'], [['1']], 3])
  })

  it('are none where no file has any, and still told', async () => {
    expect(await readAll([file('a.json', '[]')], { nameColumn: '_object', columns: ['a'] })).toMatchObject({
      columns: [{ name: '_object' }, { name: 'a' }],
      rows: [],
      files: 1,
    })
  })

  it('are not told where there is no file', async () => {
    expect(await readAll([])).toEqual({ columns: [], rows: [], files: 0 })
  })
})

describe('a name of a file', () => {
  it('is shown without what would mislead its reader', async () => {
    const problem = await problemOf(readAll([file('a\u202e\n"vsc.exe', '')]))
    expect(problem.message).toBe('Nothing says which format "a "vsc.exe" has.')
  })
})

describe('the format of a file', () => {
  test.each(['a.txt', 'csv', 'a.csv.zip', 'a.gz', 'a', 'a.constructor'])('is not known of %s', async name => {
    const problem = await problemOf(readAll([file(name, 'a\n1\n')]))
    expect(problem).toMatchObject({ code: 'FILE_FORMAT_UNKNOWN', params: { key: name }, fields: ['format'] })
  })

  it('is what is asked for, whatever a file is called', async () => {
    expect((await readAll([file('a.json', 'a\n1\n')], { format: 'CSV' })).rows).toEqual([['1']])
    expect((await readAll([file('a.txt', '{"a":1}')], { format: 'NDJSON' })).rows).toEqual([[1]])
  })
})

describe('reading files', () => {
  const lines = (count: number) => Array.from({ length: count }, () => `${'x'.repeat(1_000)}\n`.repeat(100))

  it('takes nothing while there is no room', async () => {
    const source = new MemoryFile('a.csv', ['a\n', ...lines(100)])
    const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>()
    const { promise: full, resolve: isFull } = Promise.withResolvers<void>()
    const reading = readFiles(
      streamOf([source]),
      optionsWith(),
      {
        columns: () => {},
        rows: async () => {
          isFull()
          await room
          return true
        },
        json: async () => true,
      },
      new AbortController().signal,
    )
    await full
    const taken = source.taken
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
    expect(source.taken).toBe(taken)
    expect(taken).toBeLessThan(5)
    makeRoom()
    await reading
    expect(source.taken).toBe(101)
  })

  it.each(['csv', 'ndjson', 'json'])(
    'ends the transfer, and begins no other file, once there are rows enough: %s',
    async kind => {
      const record = kind === 'csv' ? 'x\n' : `{"a":"${'x'.repeat(1_000)}"}${kind === 'json' ? ',' : '\n'}`
      const head = kind === 'csv' ? 'a\n' : kind === 'json' ? '[' : ''
      const first = new MemoryFile(`a.${kind}`, [head, ...Array.from({ length: 5_000 }, () => record)])
      const second = new MemoryFile(`b.${kind}`, 'a\n')
      const read = await readAll([first, second], {}, 1)
      expect(read.files).toBe(1)
      expect([first.begun, first.ended, second.begun]).toEqual([1, 1, 0])
      expect(first.taken).toBeLessThan(5_000)
    },
  )

  it('ends the transfer of a file that is refused', async () => {
    for (const content of ['a\n1,2\n', '"']) {
      const source = new MemoryFile('a.csv', [content, ...lines(50)])
      await problemOf(readAll([source]))
      expect([source.begun, source.ended]).toEqual([1, 1])
    }
  })

  it('passes on what a source throws', async () => {
    const failure = new Error('The connection was lost.')
    const broken = (name: string, first: string | Uint8Array): FileSource => ({
      name,
      size: 1_000,
      async *stream() {
        yield Buffer.from(first)
        throw failure
      },
      read: async () => {
        throw failure
      },
    })
    for (const source of [
      broken('a.csv', 'a\n1\n'),
      broken('a.csv', ''),
      broken('a.json', '[1,'),
      broken('a.ndjson', '1\n'),
      broken('a.csv.gz', Buffer.from([0x1f, 0x8b, 8, 0])),
      broken('a.parquet', ''),
    ]) {
      await expect(readAll([source])).rejects.toBe(failure)
    }
  })

  it('ends with the reason of the signal, also while a source is silent', async () => {
    const controller = new AbortController()
    const reason = new Error('Cancelled.')
    const silent: FileSource = {
      name: 'a.csv.gz',
      size: 1_000,
      async *stream(signal) {
        yield Buffer.from([0x1f, 0x8b])
        queueMicrotask(() => controller.abort(reason))
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      },
      read: () => Promise.reject(new Error('It is streamed.')),
    }
    const sink = { columns: () => {}, rows: async () => true, json: async () => true }
    await expect(readFiles(streamOf([silent]), optionsWith(), sink, controller.signal)).rejects.toBe(reason)
  })

  it('lets a cancellation in while rows are made without a pause', async () => {
    const controller = new AbortController()
    const reason = new Error('Cancelled.')
    const source = new MemoryFile('a.csv', ['a\n', ...lines(300)])
    const sink = { columns: () => {}, rows: async () => true, json: async () => true }
    const reading = readFiles(streamOf([source]), optionsWith(), sink, controller.signal)
    setImmediate(() => controller.abort(reason))
    await expect(reading).rejects.toBe(reason)
    expect(source.taken).toBeLessThan(300)
  })
})
