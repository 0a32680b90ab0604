import type { ResultColumn, Row } from '../../define.ts'
import type { JsonValue } from '../../json.ts'
import { columnNames } from '../column-names.ts'
import { FileProblemError, malformed } from '../file-problem.ts'
import type { FileSource } from '../file-source.ts'
import { type FileTable, placesOf, type RowShape } from '../file-table.ts'
import { columnValues } from './assemble.ts'
import { ChunkPages } from './chunk-pages.ts'
import { type Footer, type RowGroup, readFooter } from './footer.ts'
import { HeldBytes } from './held-bytes.ts'
import { LeafReader } from './leaf-reader.ts'
import { leafValues } from './leaf-values.ts'
import {
  concurrentReads,
  maxReadBytes,
  maxRowsAtOnce,
  minReadBytes,
  readAheadBytes,
  rowBytesAtOnce,
  valuesAtOnce,
} from './limits.ts'
import { RangedFile } from './ranged-file.ts'
import { leavesOf, type SchemaNode } from './schema.ts'

/**
 * Opens a Parquet file: reads what it says of itself. Of its columns only those that are wanted are read, a page of each at a
 * time, whatever the size of its row groups.
 */
export async function openParquet(source: FileSource, signal: AbortSignal): Promise<FileTable> {
  const file = new RangedFile(source, signal)
  const footer = await guarded(file, 'its description', () => readFooter(file))
  const names = columnNames(footer.columns.map(({ name }) => name))
  const columns = footer.columns.map((node, place) => ({ name: names[place] ?? node.name, ...typeOf(node) }))
  return { columns, rows: shape => rowsOf(file, footer, columns, shape) }
}

function typeOf(node: SchemaNode): Pick<ResultColumn, 'nativeType' | 'type'> {
  const { meaning } = node
  if (node.repetition === 'REPEATED' || (node.kind === 'GROUP' && meaning?.kind === 'LIST')) {
    return { nativeType: 'LIST', type: 'LIST' }
  }
  if (node.kind === 'LEAF') return leafValues(node)
  return { nativeType: meaning?.kind === 'MAP' ? 'MAP' : 'STRUCT', type: 'JSON' }
}

async function* rowsOf(
  file: RangedFile,
  { columns: nodes, rowGroups }: Footer,
  columns: readonly ResultColumn[],
  { names }: RowShape,
): AsyncGenerator<readonly Row[]> {
  const places = placesOf(names, columns)
  const wantedPlaces = [...new Set(places)].filter(place => place >= 0)
  const wanted = wantedPlaces.flatMap(place => nodes[place] ?? [])
  const indexes = places.map(place => wantedPlaces.indexOf(place))
  for (const [number, group] of rowGroups.entries()) {
    const readers = columnReaders(file, wanted, group, number)
    const rowsAtOnce = rowsAtOnceOf(wanted, group)
    for (let done = 0; done < group.rows; done += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, group.rows - done)
      const values = await inTurns(readers, reader => reader(count))
      yield Array.from({ length: count }, (_, row) => indexes.map(index => values[index]?.[row] ?? null))
    }
  }
}

function rowsAtOnceOf(columns: readonly SchemaNode[], { rows, chunks }: RowGroup): number {
  const leaves = columns.flatMap(leavesOf)
  const bytes = leaves.reduce((sum, { place }) => sum + (chunks[place]?.bytes ?? 0), 0)
  const byBytes = Math.floor((rowBytesAtOnce * rows) / Math.max(1, bytes))
  const byValues = Math.floor(valuesAtOnce / Math.max(1, leaves.length))
  return Math.max(1, Math.min(maxRowsAtOnce, byBytes, byValues))
}

type ColumnReader = (rows: number) => Promise<readonly JsonValue[]>

function columnReaders(
  file: RangedFile,
  columns: readonly SchemaNode[],
  { chunks }: RowGroup,
  number: number,
): readonly ColumnReader[] {
  const held = new HeldBytes()
  const leafCount = columns.flatMap(leavesOf).length
  const readBytes = Math.min(maxReadBytes, Math.max(minReadBytes, Math.floor(readAheadBytes / Math.max(1, leafCount))))
  return columns.map(column => {
    const leaves = leavesOf(column).flatMap(leaf => {
      const chunk = chunks[leaf.place]
      return chunk ? [new LeafReader(leaf, new ChunkPages(file, chunk, leaf, held, readBytes))] : []
    })
    return rows =>
      guarded(file, `column "${column.name}" of row group ${number + 1}`, async () => {
        const entries = []
        for (const leaf of leaves) entries.push(await leaf.take(rows))
        return columnValues(column, entries, rows)
      })
  })
}

/** A few at a time: each may wait for what it reads. Answers in the order of `items`. */
async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let at = 0; at < items.length; at += concurrentReads) {
    results.push(...(await Promise.all(items.slice(at, at + concurrentReads).map(work))))
  }
  return results
}

/**
 * What is thrown while a file's bytes are taken apart is wrong with the file, whatever it is: the reader library stumbles
 * over what it does not expect. What the source throws is not.
 */
async function guarded<Result>(file: RangedFile, where: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (file.failure) throw file.failure.error
    if (error instanceof FileProblemError) throw error
    throw malformed(file.name, 'PARQUET', `${where}: ${error instanceof Error ? error.message : 'it is damaged'}`)
  }
}
