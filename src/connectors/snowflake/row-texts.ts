import { AnswerFaultError } from './answers.ts'

const quote = 0x22
const backslash = 0x5c
const opening = 0x5b
const closing = 0x5d

/** A row that is longer is none of a result that anybody reads. */
const maxRowBytes = 32 * 1_048_576

/** A row is longer than one may be. */
export class RowTooLongError extends Error {
  readonly maxBytes = maxRowBytes

  constructor() {
    super(`A row has more than ${maxRowBytes} bytes.`)
    this.name = 'RowTooLongError'
  }
}

/**
 * Cuts a part of a result into rows, of which it keeps no more than the one that has not ended yet. A part is rows as JSON
 * with commas between, without the brackets around them: `["1",null],["2","x"]`.
 */
export class RowTexts {
  /** What has come after the last row that has ended. */
  #rest: Buffer[] = []
  #restBytes = 0
  #depth = 0
  #inText = false
  #isEscaped = false

  /** The rows that have ended with these bytes. Throws `AnswerFaultError` and `RowTooLongError`. */
  push(bytes: Buffer): readonly unknown[] {
    const end = this.#scan(bytes)
    if (end === 0) {
      this.#keep(bytes)
      return []
    }
    const text = Buffer.concat([...this.#rest, bytes.subarray(0, end)]).toString()
    this.#rest = []
    this.#restBytes = 0
    this.#keep(bytes.subarray(end))
    return parsed(text)
  }

  /** There is no more. Throws where the last row has not ended. */
  end(): void {
    const left = Buffer.concat(this.#rest).toString().trim()
    if (left !== '') throw new AnswerFaultError('a part of its result ends in the middle of a row')
  }

  #keep(bytes: Buffer): void {
    this.#restBytes += bytes.length
    if (this.#restBytes > maxRowBytes) throw new RowTooLongError()
    if (bytes.length > 0) this.#rest.push(bytes)
  }

  /** Where the last row ends that does in these bytes; 0 when none does. */
  #scan(bytes: Buffer): number {
    let end = 0
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#inText) {
        at = this.#textEnd(bytes, at)
        continue
      }
      const byte = bytes[at]
      if (byte === quote) this.#inText = true
      else if (byte === opening) this.#depth += 1
      else if (byte === closing) {
        this.#depth -= 1
        if (this.#depth < 0) throw new AnswerFaultError('a part of its result is no list of rows')
        if (this.#depth === 0) end = at + 1
      }
    }
    return end
  }

  /** Where the text ends that goes on at `start`: at its quote, or with the bytes. */
  #textEnd(bytes: Buffer, start: number): number {
    for (let at = start; at < bytes.length; at += 1) {
      if (this.#isEscaped) {
        this.#isEscaped = false
        continue
      }
      const byte = bytes[at]
      if (byte === backslash) this.#isEscaped = true
      else if (byte === quote) {
        this.#inText = false
        return at
      }
    }
    return bytes.length
  }
}

function parsed(text: string): readonly unknown[] {
  try {
    return JSON.parse(`[${text.replace(/^[\s,]+/, '')}]`)
  } catch {
    throw new AnswerFaultError('a part of its result is no JSON')
  }
}
