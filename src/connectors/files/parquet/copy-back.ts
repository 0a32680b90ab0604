/** Compressed data that says more than there is. */
export class Overrun extends Error {
  constructor() {
    super('compressed data is damaged')
  }
}

/**
 * Appends `length` bytes to those that end at `end`: a copy of what stands `distance` before, which may be what is just
 * being written. Answers where they end.
 */
export function copyBack(output: Uint8Array, end: number, distance: number, length: number): number {
  if (distance <= 0 || distance > end || end + length > output.length) throw new Overrun()
  if (distance >= length) output.copyWithin(end, end - distance, end - distance + length)
  else for (let index = 0; index < length; index += 1) output[end + index] = output[end + index - distance] as number
  return end + length
}
