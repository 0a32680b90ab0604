import { parquetHeader } from 'hyparquet/src/column.js'
import type { JsonValue } from '../../json.ts'
import { tooLarge } from '../file-problem.ts'
import { decompressed } from './codecs.ts'
import type { Chunk } from './footer.ts'
import type { HeldBytes, HeldShare } from './held-bytes.ts'
import { bytesOfValue, leafValues } from './leaf-values.ts'
import { maxPageBytes, maxPageHeaderBytes, maxPageHeaderValues, maxPageValues } from './limits.ts'
import type { RangedFile } from './ranged-file.ts'
import { bitsFor, RunReader } from './runs.ts'
import type { Leaf, StoredValue } from './schema.ts'
import { thriftLength } from './thrift-guard.ts'
import { dictionaryPlaces, type EncodedValues, valueSource } from './value-sources.ts'

/** A page whose values are read in parts. */
export interface Page {
  /** Nulls among them. */
  readonly count: number
  /** Null: every value begins a row. */
  readonly repetitions: RunReader | null
  /** Null: no value is null. */
  readonly definitions: RunReader | null
  readonly values: JsonValues
}

/** The values that are not null, as they are shown. */
interface JsonValues {
  /** Throws where there are fewer. */
  read(count: number): readonly JsonValue[]
}

type PageHeader = ReturnType<typeof parquetHeader>

const firstHeaderBytes = 4 * 2 ** 10

/** The pages of a chunk one by one, and never more of it in memory than one of them, its dictionary and what is read ahead. */
export class ChunkPages {
  /** Of rows that are being made of these pages. Whoever makes them begins anew for the next ones. */
  readonly rowsShare: HeldShare
  readonly #file: RangedFile
  readonly #chunk: Chunk
  readonly #leaf: Leaf
  readonly #aheadShare: HeldShare
  readonly #pageShare: HeldShare
  readonly #dictionaryShare: HeldShare
  readonly #readBytes: number
  readonly #toJson: (value: StoredValue) => JsonValue
  /** Bytes of the file from `#at` on. */
  #ahead: Uint8Array = new Uint8Array()
  #at: number
  /** Values that many rows have, each made what is shown once. */
  #dictionary: readonly JsonValue[] | null = null

  constructor(file: RangedFile, chunk: Chunk, leaf: Leaf, held: HeldBytes, readBytes: number) {
    this.#file = file
    this.#chunk = chunk
    this.#leaf = leaf
    this.rowsShare = held.share()
    this.#aheadShare = held.share()
    this.#pageShare = held.share()
    this.#dictionaryShare = held.share()
    this.#readBytes = readBytes
    this.#toJson = leafValues(leaf).toJson
    this.#at = chunk.start
  }

  /** The next page of values; null after the last one. */
  async next(): Promise<Page | null> {
    while (this.#at < this.#chunk.end) {
      const header = await this.#header()
      const { uncompressed_page_size: size, compressed_page_size: stored } = header
      checkSize(size)
      checkSize(stored)
      this.#pageShare.set(size)
      const bytes = await this.#take(stored)
      this.#pageShare.set(stored + size)
      const page = this.#pageOf(header, bytes)
      this.#pageShare.set(page === null ? 0 : size)
      if (page !== null) return page
    }
    return null
  }

