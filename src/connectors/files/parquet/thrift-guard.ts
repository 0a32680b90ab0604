/** Structs and lists in each other: Parquet has fewer than ten. */
const maxDepth = 32
const maxVarintBytes = 10

const types = { stop: 0, true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 }

/** Of a list: how many items are left, of which type. Of a struct: null. */
type Open = { readonly type: number; left: number } | null

/**
 * How many bytes the Thrift struct (compact protocol) takes that begins at `start`; null when it does not end in `bytes`.
 * Throws for what is none, or has more than `maxValues` values in it: the library that reads it believes every count, and
 * makes an object of every byte.
 */
export function thriftLength(bytes: Uint8Array, start: number, maxValues: number): number | null {
  const walk = new ThriftWalk(bytes, start, maxValues)
  while (!walk.isDone) {
    if (!walk.step()) return null
  }
  return walk.at - start
}

class ThriftWalk {
  at: number
  readonly #bytes: Uint8Array
  #valuesLeft: number
  readonly #open: Open[] = [null]

  constructor(bytes: Uint8Array, start: number, maxValues: number) {
    this.#bytes = bytes
    this.at = start
    this.#valuesLeft = maxValues
  }

  get isDone(): boolean {
    return this.#open.length === 0
  }

  /** False: there are not bytes enough. */
  step(): boolean {
    const open = this.#open.at(-1) ?? null
    if (open === null) return this.#field()
    if (open.left === 0) {
      this.#open.pop()
      return true
    }
    open.left -= 1
    // In lists these have a byte of their own.
    return this.#value(open.type === types.true || open.type === types.false ? types.byte : open.type)
  }

  #field(): boolean {
    const head = this.#bytes[this.at]
    if (head === undefined) return false
    this.at += 1
    const type = head & 0x0f
    if (type === types.stop) {
      this.#open.pop()
      return true
    }
    if (head >> 4 === 0 && this.#varint() === null) return false
    return type === types.true || type === types.false ? this.#counted() : this.#value(type)
  }

  #value(type: number): boolean {
    this.#counted()
    switch (type) {
      case types.byte:
        return this.#skip(1)
      case types.i16:
      case types.i32:
      case types.i64:
        return this.#varint() !== null
      case types.double:
        return this.#skip(8)
      case types.binary: {
        const length = this.#varint()
        return length !== null && this.#skip(length)
      }
      case types.list:
        return this.#list()
      case types.struct:
        this.#push(null)
        return true
      default:
        throw new Error(`there is no value of type ${type}`)
    }
  }

  #list(): boolean {
    const head = this.#bytes[this.at]
    if (head === undefined) return false
    this.at += 1
    const count = head >> 4 === 15 ? this.#varint() : head >> 4
    if (count === null) return false
    if (count > this.#valuesLeft) throw new Error(`a list has ${count} items`)
    this.#push({ type: head & 0x0f, left: count })
    return true
  }

  #push(open: Open): void {
    if (this.#open.length === maxDepth) throw new Error(`more than ${maxDepth} levels of nesting`)
    this.#open.push(open)
  }

  #counted(): boolean {
    this.#valuesLeft -= 1
    if (this.#valuesLeft < 0) throw new Error('too many values')
    return true
  }

  #skip(bytes: number): boolean {
    this.at += bytes
    return this.at <= this.#bytes.length
  }

  #varint(): number | null {
    let value = 0
    for (let count = 0; count < maxVarintBytes; count += 1) {
      const byte = this.#bytes[this.at]
      if (byte === undefined) return null
      this.at += 1
      value += (byte & 0x7f) * 2 ** (7 * count)
      if (byte < 0x80) return value
    }
    throw new Error(`a number of more than ${maxVarintBytes} bytes`)
  }
}
