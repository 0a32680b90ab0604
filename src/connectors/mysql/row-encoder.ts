import type { JsonRows } from '../json-rows.ts'
import { endOfCounted, startOfCounted } from './packets.ts'
import type { Column } from './session.ts'
import { columnType, toJson, type ValueKind } from './types.ts'

const nothing = Buffer.from('null')

/** Writes rows as JSON, straight from what the server has sent. */
export class RowEncoder {
  readonly #kinds: readonly ValueKind[]

  constructor(columns: readonly Column[]) {
    this.#kinds = columns.map(column => columnType(column).kind)
  }

  /** `packet`: a row that is known to be sound, with as many values as there are columns. */
  encode(rows: JsonRows, packet: Buffer): void {
    rows.begin()
    let at = 0
    for (const kind of this.#kinds) {
      const start = startOfCounted(packet, at)
      if (start < 0) {
        rows.jsonFrom(nothing, 0, nothing.length)
        at += 1
        continue
      }
      const end = endOfCounted(packet, at)
      if (kind === 'TEXT') rows.textFrom(packet, start, end)
      else rows.value(toJson(packet.subarray(start, end), kind))
      at = end
    }
    rows.finish()
  }
}
