import { copyBack, Overrun } from './copy-back.ts'

/**
 * Decompresses a block of Snappy that has `size` bytes then. Throws for what is none. (That of the reader library does not
 * end for lengths beyond 2^31.)
 */
export function unsnappy(input: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const output = new Uint8Array(size)
  let at = preambleLength(input)
  let end = 0
  while (at < input.length) {
    const tag = input[at] as number
    at += 1
    if ((tag & 3) === 0) {
      const extra = Math.max(0, (tag >> 2) - 59)
      const length = (extra === 0 ? tag >> 2 : littleEndian(input, at, extra)) + 1
      at += extra
      if (at + length > input.length || end + length > size) throw new Overrun()
      output.set(input.subarray(at, at + length), end)
      at += length
      end += length
    } else {
      const bytes = [0, 1, 2, 4][tag & 3] as number
      const low = littleEndian(input, at, bytes)
      at += bytes
      const isShort = bytes === 1
      const length = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
      end = copyBack(output, end, isShort ? ((tag >> 5) << 8) | low : low, length)
    }
  }
  if (end !== size) throw new Overrun()
  return output
}

/** The size comes first, as a varint; the page's header has said it already. */
function preambleLength(input: Uint8Array): number {
  for (let at = 0; at < 5; at += 1) {
    if ((input[at] ?? 0x80) < 0x80) return at + 1
  }
  throw new Overrun()
}

function littleEndian(input: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > input.length) throw new Overrun()
  let value = 0
  for (let index = bytes - 1; index >= 0; index -= 1) value = value * 256 + (input[at + index] as number)
  return value
}
