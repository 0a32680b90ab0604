/** https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html: the parts of packets that are read here. */

export const marker = {
  OK: 0x00,
  MORE_DATA: 0x01,
  NEXT_FACTOR: 0x02,
  LOCAL_INFILE: 0xfb,
  EOF: 0xfe,
  ERR: 0xff,
} as const

/** Flags of a server's status. */
export const serverStatus = { IN_TRANSACTION: 0x1, MORE_RESULTS: 0x8, IN_READ_ONLY_TRANSACTION: 0x2000 } as const

/** A length-encoded integer and where it ends. Null: there is none at `at`. */
export function readCount(packet: Buffer, at: number): { readonly value: number; readonly end: number } | null {
  const first = packet[at]
  if (first === undefined) return null
  if (first < 0xfb) return { value: first, end: at + 1 }
  const width = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0
  const end = at + 1 + width
  if (width === 0 || end > packet.length) return null
  if (width < 8) return { value: packet.readUIntLE(at + 1, width), end }
  const value = packet.readBigUInt64LE(at + 1)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? null : { value: Number(value), end }
}

/** Where the counted text that begins at `at` ends; -1 when it does not fit. */
export function endOfCounted(packet: Buffer, at: number): number {
  // Nearly all are this short, and a result has millions of them.
  const first = packet[at] ?? 0xff
  if (first < 0xfb) return at + 1 + first <= packet.length ? at + 1 + first : -1
  const count = readCount(packet, at)
  return count !== null && count.value <= packet.length - count.end ? count.end + count.value : -1
}

/** Where the counted text that begins at `at` has its first byte, in a packet that is known to be sound; -1 for NULL. */
export function startOfCounted(packet: Buffer, at: number): number {
  const first = packet[at] ?? 0
  if (first < 0xfb) return at + 1
  if (first === 0xfb) return -1
  return at + (first === 0xfc ? 3 : first === 0xfd ? 4 : 9)
}

export interface ServerError {
  readonly errno: number
  /** Empty when the server gave none, as before it knows its client. */
  readonly sqlState: string
  readonly message: string
}

/** Null: it is malformed. */
export function readErrorPacket(packet: Buffer): ServerError | null {
  if (packet[0] !== marker.ERR || packet.length < 3) return null
  const errno = packet.readUInt16LE(1)
  const hasState = packet[3] === 0x23 && packet.length >= 9
  return {
    errno,
    sqlState: hasState ? packet.toString('latin1', 4, 9) : '',
    message: packet.toString('utf8', hasState ? 9 : 3),
  }
}
