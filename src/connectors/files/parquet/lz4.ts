import { copyBack, Overrun } from './copy-back.ts'

const minMatch = 4

/** Decompresses a block of LZ4 (without a frame) that has `size` bytes then. Throws for what is none. */
export function unlz4(input: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(size)
  let at = 0
  let end = 0
  /** A length that does not fit into its four bits goes on in bytes. */
  const lengthOf = (bits: number): number => {
    let length = bits
    for (let byte = bits === 15 ? 255 : 0; byte === 255; at += 1) {
      byte = byteAt(input, at)
      length += byte
    }
    return length
  }
  while (at < input.length) {
    const token = byteAt(input, at)
    at += 1
    const literals = lengthOf(token >> 4)
    if (at + literals > input.length || end + literals > size) throw new Overrun()
    output.set(input.subarray(at, at + literals), end)
    at += literals
    end += literals
    // The last sequence has only literals.
    if (at === input.length) break
    const distance = byteAt(input, at) | (byteAt(input, at + 1) << 8)
    at += 2
    end = copyBack(output, end, distance, lengthOf(token & 15) + minMatch)
  }
  if (end !== size) throw new Overrun()
  return output
}

function byteAt(input: Uint8Array, at: number): number {
  const byte = input[at]
  if (byte === undefined) throw new Overrun()
  return byte
}
