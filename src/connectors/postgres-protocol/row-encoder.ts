import type { JsonRows } from '../json-rows.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { encodingOf, type TypeInfo, toJson } from './types.ts'

/** Adds one value, as the server wrote it, to the row that has begun. */
type Writer = (rows: JsonRows, source: Buffer, start: number, end: number) => void

/** Turns the bodies of DataRow messages, found to be sound, into rows of JSON. */
export class RowEncoder {
  readonly #writers: readonly Writer[]

  constructor(types: readonly TypeInfo[]) {
    this.#writers = types.map(writerOf)
  }

  get columnCount(): number {
    return this.#writers.length
  }

  /** https://www.postgresql.org/docs/current/protocol-message-formats.html: a count, and a length before each value. */
  encode(rows: JsonRows, source: Buffer, start: number): void {
    // The columns that the server told last may be other ones by now.
    if (source.readInt16BE(start) !== this.#writers.length)
      throw new ProtocolFaultError('it sent a row with another number of columns than it had announced')
    rows.begin()
    let at = start + 2
    for (const write of this.#writers) {
      const length = source.readInt32BE(at)
      at += 4
      if (length === -1) {
        rows.jsonFrom(nullJson, 0, nullJson.length)
      } else {
        write(rows, source, at, at + length)
        at += length
      }
    }
    rows.finish()
  }
}

const nullJson = Buffer.from('null')
const trueJson = Buffer.from('true')
const falseJson = Buffer.from('false')

const minus = 0x2d
const zero = 0x30
const nine = 0x39
/** A server's small integers have no more. */
const maxDigits = 10

/** The quick ways for what most values are; a server that names a type and sends something else gets the long one. */
function writerOf(type: TypeInfo): Writer {
  const any: Writer = (rows, source, start, end) => rows.value(toJson(source.toString('utf8', start, end), type))
  switch (encodingOf(type)) {
    case 'TEXT':
      return (rows, source, start, end) => rows.textFrom(source, start, end)
    case 'INTEGER':
      return (rows, source, start, end) => {
        if (isJsonInteger(source, start, end)) rows.jsonFrom(source, start, end)
        else any(rows, source, start, end)
      }
    case 'BOOLEAN':
      return (rows, source, start, end) => {
        const json = end - start === 1 ? booleanJson(source[start]) : null
        if (json) rows.jsonFrom(json, 0, json.length)
        else any(rows, source, start, end)
      }
    case 'OTHER':
      return any
  }
}

const booleanJson = (byte: number | undefined): Buffer | null =>
  byte === 0x74 ? trueJson : byte === 0x66 ? falseJson : null

/** Whether the digits of an integer are its JSON: not with a zero in front, nor as a zero with a sign. */
function isJsonInteger(source: Buffer, start: number, end: number): boolean {
  const first = source[start] === minus ? start + 1 : start
  const digits = end - first
  if (digits < 1 || digits > maxDigits || (source[first] === zero && end - start > 1)) return false
  for (let at = first; at < end; at += 1) {
    const byte = source[at] as number
    if (byte < zero || byte > nine) return false
  }
  return true
}
