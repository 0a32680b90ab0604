/** A Thrift struct as the reader library gives it: whatever a file has put there. */
type Struct = { readonly [field: `field_${number}`]: unknown }

/** Reads fields of a struct by their numbers, of the types that they must have. Throws where they have others. */
export class ThriftFields {
  readonly #struct: Struct

  constructor(struct: unknown) {
    if (typeof struct !== 'object' || struct === null) throw new Error('a part of the description is missing')
    this.#struct = struct as Struct
  }

  has(field: number): boolean {
    return this.#struct[`field_${field}`] !== undefined
  }

  /** A whole number from 0 to 2^53. */
  count(field: number): number {
    const value = this.#struct[`field_${field}`]
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
      throw new Error(`field ${field} of the description is ${String(value)}`)
    }
    return number
  }

  optionalCount(field: number): number | null {
    return this.has(field) ? this.count(field) : null
  }

  flag(field: number): boolean {
    return this.#struct[`field_${field}`] === true
  }

  text(field: number): string {
    const value = this.#struct[`field_${field}`]
    if (!(value instanceof Uint8Array)) throw new Error(`field ${field} of the description is no text`)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')
  }

  struct(field: number): ThriftFields {
    return new ThriftFields(this.#struct[`field_${field}`])
  }

  structs(field: number): readonly ThriftFields[] {
    const value = this.#struct[`field_${field}`]
    if (!Array.isArray(value)) throw new Error(`field ${field} of the description is no list`)
    return value.map(item => new ThriftFields(item))
  }
}
