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

/** Bytes of a frame's body. */
export const bodyBytes = (frame: Buffer): number => frame.length - headerBytes

export class FrameTooLargeError extends Error {
  constructor(bytes: number, maxBytes: number) {
    super(`A message of ${bytes} bytes is larger than the ${maxBytes} bytes allowed.`)
    this.name = 'FrameTooLargeError'
  }
}

/** Bodies up to this size share one buffer, or megabytes of them would wait for the garbage collector. */
const sharedBytes = 512 * 2 ** 10

/** Cuts a stream of bytes into frames. Holds at most one frame, however small the pieces are in which it arrives. */
export class FrameReader {
  /** Largest body accepted; may be changed between frames. */
  maxBytes: number
  readonly #header = Buffer.alloc(headerBytes)
  #headerFilled = 0
  #shared = Buffer.alloc(0)
  #body: Buffer | null = null
  #bodyFilled = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /**
   * Yields the body of every frame that `chunk` completes, each valid until the next one is asked for. Throws
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

  #bufferOf(length: number): Buffer {
    if (length > sharedBytes) return Buffer.allocUnsafe(length)
    // A process that only ever says a few words needs no more for them.
    if (length > this.#shared.length) this.#shared = Buffer.allocUnsafeSlow(length)
    return this.#shared.subarray(0, length)
  }
}
