import { isUtf8 } from 'node:buffer'
import { parseExactJson } from '../exact-json.ts'
import { malformed, recordTooLarge, tooManyValues } from './file-problem.ts'
import { jsonExcess } from './json-excess.ts'
import { type JsonRecord, longNumbersOf } from './json-record.ts'
import type { JsonBatch } from './json-table.ts'
import { bytesAtOnce, maxRecordBytes, maxRecordDepth, sampledRecords } from './limits.ts'

const lineFeed = 0x0a
const byteOrderMark = '\ufeff'

/** Records of an NDJSON file, one for each line that is not blank. Throws `FileProblemError`. */
export async function* linesOfJson(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<JsonBatch, void> {
  const lines = new JsonLines(name)
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += bytesAtOnce) {
      const piece = chunk.subarray(at, at + bytesAtOnce)
      const records = lines.take(piece)
      if (records.length > 0) yield { records, bytes: piece.length }
    }
  }
  const records = lines.end()
  if (records.length > 0) yield { records, bytes: 0 }
}

class JsonLines {
  readonly #name: string
  /** Of a line that has not ended yet. */
  #begun: Uint8Array[] = []
  #begunBytes = 0
  /** How many have ended. */
  #lines = 0

  constructor(name: string) {
    this.#name = name
  }

  /** The records of the lines that end in these bytes. */
  take(bytes: Uint8Array): readonly JsonRecord[] {
    const end = bytes.lastIndexOf(lineFeed) + 1
    const whole = end > 0 ? Buffer.concat([...this.#begun, bytes.subarray(0, end)]) : null
    if (whole !== null) this.#begun = []
    this.#begun.push(bytes.subarray(end))
    this.#begunBytes = this.#begun.reduce((sum, part) => sum + part.length, 0)
    const records = whole === null ? [] : this.#records(whole)
    if (this.#begunBytes > maxRecordBytes) throw recordTooLarge(this.#name, this.#place())
    return records
  }

  /** The record of the last line, if nothing ends it but the file. */
  end(): readonly JsonRecord[] {
    return this.#begunBytes === 0 ? [] : this.#records(Buffer.concat(this.#begun))
  }

  #records(lines: Buffer): readonly JsonRecord[] {
    if (!isUtf8(lines)) throw this.#wrongBytes(lines)
    const text = lines.toString('utf8')
    const records: JsonRecord[] = []
    for (const line of (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')) {
      const json = this.#lines === 0 && line.startsWith(byteOrderMark) ? line.slice(1) : line
      if (/\S/.test(json)) records.push(this.#record(json))
      this.#lines += 1
    }
    return records
  }

  #record(json: string): JsonRecord {
    const excess = jsonExcess(json)
    if (excess === 'VALUES') throw tooManyValues(this.#name, this.#place())
    if (excess === 'LEVELS') {
      throw malformed(this.#name, 'NDJSON', `${this.#place()}: more than ${maxRecordDepth} levels of nesting`)
    }
    try {
      const value = parseExactJson(json)
      return { value, longNumbers: this.#lines < sampledRecords ? longNumbersOf(value, json) : null }
    } catch (error) {
      throw malformed(this.#name, 'NDJSON', `${this.#place()}${columnOf(error)}: it is not JSON`)
    }
  }

  #wrongBytes(lines: Buffer): Error {
    let start = 0
    for (let end = lines.indexOf(lineFeed); end >= 0 && isUtf8(lines.subarray(start, end)); ) {
      this.#lines += 1
      start = end + 1
      end = lines.indexOf(lineFeed, start)
    }
    return malformed(this.#name, 'NDJSON', `${this.#place()}: it is not UTF-8`)
  }

  #place(): string {
    return `line ${this.#lines + 1}`
  }
}

/** V8 tells where it stopped, but for short texts. */
function columnOf(error: unknown): string {
  const [, position] = /at position (\d+)/.exec(error instanceof Error ? error.message : '') ?? []
  return position === undefined ? '' : `, column ${Number(position) + 1}`
}
