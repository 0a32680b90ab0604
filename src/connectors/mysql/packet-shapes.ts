import { endOfCounted, marker, readCount } from './packets.ts'

/** Whether a packet is what it stands for. A null answer means that it is; otherwise the fault in words. */

const malformed = 'it sent a malformed message'

/** No table has more, and no result of MariaDB or MySQL. */
export const maxColumns = 4_096

/** What begins the answer to a statement that has rows: how many columns they have. Null: no such number. */
export function columnCountIn(packet: Buffer): number | null {
  const count = readCount(packet, 0)
  return count !== null && count.end === packet.length && count.value >= 1 && count.value <= maxColumns
    ? count.value
    : null
}

/** Two numbers, status and warnings, and text that nobody needs. Answers the status; null: malformed. */
export function statusOfOk(packet: Buffer): number | null {
  const affected = readCount(packet, 1)
  const inserted = affected && readCount(packet, affected.end)
  return inserted && packet.length >= inserted.end + 4 ? packet.readUInt16LE(inserted.end) : null
}

export const isEndOfRows = (packet: Buffer): boolean => packet[0] === marker.EOF && packet.length < 9

/** Null: malformed. */
export const statusOfEnd = (packet: Buffer): number | null => (packet.length === 5 ? packet.readUInt16LE(3) : null)

const columnTexts = 6
const columnNumbers = 13

/** `extended`: whether MariaDB says more of types, which comes between names and numbers. */
export function columnFault(packet: Buffer, extended: boolean): string | null {
  let at = 0
  for (let left = columnTexts + (extended ? 1 : 0); left > 0; left--) {
    const end = endOfCounted(packet, at)
    if (end < 0) return malformed
    if (extended && left === 1 && !isPairs(packet, at, end)) return malformed
    at = end
  }
  return packet[at] === columnNumbers - 1 && packet.length === at + columnNumbers ? null : malformed
}

/** Pairs of a byte and a text fill the counted value exactly. */
function isPairs(packet: Buffer, start: number, end: number): boolean {
  const count = readCount(packet, start)
  let at = count?.end ?? end
  while (at < end) {
    const next = endOfCounted(packet, at + 1)
    if (next < 0 || next > end) return false
    at = next
  }
  return at === end
}

export function rowFault(packet: Buffer, columns: number): string | null {
  let at = 0
  for (let left = columns; left > 0; left--) {
    if (packet[at] === 0xfb) at += 1
    else {
      at = endOfCounted(packet, at)
      if (at < 0) return malformed
    }
  }
  return at === packet.length ? null : 'it sent a row with another number of columns than it had announced'
}
