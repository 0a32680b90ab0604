import { gzipSync } from 'node:zlib'
import type { FileSource } from '../../../src/connectors/files/file-source.ts'
import { readFiles } from '../../../src/connectors/files/read-files.ts'
import { craftedParquet } from './crafted-parquet.ts'
import { optionsWith, streamOf } from './file-reading.ts'

/**
 * Reads a file that is made as it is read, in a process with the flags of those that run drivers, and prints how many rows it
 * had and by how much the process grew meanwhile.
 */

const mebibyte = 2 ** 20

interface Made {
  readonly source: FileSource
  /** Of what is read, decompressed. */
  readonly bytes: () => number
}

function streamed(name: string, pieces: Iterable<string | Uint8Array>): Made {
  let bytes = 0
  const source: FileSource = {
    name,
    size: 1_000 * mebibyte,
    async *stream() {
      for (const piece of pieces) {
        const chunk = Buffer.from(piece)
        bytes += chunk.length
        yield chunk
        // As a socket would: what comes next comes later.
        await new Promise(setImmediate)
      }
    },
    read: () => Promise.reject(new Error('It is streamed.')),
  }
  return { source, bytes: () => bytes }
}

function* repeated(bytes: number, head: string, piece: (line: number) => string, tail = ''): Generator<string> {
  yield head
  let line = 0
  for (let done = 0; done < bytes; ) {
    let text = ''
    while (text.length < 64 * 1_024) {
      text += piece(line)
      line += 1
    }
    done += text.length
    yield text
  }
  yield tail
}

/** Row groups that all lie in the same few megabytes: a file of any size from little memory. */
function parquet(groups: number): Made {
  const values = 500_000
  const body = Buffer.from(Int32Array.from({ length: values }, (_, index) => index * 7_919).buffer)
  const once = craftedParquet({ pages: [{ count: values, body }] })
  const end = BigInt(once.indexOf(body) + body.length - 4)
  const meta = {
    field_1: 1,
    field_2: [0],
    field_3: ['a'],
    field_4: 0,
    field_5: BigInt(values),
    field_6: end,
    field_7: end,
    field_9: 4n,
  }
  const group = { field_1: [{ field_2: 4n, field_3: meta }], field_2: end, field_3: BigInt(values) }
  const file = craftedParquet({
    pages: [{ count: values, body }],
    footer: { field_4: Array.from({ length: groups }, () => group) },
  })
  let bytes = 0
  const source: FileSource = {
    name: 'a.parquet',
    size: file.length,
    stream: () => streamOf([]),
    read: async (start, end) => {
      bytes += end - start
      return new Uint8Array(file.subarray(start, end))
    },
  }
  return { source, bytes: () => bytes }
}

const scenarios: Readonly<Record<string, () => Made>> = {
  csv: () =>
    streamed(
      'a.csv',
      repeated(80 * mebibyte, 'id,name,note\n', line => `${line},"Name, ${line}",${'some text '.repeat(20)}\n`),
    ),
  ndjson: () =>
    streamed(
      'a.ndjson',
      repeated(
        80 * mebibyte,
        '',
        line => `${JSON.stringify({ id: line, tags: ['a', line], note: 'some text '.repeat(20) })}\n`,
      ),
    ),
  json: () =>
    streamed(
      'a.json',
      repeated(60 * mebibyte, '[0', line => `,${JSON.stringify({ id: line, note: 'some text '.repeat(20) })}`, ']'),
    ),
  gzip: () => {
    const member = gzipSync(`${'some text '.repeat(100)}\n`.repeat(10_000))
    return streamed('a.csv.gz', [gzipSync('a\n'), ...Array.from({ length: 6 }, () => member)])
  },
  parquet: () => parquet(32),
}

const { source, bytes } = scenarios[process.argv[2] ?? '']?.() ?? streamed('a.csv', [])
const options = optionsWith()
let rows = 0
let peak = 0
let before: number | null = null
await readFiles(
  streamOf([source]),
  options,
  {
    columns: () => {},
    rows: async given => {
      rows += given.length
      // Code and what is kept for good are there after the first of them.
      if (rows > 20_000) before ??= process.memoryUsage.rss()
      peak = Math.max(peak, process.memoryUsage.rss())
      return true
    },
    json: () => Promise.reject(new Error('These rows are not given as JSON.')),
  },
  new AbortController().signal,
)
const megabytes = (count: number) => Math.round(count / mebibyte)
process.stdout.write(
  JSON.stringify({
    rows,
    readMb: megabytes(bytes()),
    grownMb: megabytes(peak - (before ?? peak)),
    peakMb: megabytes(peak),
  }),
)
