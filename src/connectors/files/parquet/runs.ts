/**
 * Reads small numbers of `width` bits from Parquet's hybrid of runs and packed bits, as many as are asked for. Throws where
 * there are fewer.
 */
export class RunReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #width: number
  #at: number
  #left = 0
  /** Of a run of equal numbers; null within packed ones. */
  #value: number | null = null
  /** Of the next packed number, from `#at`. */
  #bit = 0

  constructor(bytes: Uint8Array, at: number, end: number, width: number) {
    if (width > 32) throw new Error(`numbers of ${width} bits`)
    if (end > bytes.length) throw new Error('it ends too early')
    this.#bytes = bytes
    this.#at = at
    this.#end = end
    this.#width = width
  }

  read(count: number): Int32Array {
    const numbers = new Int32Array(count)
    for (let done = 0; done < count; ) {
      if (this.#left === 0) this.#begin()
      const part = Math.min(this.#left, count - done)
      if (this.#value === null) this.#unpack(numbers, done, part)
      else numbers.fill(this.#value, done, done + part)
      this.#left -= part
      done += part
    }
    return numbers
  }

  #begin(): void {
    // Without bits there is nothing to be read.
    if (this.#width === 0) {
      this.#value = 0
      this.#left = Number.MAX_SAFE_INTEGER
      return
    }
    this.#at += Math.ceil(this.#bit / 8)
    this.#bit = 0
    const head = this.#varint()
    this.#left = head % 2 === 1 ? Math.floor(head / 2) * 8 : head / 2
    this.#value = head % 2 === 1 ? null : this.#repeated()
  }

  #repeated(): number {
    let value = 0
    const bytes = Math.ceil(this.#width / 8)
    for (let index = 0; index < bytes; index += 1) value |= this.#byte(this.#at + index) << (8 * index)
    this.#at += bytes
    return value
  }

  #unpack(numbers: Int32Array, from: number, count: number): void {
    for (let index = from; index < from + count; index += 1) {
      let value = 0
      for (let got = 0; got < this.#width; ) {
        const offset = this.#bit & 7
        const take = Math.min(8 - offset, this.#width - got)
        const byte = this.#byte(this.#at + (this.#bit >> 3))
        value |= ((byte >> offset) & ((1 << take) - 1)) << got
        got += take
        this.#bit += take
      }
      numbers[index] = value
    }
  }

  #varint(): number {
    let value = 0
    for (let count = 0; count < 5; count += 1) {
      const byte = this.#byte(this.#at)
      this.#at += 1
      value += (byte & 0x7f) * 2 ** (7 * count)
      if (byte < 0x80) return value
    }
    throw new Error('a run is too long')
  }

  #byte(at: number): number {
    if (at >= this.#end) throw new Error('there are fewer values than announced')
    return this.#bytes[at] as number
  }
}

/** Bits that numbers up to `max` take. */
export const bitsFor = (max: number): number => 32 - Math.clz32(max)
