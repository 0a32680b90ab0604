import { encodeFrame } from './frames.ts'

const end = Buffer.from(']}')
const comma = 0x2c
/** Bytes of UTF-8 for one unit of a string, at most. */
const maxBytesOfUnit = 3

/** A ROWS message that is written in place, row by row: what rows weigh is then known for nothing. */
export class RowsFrame {
  /** What the frame is written into: may be used again when it has been sent. */
  readonly buffer: Buffer
  readonly #start: number
  #length: number

  constructor(jobId: number, buffer: Buffer) {
    const empty = encodeFrame({ kind: 'ROWS', jobId, rows: [] })
    this.buffer = buffer
    // Up to the closing brackets; the length in front follows at the end.
    this.#start = empty.copy(this.buffer, 0, 0, empty.length - end.length)
    this.#length = this.#start
  }

  /** Bytes of the rows so far, each with a comma. */
  get bytes(): number {
    return this.#length - this.#start
  }

  /** Answers how many bytes a row's JSON took with its comma; 0 when there was no room for it. */
  add(json: string): number {
    const room = this.buffer.length - this.#length - 1 - end.length
    if (maxBytesOfUnit * json.length > room && Buffer.byteLength(json) > room) return 0
    const bytes = this.buffer.write(json, this.#length) + 1
    this.buffer[this.#length + bytes - 1] = comma
    this.#length += bytes
    return bytes
  }

  /** Takes the row that was added last, of so many bytes, out again. */
  undo(bytes: number): void {
    this.#length -= bytes
  }

  /** The whole frame. There must be a row in it. */
  finish(): Buffer {
    // In place of the last comma.
    end.copy(this.buffer, this.#length - 1)
    const frame = this.buffer.subarray(0, this.#length - 1 + end.length)
    frame.writeUInt32BE(frame.length - 4)
    return frame
  }
}
