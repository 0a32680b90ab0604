import { capability, extendedMetadata } from './capabilities.ts'

export type Flavour = 'MYSQL' | 'MARIADB'

/** What a server says of itself before anybody has spoken. */
export interface Handshake {
  /** As people know it: "10.11.6-MariaDB". */
  readonly version: string
  readonly flavour: Flavour
  readonly connectionId: number
  readonly capabilities: number
  /** MariaDB's own; none on other servers. */
  readonly mariadbCapabilities: number
  /** 20 bytes that answers about the password are made with. */
  readonly scramble: Buffer
  /** The plugin that the server begins with; accounts may have others. Empty on servers that know of none. */
  readonly plugin: string
}

const scrambleLength = 20
/** After the version: connection id, half of the scramble, NUL, flags, charset, status, flags, a length, MariaDB's flags. */
const fixedLength = 4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 6 + 4

/**
 * HandshakeV10. Null: it is malformed, or lacks what every server since 2004 has.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html
 */
export function readHandshake(packet: Buffer): Handshake | null {
  const endOfVersion = packet.indexOf(0, 1)
  const at = endOfVersion + 1
  const rest = at + fixedLength
  if (endOfVersion < 0 || packet.length < rest + 12) return null
  const capabilities = (packet.readUInt16LE(at + 13) | (packet.readUInt16LE(at + 18) << 16)) >>> 0
  const needed = capability.PROTOCOL_41 | capability.SECURE_CONNECTION
  if ((capabilities & needed) !== needed) return null
  const text = packet.toString('utf8', 1, endOfVersion)
  const flavour: Flavour = /mariadb/i.test(text) ? 'MARIADB' : 'MYSQL'
  const isMysql = (capabilities & capability.LONG_PASSWORD) !== 0
  return {
    // Replication of old versions cannot read a 10, so MariaDB says that it is 5.5.5 first.
    version: flavour === 'MARIADB' ? text.replace(/^5\.5\.5-/, '') : text,
    flavour,
    connectionId: packet.readUInt32LE(at),
    capabilities,
    mariadbCapabilities: flavour === 'MARIADB' && !isMysql ? packet.readUInt32LE(at + 27) : 0,
    scramble: Buffer.concat([packet.subarray(at + 4, at + 12), packet.subarray(rest, rest + 12)], scrambleLength),
    plugin: pluginOf(packet, capabilities, rest, packet[at + 20] ?? 0),
  }
}

function pluginOf(packet: Buffer, capabilities: number, rest: number, dataLength: number): string {
  if ((capabilities & capability.PLUGIN_AUTH) === 0) return ''
  const start = rest + Math.max(13, dataLength - 8)
  const end = packet.indexOf(0, start)
  return packet.toString('latin1', start, end < 0 ? packet.length : end)
}

/** The plugins whose answer shows the server nothing that it could use elsewhere. */
export const beginningPlugins = ['caching_sha2_password', 'mysql_native_password'] as const
export type BeginningPlugin = (typeof beginningPlugins)[number]

/** The plugin to begin with. An account that has another one is asked for that afterwards. */
export const beginningPlugin = ({ plugin }: Handshake): BeginningPlugin =>
  plugin === 'caching_sha2_password' ? plugin : 'mysql_native_password'

/**
 * A greeting for the driver, which believes all that a server says of itself: made anew from what was read, without what
 * is not used here.
 */
export function greetingForDriver(handshake: Handshake, encrypted: boolean): Buffer {
  const version = Buffer.from(`${handshake.flavour === 'MARIADB' ? 'MariaDB' : 'MySQL'}\0`)
  const plugin = Buffer.from(`${beginningPlugin(handshake)}\0`)
  const extended = handshake.mariadbCapabilities & extendedMetadata
  const { LONG_PASSWORD, SSL, ...others } = capability
  const flags =
    Object.values(others).reduce((all, flag) => all | flag, 0) |
    (encrypted ? SSL : 0) |
    (extended === 0 ? LONG_PASSWORD : 0)
  const body = Buffer.alloc(fixedLength)
  body.writeUInt32LE(handshake.connectionId, 0)
  handshake.scramble.copy(body, 4, 0, 8)
  body.writeUInt16LE(flags & 0xffff, 13)
  body.writeUInt8(utf8mb4, 15)
  body.writeUInt16LE(flags >>> 16, 18)
  body.writeUInt8(scrambleLength + 1, 20)
  body.writeUInt32LE(extended, 27)
  const payload = Buffer.concat([
    Buffer.from([10]),
    version,
    body,
    handshake.scramble.subarray(8, scrambleLength),
    Buffer.from([0]),
    plugin,
  ])
  return Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload])
}

/** utf8mb4_general_ci and utf8mb3_general_ci, which every server knows by these numbers. */
const utf8mb4 = 45
const utf8mb3 = 33

export const collationOf = (charset: string): { readonly id: number; readonly driverName: string } =>
  charset === 'utf8mb3'
    ? { id: utf8mb3, driverName: 'UTF8_GENERAL_CI' }
    : { id: utf8mb4, driverName: 'UTF8MB4_GENERAL_CI' }
