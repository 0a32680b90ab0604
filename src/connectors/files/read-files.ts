import { setImmediate } from 'node:timers/promises'
import type { ResultColumn, Row, RowSink } from '../define.ts'
import { columnNames } from './column-names.ts'
import { openCsv } from './csv-table.ts'
import { fileBytes } from './file-bytes.ts'
import type { FileOptions } from './file-options.ts'
import { filesDiffer, listed, unusableQuery } from './file-problem.ts'
import type { FileSource } from './file-source.ts'
import type { FileTable, RowShape } from './file-table.ts'
import { formatOf } from './format-of.ts'
import { recordsOfJson } from './json-document.ts'
import { linesOfJson } from './json-lines.ts'
import { openRecords } from './json-table.ts'
import { openParquet } from './parquet/parquet-table.ts'

export interface ReadFilesOptions extends FileOptions {
  /** Of the column with each row's file; null for none. It comes first. */
  readonly nameColumn: string | null
}

/** How many files were begun. With none, `sink` has been told nothing, not even columns. */
export interface ReadFilesEnd {
  readonly files: number
}

/**
 * Gives the rows of files to `sink`, one file after another, for as long as they are wanted. The columns of the first one
 * are those of all, and their types as it has them; files without any, as they are empty, are passed over. Throws `FileProblemError` for what is wrong with
 * a file, whatever a `FileSource` throws, and the signal's reason.
 */
export async function readFiles(
  files: AsyncIterable<FileSource>,
  options: ReadFilesOptions,
  sink: RowSink,
  signal: AbortSignal,
): Promise<ReadFilesEnd> {
  const reading = new Reading(options, sink, signal)
  let count = 0
  for await (const file of files) {
    count += 1
    if (!(await reading.give(file))) break
  }
  if (count > 0) reading.finish()
  return { files: count }
}

/** How long rows are made before anything else gets its turn. */
const maxBusyMs = 50

interface Decision {
  /** The file that decided. */
  readonly first: string
  readonly shape: RowShape
}

class Reading {
  readonly #options: ReadFilesOptions
  readonly #sink: RowSink
  readonly #signal: AbortSignal
  /** Made by the first file that has columns. */
  #decision: Decision | null = null
  #pausedAt = performance.now()

  constructor(options: ReadFilesOptions, sink: RowSink, signal: AbortSignal) {
    this.#options = options
    this.#sink = sink
    this.#signal = signal
  }

  /** Answers whether more is wanted. */
  async give(file: FileSource): Promise<boolean> {
    this.#signal.throwIfAborted()
    const bytes = fileBytes(file, this.#options, this.#signal)
    try {
      const table = await openTable(file, bytes, this.#options, this.#signal)
      return table.columns.length === 0 || (await this.#giveRows(file, table))
    } finally {
      await bytes.return(undefined)
    }
  }

  /** When there are no more files: tells columns where none had any. */
  finish(): void {
    if (this.#decision) return
    const columns = this.#options.columns.map((name): ResultColumn => ({ name, nativeType: 'null', type: 'OTHER' }))
    this.#sink.columns(this.#withName(columns))
  }

  async #giveRows(file: FileSource, table: FileTable): Promise<boolean> {
    const shape = this.#decision ? this.#shapeOf(this.#decision, file, table) : this.#decide(file, table)
    for await (const rows of table.rows(shape)) {
      if (rows.length > 0 && !(await this.#sink.rows(this.#named(file, rows)))) return false
      await this.#pause()
    }
    return true
  }

  /** Lets a cancellation in, also while there is nothing to wait for. */
  async #pause(): Promise<void> {
    if (performance.now() - this.#pausedAt < maxBusyMs) return
    await setImmediate()
    this.#signal.throwIfAborted()
    this.#pausedAt = performance.now()
  }

  #decide(file: FileSource, { columns, otherFields = null }: FileTable): RowShape {
    const { nameColumn } = this.#options
    const names = columns.map(({ name }) => name)
    const toldNames = namesBeside(nameColumn, names)
    const told = columns.map((column, place) => ({ ...column, name: toldNames[place] ?? column.name }))
    const chosen = this.#options.columns.length === 0 ? toldNames : this.#options.columns
    const wanted = chosen.filter(name => name !== nameColumn).map(name => toldNames.indexOf(name))
    if (wanted.includes(-1)) {
      const unknown = chosen.filter(name => name !== nameColumn && !toldNames.includes(name))
      throw unusableQuery(
        ['columns'],
        `Not in "${file.name}": ${listed(unknown)}. What there is: ${listed(toldNames)}.`,
      )
    }
    const shape = {
      names: wanted.flatMap(place => names[place] ?? []),
      known: new Set(names),
      otherFields,
      refuse: this.#refusal(file.name, file.name),
    }
    this.#decision = { first: file.name, shape }
    this.#sink.columns(this.#withName(wanted.flatMap(place => told[place] ?? [])))
    return shape
  }

  #shapeOf({ first, shape }: Decision, file: FileSource, { columns, otherFields }: FileTable): RowShape {
    const refuse = this.#refusal(file.name, first)
    // Fields of records are looked at one by one.
    if (otherFields === undefined) refuse(columns.map(({ name }) => name).filter(name => !shape.known.has(name)))
    return { ...shape, refuse }
  }

  /** Whoever chooses columns does not want others. */
  #refusal(key: string, first: string): (unknown: readonly string[]) => void {
    return unknown => {
      if (unknown.length > 0 && this.#options.columns.length === 0) throw filesDiffer(key, first, unknown)
    }
  }

  #withName(columns: readonly ResultColumn[]): readonly ResultColumn[] {
    const { nameColumn } = this.#options
    return nameColumn === null ? columns : [{ name: nameColumn, nativeType: 'text', type: 'TEXT' }, ...columns]
  }

  #named(file: FileSource, rows: readonly Row[]): readonly Row[] {
    return this.#options.nameColumn === null ? rows : rows.map(row => [file.name, ...row])
  }
}

/** As columns are called beside the one with the names of files: one that is called so itself is numbered. */
const namesBeside = (nameColumn: string | null, names: readonly string[]): readonly string[] =>
  nameColumn === null || !names.includes(nameColumn) ? names : columnNames([nameColumn, ...names]).slice(1)

function openTable(
  file: FileSource,
  bytes: AsyncIterable<Uint8Array>,
  options: ReadFilesOptions,
  signal: AbortSignal,
): Promise<FileTable> {
  // Where each row has its file's name there may be many.
  const isOnly = options.nameColumn === null
  switch (formatOf(file.name, options)) {
    case 'CSV':
      return openCsv(file, bytes, options)
    case 'JSON':
      return openRecords(recordsOfJson(file.name, bytes, options.json.records), isOnly)
    case 'NDJSON':
      return openRecords(linesOfJson(file.name, bytes), isOnly)
    case 'PARQUET':
      return openParquet(file, signal)
  }
}
