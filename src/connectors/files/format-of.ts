import type { FileFormat, FileOptions } from './file-options.ts'
import { unknownFormat } from './file-problem.ts'

const formats = new Map<string, FileFormat>([
  ['csv', 'CSV'],
  ['tsv', 'CSV'],
  ['json', 'JSON'],
  ['ndjson', 'NDJSON'],
  ['jsonl', 'NDJSON'],
  ['parquet', 'PARQUET'],
])

/** The format that a file is read as. Throws `FileProblemError` where neither the options nor its name say one. */
export function formatOf(name: string, { format }: Pick<FileOptions, 'format'>): FileFormat {
  if (format !== 'AUTO') return format
  const known = formats.get(extensionOf(name))
  if (known === undefined) throw unknownFormat(name)
  return known
}

/** Whether its name says how a file is read. */
export const hasFormat = (name: string): boolean => formats.has(extensionOf(name))

/** The end of a name, in lower case and without that of a compression: `csv` of `A.CSV.gz`. */
export function extensionOf(name: string): string {
  const plain = name.toLowerCase().replace(/\.gz$/, '')
  return /\.([a-z]+)$/.exec(plain)?.[1] ?? ''
}
