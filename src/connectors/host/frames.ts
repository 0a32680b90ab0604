/**
 * The wire format between Patchbay and a child: four bytes of length, big-endian, then that many bytes of JSON.
 *
 * Node's own channel between parent and child is not used: it parses whatever arrives, of any size, outside the reach
 * of a `try`, so one malformed message from a child (measured on Node 24, `json` and `advanced` alike) is an uncaught
 * exception in the parent.
 */
const headerBytes = 4

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

/** Cuts a stream of bytes into frames. Holds at most one frame, however small the pieces are in which it arrives. */
export class FrameReader {
  /** Largest body accepted; may be changed between frames. */
  maxBytes: number
  readonly #header = Buffer.alloc(headerBytes)
  #headerFilled = 0
  #body: Buffer | null = null
  #bodyFilled = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Yields the text of every frame that `chunk` completes. Throws `FrameTooLargeError` before making room for it. */
  *push(chunk: Buffer): Generator<string> {
    let position = 0
    while (position < chunk.length) {
      if (!this.#body) {
        const copied = chunk.copy(this.#header, this.#headerFilled, position)
        position += copied
        this.#headerFilled += copied
        if (this.#headerFilled < headerBytes) return
        const bodyBytes = this.#header.readUInt32BE()
        if (bodyBytes > this.maxBytes) throw new FrameTooLargeError(bodyBytes, this.maxBytes)
        this.#body = Buffer.allocUnsafe(bodyBytes)
        this.#bodyFilled = 0
      }
      const body = this.#body
      const copied = chunk.copy(body, this.#bodyFilled, position)
      position += copied
      this.#bodyFilled += copied
      if (this.#bodyFilled < body.length) continue
      this.#body = null
      this.#headerFilled = 0
      yield body.toString()
    }
  }
}
