export type FileFormat = 'CSV' | 'JSON' | 'NDJSON' | 'PARQUET'

/** How files are to be read. */
export interface FileOptions {
  /** AUTO: by the end of each file's name. */
  readonly format: FileFormat | 'AUTO'
  /** Of the file as a whole. AUTO: gzip where it begins as gzip does. Parquet is never compressed so. */
  readonly compression: 'AUTO' | 'NONE' | 'GZIP'
  /** Names of the columns to give, in their order; empty for all. */
  readonly columns: readonly string[]
  readonly csv: CsvOptions
  readonly json: JsonOptions
}

export interface CsvOptions {
  /** Left out: a comma, and a tab in files that end in .tsv. */
  readonly delimiter?: string | undefined
  /** Whether values may be in quotes at all; else quotes are like any other character. */
  readonly quoted: boolean
  readonly quote: string
  /** Left out: quotes within quoted values are doubled. */
  readonly escape?: string | undefined
  /** Whether the first line names the columns; else they are `column_1`, `column_2` ... */
  readonly header: boolean
  readonly skipLines: number
  readonly encoding: TextEncodingName
}

export type TextEncodingName =
  | 'UTF_8'
  | 'UTF_16LE'
  | 'UTF_16BE'
  | 'WINDOWS_1252'
  | 'ISO_8859_15'
  | 'SHIFT_JIS'
  | 'GB18030'

export interface JsonOptions {
  /** Field names with dots between them, from the document to its list of records. Left out: the document is the list. */
  readonly records?: string | undefined
}
