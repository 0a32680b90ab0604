import { rowsMessageBytes, rowsOverheadBytes } from './message-limits.ts'

/**
 * The wire format between Patchbay and a child: four bytes of length, big-endian, then that many bytes of JSON, or of rows
 * (`rows-message.ts`).
 *
 * Node's own channel between parent and child is not used: it parses whatever arrives, of any size, outside the reach
 * of a `try`, so one malformed message from a child (measured on Node 24, `json` and `advanced` alike) is an uncaught
 * exception in the parent.
 */
export const headerBytes = 4

export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message))
  const frame = Buffer.allocUnsafe(headerBytes + body.length)
  frame.writeUInt32BE(body.length)
  body.copy(frame, headerBytes)
  return frame
}

export class FrameTooLargeError extends Error {
  constructor(bytes: number, maxBytes: number) {
    super(`A message of ${bytes} bytes is larger than the ${maxBytes} bytes allowed.`)
    this.name = 'FrameTooLargeError'
  }
}

/** Of a buffer that may be used again: as large as a message of rows, which come one after the other. */
const reusableBytes = headerBytes + rowsMessageBytes + rowsOverheadBytes
/** For smaller bodies such a buffer would be too much of a waste. */
const leastReused = reusableBytes / 8
const maxSpare = 4

/** Cuts a stream of bytes into frames. Holds at most one frame, however small the pieces are in which it arrives. */
export class FrameReader {
  /** Largest body accepted; may be changed between frames. */
  maxBytes: number
  readonly #header = Buffer.alloc(headerBytes)
  #headerFilled = 0
  #body: Buffer | null = null
  #bodyFilled = 0
  readonly #spare: ArrayBufferLike[] = []

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /**
   * Yields the body of every frame that `chunk` completes, in memory that nothing else is put into. Throws
   * `FrameTooLargeError` before making room for it.
   */
  *push(chunk: Buffer): Generator<Buffer> {
    let position = 0
    while (position < chunk.length) {
      if (!this.#body) {
        const copied = chunk.copy(this.#header, this.#headerFilled, position)
        position += copied
        this.#headerFilled += copied
        if (this.#headerFilled < headerBytes) return
        const length = this.#header.readUInt32BE()
        if (length > this.maxBytes) throw new FrameTooLargeError(length, this.maxBytes)
        this.#body = this.#bufferOf(length)
        this.#bodyFilled = 0
      }
      const body = this.#body
      const copied = chunk.copy(body, this.#bodyFilled, position)
      position += copied
      this.#bodyFilled += copied
      if (this.#bodyFilled < body.length) continue
      this.#body = null
      this.#headerFilled = 0
      yield body
    }
  }
  /**
   * Takes the memory of a body back, of which `part` is a part, for the next one: nobody may use any of it any more. Not
   * a duty, but megabytes that are left to the garbage collector are there for a while, and make it run all the time.
   */
  recycle(part: Buffer): void {
    const { buffer } = part
    if (buffer.byteLength === reusableBytes && this.#spare.length < maxSpare && !this.#spare.includes(buffer))
      this.#spare.push(buffer)
  }

  #bufferOf(length: number): Buffer {
    if (length < leastReused || length > reusableBytes) return Buffer.allocUnsafe(length)
    return Buffer.from(this.#spare.pop() ?? new ArrayBuffer(reusableBytes), 0, length)
  }
}
