/** Packets of MySQL's protocol, sound ones and others: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html */

/** https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html */
export const capability = {
  LONG_PASSWORD: 1,
  FOUND_ROWS: 1 << 1,
  LONG_FLAG: 1 << 2,
  CONNECT_WITH_DB: 1 << 3,
  COMPRESS: 1 << 5,
  LOCAL_FILES: 1 << 7,
  PROTOCOL_41: 1 << 9,
  SSL: 1 << 11,
  TRANSACTIONS: 1 << 13,
  SECURE_CONNECTION: 1 << 15,
  MULTI_STATEMENTS: 1 << 16,
  MULTI_RESULTS: 1 << 17,
  PLUGIN_AUTH: 1 << 19,
  CONNECT_ATTRS: 1 << 20,
  PLUGIN_AUTH_LENENC_DATA: 1 << 21,
  EXPIRED_PASSWORDS: 1 << 22,
  SESSION_TRACK: 1 << 23,
  DEPRECATE_EOF: 1 << 24,
  QUERY_ATTRIBUTES: 1 << 27,
} as const

/** What MySQL 8 offers, encryption aside. */
export const soundCapabilities: number =
  Object.values(capability).reduce((all, flag) => all | flag, 0) & ~capability.SSL

export const status = { IN_TRANSACTION: 1, AUTOCOMMIT: 2, MORE_RESULTS: 8, READ_ONLY: 0x2000 } as const

const int1 = (value: number) => Buffer.from([value & 0xff])
const int2 = (value: number) => Buffer.from([value & 0xff, (value >> 8) & 0xff])
const int4 = (value: number) => Buffer.concat([int2(value), int2(value >>> 16)])
const int3 = (value: number) => int4(value).subarray(0, 3)
const zeroEnded = (text: string) => Buffer.from(`${text}\0`)

/** A length as values have it before them. */
export function lengthOf(length: number): Buffer {
  if (length < 0xfb) return int1(length)
  if (length < 0x1_0000) return Buffer.concat([int1(0xfc), int2(length)])
  if (length < 0x100_0000) return Buffer.concat([int1(0xfd), int3(length)])
  const wide = Buffer.alloc(9, 0xfe)
  wide.writeBigUInt64LE(BigInt(length), 1)
  return wide
}
export const counted = (value: Buffer | string): Buffer =>
  Buffer.concat([lengthOf(Buffer.byteLength(value)), Buffer.from(value)])

/** A packet whose head announces `length` bytes, whatever really follows. */
export const announcing = (length: number, sequence: number, payload: Buffer | string = ''): Buffer =>
  Buffer.concat([int3(length), int1(sequence), Buffer.from(payload)])

const longest = 0xff_ffff

/** These payloads, each as one packet or as many as its length takes, numbered from `sequence`. */
export function packets(sequence: number, ...payloads: readonly Buffer[]): Buffer {
  const parts: Buffer[] = []
  for (const payload of payloads) {
    for (let at = 0, isLast = false; !isLast; at += longest) {
      const part = payload.subarray(at, at + longest)
      isLast = part.length < longest
      parts.push(announcing(part.length, sequence + parts.length, part))
    }
  }
  return Buffer.concat(parts)
}

export interface Greeting {
  readonly version: string
  readonly connectionId: number
  /** 20 bytes. */
  readonly scramble: Buffer
  readonly plugin: string
  readonly capabilities: number
  /** Of MariaDB alone. */
  readonly mariadbCapabilities?: number
}

/** Of MariaDB: says more about the types of columns. */
export const extendedMetadata = 8

export function greeting(from: Greeting): Buffer {
  const { version, connectionId, scramble, plugin, capabilities, mariadbCapabilities = 0 } = from
  return Buffer.concat([
    int1(10),
    zeroEnded(version),
    int4(connectionId),
    scramble.subarray(0, 8),
    int1(0),
    int2(capabilities),
    // utf8mb4_0900_ai_ci, as far as one byte tells it.
    int1(255),
    int2(status.AUTOCOMMIT),
    int2(capabilities >>> 16),
    int1(scramble.length + 1),
    Buffer.alloc(6),
    int4(mariadbCapabilities),
    scramble.subarray(8),
    int1(0),
    zeroEnded(plugin),
  ])
}

export const ok = (flags: number = status.AUTOCOMMIT, rest: Buffer | string = ''): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0]), int2(flags), int2(0), Buffer.from(rest)])

export const endOfRows = (flags: number = status.AUTOCOMMIT): Buffer =>
  Buffer.concat([int1(0xfe), int2(0), int2(flags)])

/** `sqlState` is left out by what refuses before it knows its client. */
export const errorPacket = (errno: number, text: Buffer | string, sqlState: string | null = 'HY000'): Buffer =>
  Buffer.concat([int1(0xff), int2(errno), Buffer.from(sqlState === null ? '' : `#${sqlState}`), Buffer.from(text)])

export const authSwitch = (plugin: string, data: Buffer): Buffer =>
  Buffer.concat([int1(0xfe), zeroEnded(plugin), data, int1(0)])
export const authMore = (data: Buffer | string): Buffer => Buffer.concat([int1(1), Buffer.from(data)])

/** Asks the client for a file of its own. */
export const localInfile = (path: string): Buffer => Buffer.concat([int1(0xfb), Buffer.from(path)])

export const columnType = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  TIME: 11,
  DATETIME: 12,
  YEAR: 13,
  BIT: 16,
  VECTOR: 242,
  JSON: 245,
  NEWDECIMAL: 246,
  ENUM: 247,
  SET: 248,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  GEOMETRY: 255,
} as const

export const columnFlag = { UNSIGNED: 32, BINARY: 128 } as const
const utf8mb4 = 45
export const binaryCharset = 63

export interface Column {
  readonly name: string
  /** Of `columnType`; text when left out. */
  readonly type?: number
  readonly flags?: number
  readonly charset?: number
  readonly length?: number
  readonly decimals?: number
}

/** `extended`: as MariaDB does where both sides want it. */
export function columnDefinition(column: Column, extended = false): Buffer {
  const { name, type = columnType.VAR_STRING, flags = 0, charset = utf8mb4, length = 1_024, decimals = 0 } = column
  return Buffer.concat([
    ...['def', '', '', '', name, ''].map(counted),
    ...(extended ? [counted('')] : []),
    int1(0x0c),
    int2(charset),
    int4(length),
    int1(type),
    int2(flags),
    int1(decimals),
    int2(0),
  ])
}

export const columnCount = (count: number): Buffer => lengthOf(count)

export type Value = string | Buffer | null
export const textRow = (values: readonly Value[]): Buffer =>
  Buffer.concat(values.map(value => (value === null ? int1(0xfb) : counted(value))))
