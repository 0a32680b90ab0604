import { capability } from './hostile-mysql-packets.ts'

/** What a client says of itself when it signs in. */
export interface Login {
  readonly capabilities: number
  /** Of MariaDB alone. */
  readonly mariadbCapabilities: number
  readonly username: string
  readonly token: Buffer
  readonly database: string | null
  readonly plugin: string
  readonly attributes: Readonly<Record<string, string>>
}

const headLength = 32

/** An SSLRequest is a login that ends before the name of its user. */
export const isSslRequest = (payload: Buffer): boolean =>
  payload.length === headLength && (payload.readUInt32LE(0) & capability.SSL) !== 0

/** HandshakeResponse41 */
export function readLogin(payload: Buffer): Login {
  const capabilities = payload.readUInt32LE(0)
  const has = (flag: number) => (capabilities & flag) !== 0
  let at = headLength
  const zeroEnded = () => {
    const end = payload.indexOf(0, at)
    const text = payload.toString('utf8', at, end < 0 ? payload.length : end)
    at = end < 0 ? payload.length : end + 1
    return text
  }
  const counted = () => {
    const { length, size } = countAt(payload, at)
    const value = payload.subarray(at + size, at + size + length)
    at += size + length
    return value
  }
  const username = zeroEnded()
  const token = counted()
  const database = has(capability.CONNECT_WITH_DB) ? zeroEnded() : ''
  const plugin = has(capability.PLUGIN_AUTH) ? zeroEnded() : 'mysql_native_password'
  const attributes: Record<string, string> = {}
  if (has(capability.CONNECT_ATTRS) && at < payload.length) {
    const end = at + countAt(payload, at).length
    at += countAt(payload, at).size
    while (at < end) attributes[counted().toString()] = counted().toString()
  }
  const mariadbCapabilities = has(capability.LONG_PASSWORD) ? 0 : payload.readUInt32LE(headLength - 4)
  return {
    capabilities,
    mariadbCapabilities,
    username,
    token,
    database: database === '' ? null : database,
    plugin,
    attributes,
  }
}

function countAt(payload: Buffer, at: number): { readonly length: number; readonly size: number } {
  const first = payload[at] ?? 0
  if (first < 0xfb) return { length: first, size: 1 }
  if (first === 0xfc) return { length: payload.readUInt16LE(at + 1), size: 3 }
  return { length: payload.readUIntLE(at + 1, 3), size: 4 }
}
