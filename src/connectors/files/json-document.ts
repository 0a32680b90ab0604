import { type ParsedTokenInfo, Tokenizer, TokenParser, TokenType } from '@streamparser/json'
import { exactNumber } from '../exact-json.ts'
import type { JsonValue } from '../json.ts'
import { FileProblemError, malformed, recordTooLarge, tooManyValues } from './file-problem.ts'
import { type JsonRecord, soleField } from './json-record.ts'
import { JsonStructure, type TokenRole } from './json-structure.ts'
import type { JsonBatch } from './json-table.ts'
import { bytesAtOnce, maxRecordBytes, maxRecordDepth, maxRecordValues } from './limits.ts'
import { RecordsPath } from './records-path.ts'

/** Longer texts are put together from pieces of this size. */
const textPieceBytes = 64 * 2 ** 10

/**
 * The records of a JSON document, as they come: the items of the list that `records` leads to, or the one object. Nothing
 * of the document is kept but the record that has begun. Throws `FileProblemError`.
 */
export async function* recordsOfJson(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  records: string | undefined,
): AsyncGenerator<JsonBatch, void> {
  const document = new JsonDocument(name, records?.split('.') ?? [])
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += bytesAtOnce) {
      const piece = chunk.subarray(at, at + bytesAtOnce)
      const found = document.take(piece)
      if (found.length > 0) yield { records: found, bytes: piece.length }
    }
  }
  const found = document.end()
  if (found.length > 0) yield { records: found, bytes: 0 }
}

/** Numbers that a double cannot hold stay as they were written, and so does every text. */
class ExactTokenizer extends Tokenizer {
  constructor() {
    super({ stringBufferSize: textPieceBytes })
    // The border to the library, whose own decoder takes U+FEFF at the beginning of a text for a byte order mark.
    const { bufferedString } = this as unknown as { readonly bufferedString: { decoder: TextDecoder } }
    bufferedString.decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  }

  protected override parseNumber(text: string): number {
    // A token's value may be any scalar; only the declaration here says that a number's is a number.
    return exactNumber(Number(text), text) as number
  }
}

class JsonDocument {
  readonly #name: string
  readonly #path: RecordsPath
  readonly #structure = new JsonStructure()
  readonly #tokenizer = new ExactTokenizer()
  /** Of the record that has begun. An empty separator: another value may follow. */
  readonly #builder = new TokenParser({ paths: ['$'], separator: '' })
  #records: JsonRecord[] = []
  #built: JsonValue = null
  #longNumbers: Set<string> | null = null
  #lastName = ''
  #recordValues = 0
  /** Of the container that the record is in; null outside of records. */
  #recordDepth: number | null = null
  /** Of the list of records; null outside of it. */
  #listDepth: number | null = null
  #takenBytes = 0
  /** Since the last token that was not within a record. */
  #pendingBytes = 0
  #hasProgress = false

  constructor(name: string, path: readonly string[]) {
    this.#name = name
    this.#path = new RecordsPath(path)
    this.#tokenizer.onToken = token => this.#take(token)
    this.#builder.onValue = ({ value }) => {
      this.#built = value as JsonValue
    }
  }

  take(bytes: Uint8Array): readonly JsonRecord[] {
    this.#hasProgress = false
    this.#guarded(() => this.#tokenizer.write(bytes))
    this.#takenBytes += bytes.length
    this.#pendingBytes = this.#hasProgress ? bytes.length : this.#pendingBytes + bytes.length
    if (this.#pendingBytes > maxRecordBytes + bytes.length) {
      throw recordTooLarge(this.#name, `before byte ${this.#takenBytes}`)
    }
    return this.#found()
  }

  end(): readonly JsonRecord[] {
    this.#guarded(() => this.#tokenizer.end())
    if (!this.#structure.isDone) throw malformed(this.#name, 'JSON', `byte ${this.#takenBytes}: it ends too early`)
    this.#path.end()
    return this.#found()
  }

  #found(): readonly JsonRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }

  #take(info: ParsedTokenInfo): void {
    const { token, value, offset } = info
    const { depth } = this.#structure
    const role = this.#structure.accept(token)
    if (role === null) throw malformed(this.#name, 'JSON', `byte ${offset}: unexpected ${shown(value)}`)
    if (this.#structure.depth > maxRecordDepth) {
      throw malformed(this.#name, 'JSON', `byte ${offset}: more than ${maxRecordDepth} levels of nesting`)
    }
    if (this.#recordDepth !== null) this.#takeInRecord(info, role, depth, this.#recordDepth)
    else this.#takeOutside(info, role, depth)
  }

  #takeInRecord(info: ParsedTokenInfo, role: TokenRole, depth: number, recordDepth: number): void {
    if (role === 'SCALAR' || role === 'OPEN') this.#recordValues += 1
    if (this.#recordValues > maxRecordValues) throw tooManyValues(this.#name, `byte ${info.offset}`)
    this.#builder.write(info)
    if (depth === recordDepth + 1 && this.#structure.isInObject) {
      if (role === 'NAME') this.#lastName = String(info.value)
      else this.#noteNumber(info, this.#lastName)
    }
    if (this.#structure.depth === recordDepth) this.#finishRecord()
  }

  #takeOutside(info: ParsedTokenInfo, role: TokenRole, depth: number): void {
    this.#hasProgress = true
    if (role === 'NAME') this.#path.name(String(info.value), depth)
    if (role === 'CLOSE' && this.#listDepth !== null && this.#structure.depth < this.#listDepth) this.#listDepth = null
    if (role !== 'OPEN' && role !== 'SCALAR') return
    const step = this.#listDepth === null ? this.#path.value(info.token, role, depth) : 'RECORD'
    if (step === 'LIST_OF_RECORDS') this.#listDepth = this.#structure.depth
    if (step === 'RECORD') this.#beginRecord(info, role, depth)
  }

  #beginRecord(info: ParsedTokenInfo, role: TokenRole, depth: number): void {
    this.#recordDepth = depth
    this.#longNumbers = null
    this.#recordValues = 0
    this.#builder.write(info)
    if (role !== 'SCALAR') return
    this.#noteNumber(info, soleField)
    this.#finishRecord()
  }

  #finishRecord(): void {
    this.#records.push({ value: this.#built, longNumbers: this.#longNumbers })
    this.#built = null
    this.#recordDepth = null
    this.#hasProgress = true
  }

  #noteNumber({ token, value }: ParsedTokenInfo, name: string): void {
    if (token !== TokenType.NUMBER || typeof value !== 'string') return
    this.#longNumbers ??= new Set()
    this.#longNumbers.add(name)
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw error instanceof FileProblemError ? error : this.#malformedBy(error)
    }
  }

  #malformedBy(error: unknown): Error {
    const message = error instanceof Error ? error.message : ''
    const [, position] = /absolute position "(\d+)"/.exec(message) ?? []
    const where = position === undefined ? `after byte ${this.#takenBytes}` : `byte ${position}`
    return malformed(this.#name, 'JSON', `${where}: it is not JSON in UTF-8`)
  }
}

/** Of a text there may be much. */
const shown = (value: ParsedTokenInfo['value']): string =>
  typeof value === 'string' && value.length > 1 ? 'text' : `"${value}"`