  /** Null: it has no values of rows. */
  #pageOf(header: PageHeader, bytes: Uint8Array): Page | null {
    switch (header.type) {
      case 'DATA_PAGE':
        return this.#dataPage(header, bytes)
      case 'DATA_PAGE_V2':
        return this.#dataPageV2(header, bytes)
      case 'DICTIONARY_PAGE':
        this.#readDictionary(header, bytes)
    }
    return null
  }

  /** Reads the head of a page. What describes a page is small, but for the least and the greatest of its values. */
  async #header(): Promise<PageHeader> {
    for (let bytes = firstHeaderBytes; ; bytes *= 4) {
      const ahead = await this.#peek(bytes)
      const length = thriftLength(ahead, 0, maxPageHeaderValues)
      if (length !== null) {
        const view = new DataView(ahead.buffer, ahead.byteOffset, length)
        const header = parquetHeader({ view, offset: 0 })
        this.#skip(length)
        return header
      }
      if (ahead.length < bytes || bytes > maxPageHeaderBytes) throw new Error('the head of a page does not end')
    }
  }

  #dataPage({ data_page_header: head, uncompressed_page_size: size }: PageHeader, bytes: Uint8Array): Page {
    if (!head) throw new Error('a page is not described')
    const count = checkedCount(head.num_values)
    const page = decompressed(bytes, this.#chunk.codec, size)
    const view = new DataView(page.buffer)
    let at = 0
    const levels = (max: number, encoding: string): RunReader | null => {
      if (max === 0) return null
      if (encoding !== 'RLE') throw new Error(`its levels are written as ${encoding}, which cannot be read`)
      const end = at + 4 + view.getUint32(at, true)
      const reader = new RunReader(page, at + 4, end, bitsFor(max))
      at = end
      return reader
    }
    const repetitions = levels(this.#leaf.maxRepetition, head.repetition_level_encoding)
    const definitions = levels(this.#leaf.maxDefinition, head.definition_level_encoding)
    const values = this.#values({ page, at, encoding: head.encoding, count })
    return { count, repetitions, definitions, values }
  }

  #dataPageV2({ data_page_header_v2: head, uncompressed_page_size: size }: PageHeader, bytes: Uint8Array): Page {
    if (!head) throw new Error('a page is not described')
    const count = checkedCount(head.num_values)
    const { repetition_levels_byte_length: repetitionBytes, definition_levels_byte_length: definitionBytes } = head
    const valuesAt = repetitionBytes + definitionBytes
    if (!(repetitionBytes >= 0 && definitionBytes >= 0 && valuesAt <= bytes.length && valuesAt <= size)) {
      throw new Error('the levels of a page are longer than it')
    }
    const levels = (max: number, at: number, end: number) =>
      max === 0 ? null : new RunReader(bytes, at, end, bitsFor(max))
    const codec = head.is_compressed === false ? 'UNCOMPRESSED' : this.#chunk.codec
    const page = decompressed(bytes.subarray(valuesAt), codec, size - valuesAt)
    return {
      count,
      repetitions: levels(this.#leaf.maxRepetition, 0, repetitionBytes),
      definitions: levels(this.#leaf.maxDefinition, repetitionBytes, valuesAt),
      values: this.#values({ page, at: 0, encoding: head.encoding, count }),
    }
  }

  #values(values: EncodedValues): JsonValues {
    if (values.encoding === 'PLAIN_DICTIONARY' || values.encoding === 'RLE_DICTIONARY') {
      const dictionary = this.#dictionary
      if (dictionary === null) throw new Error('there is no dictionary for its values')
      const places = dictionaryPlaces(values)
      return { read: count => Array.from(places.read(count), place => valueAt(dictionary, place)) }
    }
    const source = valueSource(values, this.#leaf)
    return { read: count => Array.from(source.read(count), value => this.#made(value, this.rowsShare)) }
  }

  #made(stored: StoredValue, share: HeldShare): JsonValue {
    const value = this.#toJson(stored)
    share.add(bytesOfValue(value, stored))
    return value
  }

  #readDictionary({ dictionary_page_header: head, uncompressed_page_size: size }: PageHeader, bytes: Uint8Array): void {
    if (!head) throw new Error('a dictionary is not described')
    const count = checkedCount(head.num_values)
    this.#dictionaryShare.set(bytesOfPlace * count)
    const page = decompressed(bytes, this.#chunk.codec, size)
    const source = valueSource({ page, at: 0, encoding: 'PLAIN', count }, this.#leaf)
    const dictionary: JsonValue[] = []
    while (dictionary.length < count) {
      const stored = source.read(Math.min(valuesInTurn, count - dictionary.length))
      for (const value of Array.from(stored)) dictionary.push(this.#made(value, this.#dictionaryShare))
    }
    this.#dictionary = dictionary
  }

  async #take(bytes: number): Promise<Uint8Array> {
    const taken = await this.#peek(bytes)
    if (taken.length < bytes) throw new Error(`a page of ${bytes} bytes is longer than what is left`)
    this.#skip(bytes)
    return taken.subarray(0, bytes)
  }

  #skip(bytes: number): void {
    // A part of a buffer keeps all of it.
    this.#ahead = bytes < this.#ahead.length ? this.#ahead.subarray(bytes) : new Uint8Array()
    this.#aheadShare.set(this.#ahead.length)
    this.#at += bytes
  }

  /** At least so many bytes from here on, if there are as many. */
  async #peek(bytes: number): Promise<Uint8Array> {
    if (this.#ahead.length < bytes) {
      const start = this.#at + this.#ahead.length
      const wanted = Math.max(this.#readBytes, bytes - this.#ahead.length)
      const more = await this.#file.read(start, Math.min(this.#chunk.end, start + wanted))
      this.#ahead = this.#ahead.length === 0 ? more : Buffer.concat([this.#ahead, more])
      this.#aheadShare.set(this.#ahead.length)
    }
    return this.#ahead
  }
}

/** Of a value in a dictionary: a number, or a reference. */
const bytesOfPlace = 16
/** As they are stored, values take many times their bytes: so few are there at once. */
const valuesInTurn = 1_024

function valueAt(dictionary: readonly JsonValue[], place: number): JsonValue {
  const value = dictionary[place]
  if (value === undefined) throw new Error(`place ${place} is not in the dictionary`)
  return value
}

function checkSize(bytes: number): void {
  if (!(bytes >= 0)) throw new Error(`a page has ${bytes} bytes`)
  if (bytes > maxPageBytes) throw tooLarge(`${maxPageBytes / 2 ** 20} MB in one page`, `${bytes} bytes`)
}

function checkedCount(count: number): number {
  if (!(count >= 0)) throw new Error(`a page has ${count} values`)
  if (count > maxPageValues) throw tooLarge(`${maxPageValues} values in one page`, `${count} values`)
  return count
}
