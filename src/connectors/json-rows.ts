import { isUtf8 } from 'node:buffer'
import type { Row } from './define.ts'
import type { JsonValue } from './json.ts'
import { isShallow, maxJsonDepth } from './json-depth.ts'
import { kindOfText } from './json-text.ts'

const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const closeBracket = 0x5d

/** A little less than a message to the reader takes: a row more rarely needs a second one. */
const fullBytes = 240 * 2 ** 10
const firstBytes = 16 * 2 ** 10
/** What is kept of a buffer that a large row has made grow: room for a message to the reader, and then some. */
const usualBytes = 320 * 2 ** 10
/** Strings from this length on are written by themselves; shorter ones cost less as part of their row. */
const longText = 256
/** Fewer bytes are copied sooner by a loop than by the platform. */
const manyBytes = 32
/** Bytes of UTF-8 for one unit of a string, at most. */
const maxBytesOfUnit = 3

/**
 * Rows as JSON text in one buffer, each followed by a comma: `[1,"a"],[2,"b"],`. Written whole (`add`), or value by value
 * between `begin` and `finish`, also from bytes that a source has sent: text need not become a string on its way. Values
 * that are nested too deeply become the text of their JSON.
 */
export class JsonRows {
  readonly columnCount: number
  #buffer = Buffer.alloc(0)
  /** The same memory. */
  #words = new Int32Array(0)
  #length = 0
  readonly #ends: number[] = []
  /** Of the row that has begun. */
  #values = 0

  constructor(columnCount: number) {
    this.columnCount = columnCount
  }

  get count(): number {
    return this.#ends.length
  }

  /** Of all rows, with their commas. */
  get bytes(): number {
    return this.endOf(this.count)
  }

  /** Whether these are enough rows to pass on. */
  get full(): boolean {
    return this.bytes >= fullBytes
  }

  /** How many bytes the first `count` rows have, with their commas. */
  endOf(count: number): number {
    return this.#ends[count - 1] ?? 0
  }

  /** Bytes `start` to `end` of the text, in place: they stay until the next change. */
  text(start: number, end: number): Buffer {
    return this.#buffer.subarray(start, end)
  }

  clear(): void {
    this.#length = 0
    this.#ends.length = 0
    if (this.#buffer.length > usualBytes) this.#grow(usualBytes)
  }

  /** Throws when the row has not as many values as there are columns; it is then not there. */
  add(row: Row): void {
    if (row.length === this.columnCount && row.every(isSmall)) {
      this.#length = this.bytes
      this.#write(JSON.stringify(row))
      this.#finishRow()
    } else {
      this.begin()
      for (const value of row) this.value(value)
      this.finish()
    }
  }

  /** Begins a row; one that was not finished is forgotten. */
  begin(): void {
    this.#length = this.bytes
    this.#values = 0
    this.#reserve(1)
    this.#put(openBracket)
  }

  /** Ends a row. Throws when it has not as many values as there are columns; it is then not there. */
  finish(): void {
    if (this.#values !== this.columnCount) {
      throw new Error(`A row has ${this.#values} values for ${this.columnCount} columns.`)
    }
    // In place of the comma behind the last value.
    if (this.#values > 0) this.#length -= 1
    this.#put(closeBracket)
    this.#finishRow()
  }

  /** Adds any value to the row. */
  value(value: JsonValue): void {
    if (typeof value !== 'string' || value.length < longText || !this.#writeLong(value)) {
      const fitting = isShallow(value, maxJsonDepth) ? value : JSON.stringify(value)
      this.#write(JSON.stringify(fitting) ?? 'null')
    }
    this.#finishValue()
  }

  /** Adds a text: UTF-8 in `source`. What is none is replaced, as `Buffer.toString` does. */
  textFrom(source: Buffer, start: number, end: number): void {
    const size = end - start
    this.#reserve(size + 2)
    const at = this.#length + 1
    copyBytes(source, start, end, this.#buffer, at)
    const { needsEscapes, ascii } = kindOfText(this.#buffer, this.#words, at, at + size)
    if (needsEscapes || !(ascii || isUtf8(this.#buffer.subarray(at, at + size)))) {
      this.value(source.toString('utf8', start, end))
    } else {
      this.#putQuotes(at, size)
      this.#finishValue()
    }
  }

  /** Adds a value whose JSON stands in `source`, as the caller knows: digits, a word. */
  jsonFrom(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start)
    copyBytes(source, start, end, this.#buffer, this.#length)
    this.#length += end - start
    this.#finishValue()
  }

  /** Writes a text as it is between quotes, and answers whether it could be. */
  #writeLong(text: string): boolean {
    // Half a surrogate pair has no UTF-8, but an escape.
    if (!text.isWellFormed()) return false
    this.#reserveFor(text)
    const at = this.#length + 1
    const size = this.#buffer.write(text, at)
    if (kindOfText(this.#buffer, this.#words, at, at + size).needsEscapes) return false
    this.#putQuotes(at, size)
    return true
  }

  #putQuotes(at: number, size: number): void {
    this.#buffer[at - 1] = quote
    this.#buffer[at + size] = quote
    this.#length = at + size + 1
  }

  #write(json: string): void {
    this.#reserveFor(json)
    this.#length += this.#buffer.write(json, this.#length)
  }

  #finishValue(): void {
    this.#values += 1
    this.#put(comma)
  }

  #finishRow(): void {
    this.#put(comma)
    this.#ends.push(this.#length)
  }

  /** There is always room for two of these. */
  #put(byte: number): void {
    this.#buffer[this.#length] = byte
    this.#length += 1
  }

  /** Makes room for a text, quotes and what may follow it. */
  #reserveFor(text: string): void {
    const most = maxBytesOfUnit * text.length + 2
    this.#reserve(this.#length + most < this.#buffer.length ? most : Buffer.byteLength(text) + 2)
  }

  /** Makes room for so many bytes, and for the brackets and commas that may follow them. */
  #reserve(bytes: number): void {
    const wanted = this.#length + bytes + 3
    if (wanted > this.#buffer.length) this.#grow(Math.max(wanted, 2 * this.#buffer.length, firstBytes))
  }

  /** Or, when there is nothing in it, shrink. */
  #grow(bytes: number): void {
    const buffer = Buffer.allocUnsafeSlow((bytes + 3) & ~3)
    this.#buffer.copy(buffer, 0, 0, this.#length)
    this.#buffer = buffer
    this.#words = new Int32Array(buffer.buffer, buffer.byteOffset, buffer.length >> 2)
  }
}

/** Whether it is best written together with the rest of its row. */
const isSmall = (value: JsonValue): boolean =>
  typeof value === 'string' ? value.length < longText : typeof value !== 'object' || value === null

function copyBytes(source: Buffer, start: number, end: number, target: Buffer, at: number): void {
  if (end - start >= manyBytes) {
    source.copy(target, at, start, end)
    return
  }
  for (let from = start, to = at; from < end; from += 1, to += 1) target[to] = source[from] as number
}
