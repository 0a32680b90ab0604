import type { ResultColumn, Row, RowSink } from '../../../src/connectors/define.ts'
import { FileProblemError } from '../../../src/connectors/files/file-problem.ts'
import type { FileSource } from '../../../src/connectors/files/file-source.ts'
import { type ReadFilesOptions, readFiles } from '../../../src/connectors/files/read-files.ts'
import type { Problem } from '../../../src/connectors/problem.ts'

/** Options as a form gives them, with some others. */
export const optionsWith = (
  options: Partial<Omit<ReadFilesOptions, 'csv'>> & { readonly csv?: Partial<ReadFilesOptions['csv']> } = {},
): ReadFilesOptions => ({
  format: 'AUTO',
  compression: 'AUTO',
  columns: [],
  json: {},
  nameColumn: null,
  ...options,
  csv: { quoted: true, quote: '"', header: true, skipLines: 0, encoding: 'UTF_8', ...options.csv },
})

/** A file in memory, which counts what is asked of it. */
export class MemoryFile implements FileSource {
  readonly name: string
  readonly size: number
  /** Chunks that have been taken. */
  taken = 0
  /** Whether a stream has begun, and whether it has ended, by itself or not. */
  begun = 0
  ended = 0
  readonly ranges: [start: number, end: number][] = []
  readonly #content: Buffer
  readonly #chunks: readonly Buffer[]

  constructor(name: string, content: string | Uint8Array | readonly (string | Uint8Array)[]) {
    this.name = name
    const chunks = Array.isArray(content) ? content : [content]
    this.#chunks = chunks.map(chunk => Buffer.from(chunk))
    this.#content = Buffer.concat(this.#chunks)
    this.size = this.#content.length
  }

  async *stream(): AsyncGenerator<Uint8Array> {
    this.begun += 1
    try {
      for (const chunk of this.#chunks) {
        this.taken += 1
        yield chunk
      }
    } finally {
      this.ended += 1
    }
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (start < 0 || end > this.size || start > end) throw new Error(`No bytes ${start} to ${end}.`)
    this.ranges.push([start, end])
    return this.#content.subarray(start, end)
  }
}

export interface Read {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly Row[]
  readonly files: number
}

/** Reads files for a reader who takes everything, or ends after so many rows. */
export async function readAll(
  files: readonly FileSource[],
  options: Parameters<typeof optionsWith>[0] = {},
  enough = Number.POSITIVE_INFINITY,
): Promise<Read> {
  const told: (readonly ResultColumn[])[] = []
  const rows: Row[] = []
  const sink: RowSink = {
    columns: columns => told.push(columns),
    rows: async given => {
      if (told.length === 0) throw new Error('Rows came before their columns.')
      for (const row of given) rows.push(row)
      return rows.length < enough
    },
    json: () => Promise.reject(new Error('These rows are not given as JSON.')),
  }
  const end = await readFiles(streamOf(files), optionsWith(options), sink, new AbortController().signal)
  if (told.length > 1) throw new Error('Columns were told twice.')
  const [columns = []] = told
  const wrong = rows.find(row => row.length !== columns.length)
  if (wrong) throw new Error(`A row of ${wrong.length} values for ${columns.length} columns.`)
  return { columns, rows, files: end.files }
}

export async function* streamOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

export const namesOf = ({ columns }: Read): readonly string[] => columns.map(({ name }) => name)

/** The problem that reading ends with. */
export async function problemOf(reading: Promise<unknown>): Promise<Problem> {
  try {
    await reading
  } catch (error) {
    if (error instanceof FileProblemError) return error.problem
    throw error
  }
  throw new Error('It could be read.')
}

/** `content` cut at some of its bytes. */
export function cutAt(content: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [0, ...places.map(place => place % (content.length + 1)).sort((a, b) => a - b), content.length]
  return cuts.slice(1).map((end, index) => content.subarray(cuts[index], end))
}
