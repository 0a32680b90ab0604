/** Reads the data types of RFC 4251 section 5; every method answers null where the bytes do not hold what is asked for. */
export class SshReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get rest(): number {
    return this.#bytes.length - this.#at
  }

  uint32(): number | null {
    if (this.rest < 4) return null
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }

  bytes(length: number): Buffer | null {
    if (this.rest < length) return null
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** Four bytes of length and then so many bytes. */
  string(): Buffer | null {
    const length = this.uint32()
    return length === null ? null : this.bytes(length)
  }

  text(): string | null {
    return this.string()?.toString('latin1') ?? null
  }
}

/** The inverse of `SshReader.string`. */
export function sshString(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
