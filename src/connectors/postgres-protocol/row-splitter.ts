/** Takes the body of a DataRow, which lies in `source` from byte `start` to byte `end`, and stays there only for the call. */
export type RowTaker = (source: Buffer, start: number, end: number) => void

const dataRow = 0x44
const headerBytes = 5

/**
 * Parts messages that have been found to be sound: rows to whoever takes them, all others, and rows that nobody takes, to
 * the driver. In their order, and the driver notices nothing: it would make a string of every value.
 */
export class RowSplitter {
  /** Where rows go whose message begins from now on. */
  taker: RowTaker | null = null
  readonly #toDriver: (bytes: Buffer) => void
  /** Of the message that has begun. */
  readonly #header = Buffer.alloc(headerBytes)
  #headerFilled = 0
  #takenBy: RowTaker | null = null
  /** Bytes of its body that have not come yet. */
  #left = 0
  /** Made only for a row that does not come in one piece. */
  #row: Buffer | null = null

  constructor(toDriver: (bytes: Buffer) => void) {
    this.#toDriver = toDriver
  }

  push(chunk: Buffer): void {
    let at = 0
    /** From here on the driver has had nothing. */
    let kept = 0
    while (at < chunk.length) {
      if (this.#headerFilled === 0) {
        this.#takenBy = chunk[at] === dataRow ? this.taker : null
        if (this.#takenBy && at > kept) this.#toDriver(chunk.subarray(kept, at))
      }
      if (this.#headerFilled < headerBytes) {
        at = this.#fillHeader(chunk, at)
        if (this.#headerFilled < headerBytes) {
          if (this.#takenBy) kept = at
          break
        }
      }
      const end = at + Math.min(this.#left, chunk.length - at)
      if (this.#takenBy) {
        this.#takeRow(this.#takenBy, chunk, at, end)
        kept = end
      }
      this.#left -= end - at
      at = end
      if (this.#left === 0) this.#headerFilled = 0
    }
    if (kept < chunk.length) this.#toDriver(kept === 0 ? chunk : chunk.subarray(kept))
  }

  /** Answers where the header, or what there is of it, ends. */
  #fillHeader(chunk: Buffer, at: number): number {
    if (this.#headerFilled === 0 && chunk.length - at >= headerBytes) {
      this.#headerFilled = headerBytes
      this.#left = chunk.readInt32BE(at + 1) - 4
      return at + headerBytes
    }
    const copied = chunk.copy(this.#header, this.#headerFilled, at)
    this.#headerFilled += copied
    if (this.#headerFilled === headerBytes) this.#left = this.#header.readInt32BE(1) - 4
    return at + copied
  }

  #takeRow(taker: RowTaker, chunk: Buffer, start: number, end: number): void {
    const complete = end - start === this.#left
    if (complete && !this.#row) {
      taker(chunk, start, end)
      return
    }
    this.#row ??= Buffer.allocUnsafe(this.#left)
    const row = this.#row
    chunk.copy(row, row.length - this.#left, start, end)
    if (!complete) return
    this.#row = null
    taker(row, 0, row.length)
  }
}
