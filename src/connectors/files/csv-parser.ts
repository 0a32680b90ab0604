import { type CsvError, type InfoField, Parser } from 'csv-parse'
import type { CsvOptions } from './file-options.ts'
import { FileProblemError, malformed, recordTooLarge, tooLarge } from './file-problem.ts'
import { maxCsvColumns, maxRecordBytes } from './limits.ts'

/** A value that is empty and not in quotes is null; `""` is an empty text. */
export type CsvValue = string | null

export interface CsvRecord {
  readonly values: readonly CsvValue[]
  /** Where it ends. */
  readonly line: number
}

export interface CsvParserOptions extends Pick<CsvOptions, 'quoted' | 'quote' | 'escape' | 'skipLines'> {
  /** Of the file, for messages. */
  readonly name: string
  readonly delimiter: string
}

/** Makes records of text as it comes. Throws `FileProblemError`. */
export class CsvParser {
  readonly #options: CsvParserOptions
  readonly #parser: Parser
  #records: CsvRecord[] = []
  /** Given since the last record ended. */
  #pendingBytes = 0
  /** Lines without anything that the parser has passed over. */
  #emptyLines = 0
  /** The parser's count of lines at the end of the last record. */
  #countedLines = 0
  /** Lines that the parser has counted twice. */
  #surplusLines = 0

  constructor(options: CsvParserOptions) {
    this.#options = options
    const { delimiter, quoted, quote } = options
    this.#parser = new Parser({
      encoding: 'utf8',
      bom: false,
      delimiter,
      quote: quoted ? quote : null,
      escape: quoted ? (options.escape ?? quote) : null,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: maxRecordBytes,
      cast: (value, context) => this.#value(value, context),
      // Records are taken here, so that none waits in a stream.
      on_record: (values: CsvValue[], { lines }) => {
        this.#take(values, lines)
        return null
      },
    })
    this.#parser.on('error', () => {
      // Told to whoever has given the text.
    })
  }

  /** The records that end in this text. */
  async parse(text: string): Promise<readonly CsvRecord[]> {
    const bytes = Buffer.from(text)
    this.#pendingBytes += bytes.length
    const records = await this.#taken(done => this.#parser.write(bytes, done))
    if (records.length > 0 || this.#hasPassedOver()) this.#pendingBytes = bytes.length
    // What the parser keeps of a record is more than its values: a million empty ones have no size.
    if (this.#pendingBytes > maxRecordBytes + bytes.length) throw recordTooLarge(this.#options.name, this.#place())
    return records
  }

  /** The record that the end of the text ends. */
  end(): Promise<readonly CsvRecord[]> {
    return this.#taken(done => this.#parser.end(done))
  }

  async #taken(give: (done: (error?: Error | null) => void) => void): Promise<readonly CsvRecord[]> {
    try {
      await new Promise<void>((resolve, reject) => give(error => (error ? reject(error) : resolve())))
    } catch (error) {
      throw this.#told(error)
    }
    const records = this.#records
    this.#records = []
    return records
  }

  /** Whether there were lines without anything since the last time. */
  #hasPassedOver(): boolean {
    const { empty_lines } = this.#parser.info
    const isMore = empty_lines > this.#emptyLines
    this.#emptyLines = empty_lines
    return isMore
  }

  #value(value: string, { index, quoting }: InfoField): CsvValue {
    if (index >= maxCsvColumns)
      throw tooLarge(`${maxCsvColumns} columns`, `${this.#place()} of "${this.#options.name}"`)
    return value === '' && !quoting ? null : value
  }

  #take(values: readonly CsvValue[], lines: number): void {
    // Both halves of a line's end are counted where they are part of a value.
    if (lines > this.#countedLines + 1) this.#surplusLines += values.reduce((sum, value) => sum + pairsIn(value), 0)
    this.#countedLines = lines
    this.#records.push({ values, line: this.#line(lines) })
  }

  #line(counted: number): number {
    return counted - this.#surplusLines + this.#options.skipLines
  }

  /** Where the record is that has not ended yet; lines without anything may come first. */
  #place(): string {
    return `after line ${this.#line(this.#countedLines)}`
  }

  #told(error: unknown): unknown {
    if (error instanceof FileProblemError) return error
    const { name } = this.#options
    switch ((error as Partial<CsvError>).code) {
      case 'CSV_MAX_RECORD_SIZE':
        return recordTooLarge(name, this.#place())
      case 'CSV_QUOTE_NOT_CLOSED':
        return malformed(name, 'CSV', `${this.#place()}: a quote is never closed`)
      case 'CSV_INVALID_CLOSING_QUOTE':
        return malformed(name, 'CSV', `${this.#place()}: something other than a separator follows a closing quote`)
      case 'INVALID_OPENING_QUOTE':
        return malformed(
          name,
          'CSV',
          `${this.#place()}: a quote stands within a value that is not in quotes; csv.quoted turns quotes off`,
        )
      default:
        return error
    }
  }
}

function pairsIn(value: CsvValue): number {
  let count = 0
  for (let at = value?.indexOf('\r\n') ?? -1; at >= 0; at = value?.indexOf('\r\n', at + 2) ?? -1) count += 1
  return count
}
