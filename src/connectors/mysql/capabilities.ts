/** https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html */
export const capability = {
  LONG_PASSWORD: 0x1,
  LONG_FLAG: 0x4,
  PROTOCOL_41: 0x200,
  SSL: 0x800,
  TRANSACTIONS: 0x2000,
  RESERVED: 0x4000,
  SECURE_CONNECTION: 0x8000,
  PLUGIN_AUTH: 0x8_0000,
  CONNECT_ATTRS: 0x10_0000,
  PLUGIN_AUTH_LENENC: 0x20_0000,
} as const

/** Of the four bytes in which MariaDB has flags of its own: types that columns have beyond those of the protocol. */
export const extendedMetadata = 0x8

/** What the driver would say of itself and does not: it is refused here, or it changes what statements mean. */
export const deniedFlags = [
  '-LOCAL_FILES',
  '-MULTI_STATEMENTS',
  '-MULTI_RESULTS',
  '-CONNECT_WITH_DB',
  '-FOUND_ROWS',
  '-IGNORE_SPACE',
  '-IGNORE_SIGPIPE',
  '-ODBC',
  '-SESSION_TRACK',
  '-CLIENT_QUERY_ATTRIBUTES',
]

/** What remains: the same in the request for encryption and in the login that follows it. */
const clientFlags = Object.values(capability).reduce((all, flag) => all | flag, 0)

/** Asks the server to expect a TLS handshake: all of a login that comes before the name of the user. */
export function sslRequest(charset: number, mariadbCapabilities: number): Buffer {
  const extended = mariadbCapabilities & extendedMetadata
  const packet = Buffer.alloc(36)
  packet.writeUInt8(32, 0)
  packet.writeUInt8(1, 3)
  // MariaDB reads its own flags only from clients that leave MySQL's first one out.
  packet.writeUInt32LE(extended === 0 ? clientFlags : clientFlags & ~capability.LONG_PASSWORD, 4)
  packet.writeUInt8(charset, 12)
  packet.writeUInt32LE(extended, 32)
  return packet
}
