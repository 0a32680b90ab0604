import type { ResultColumn, Row } from '../define.ts'
import { columnNames } from './column-names.ts'
import { CsvParser, type CsvRecord, type CsvValue } from './csv-parser.ts'
import type { FileOptions } from './file-options.ts'
import { malformed, unusableQuery } from './file-problem.ts'
import type { FileSource } from './file-source.ts'
import { type FileTable, placesOf, type RowShape } from './file-table.ts'
import { fileText, withoutLines } from './file-text.ts'
import { extensionOf } from './format-of.ts'
import { bytesAtOnce } from './limits.ts'

/**
 * Opens a CSV file: reads as far as its first record. Every value is text as it is written, or null where it is empty and
 * not in quotes. Records with fewer values than there are columns are filled up with nulls; one with more is refused, unless
 * what is too much is null. Lines without anything are skipped.
 */
export async function openCsv(
  file: FileSource,
  bytes: AsyncIterable<Uint8Array>,
  { csv }: FileOptions,
): Promise<FileTable> {
  const delimiter = csv.delimiter ?? (extensionOf(file.name) === 'tsv' ? '\t' : ',')
  if (csv.quoted && (delimiter === csv.quote || delimiter === csv.escape)) {
    throw unusableQuery(['csv.delimiter', 'csv.quote'], 'The separator is also the quote, or the escape.')
  }
  const text = withoutLines(fileText(file.name, bytes, csv.encoding), csv.skipLines)
  const batches = recordsOf(text, new CsvParser({ ...csv, name: file.name, delimiter }))
  const { value: begun = [] } = await batches.next()
  const first = begun[0]?.values ?? []
  const columns = columnNames(csv.header ? first : first.map(() => null)).map(textColumn)
  return { columns, rows: shape => rowsOf(file.name, columns, shape, csv.header ? begun.slice(1) : begun, batches) }
}

const textColumn = (name: string): ResultColumn => ({ name, nativeType: 'text', type: 'TEXT' })

/** Batches of records, none of which is empty. */
async function* recordsOf(text: AsyncIterable<string>, parser: CsvParser): AsyncGenerator<readonly CsvRecord[], void> {
  for await (const chunk of text) {
    for (let at = 0; at < chunk.length; ) {
      const end = pieceEnd(chunk, at)
      const records = await parser.parse(chunk.slice(at, end))
      if (records.length > 0) yield records
      at = end
    }
  }
  const records = await parser.end()
  if (records.length > 0) yield records
}

/** A little earlier where a character of two units would be cut. */
function pieceEnd(text: string, start: number): number {
  const end = start + bytesAtOnce
  if (end >= text.length) return text.length
  return /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end
}

async function* rowsOf(
  name: string,
  columns: readonly ResultColumn[],
  { names }: RowShape,
  begun: readonly CsvRecord[],
  batches: AsyncGenerator<readonly CsvRecord[], void>,
): AsyncGenerator<readonly Row[]> {
  const places = placesOf(names, columns)
  const isWhole = places.length === columns.length && places.every((place, index) => place === index)
  const rowOf = ({ values, line }: CsvRecord): Row => {
    if (values.length === columns.length && isWhole) return values
    refuseSurplus(name, values, columns.length, line)
    return places.map(place => values[place] ?? null)
  }
  yield begun.map(rowOf)
  for await (const records of batches) yield records.map(rowOf)
}

function refuseSurplus(name: string, values: readonly CsvValue[], columns: number, line: number): void {
  if (values.length > columns && values.slice(columns).some(value => value !== null)) {
    throw malformed(name, 'CSV', `line ${line}: ${values.length} values for ${columns} columns`)
  }
}
