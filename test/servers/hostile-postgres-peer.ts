import { HostilePeer } from './hostile-peer.ts'

/** One message of a client; the startup message and an SSLRequest have no type. */
export interface ClientMessage {
  readonly type: string
  readonly body: Buffer
}

/** A server's end of one connection, read message by message. */
export class Peer extends HostilePeer {
  /** Null: the client has hung up. */
  async readStartup(): Promise<ClientMessage | null> {
    const bytes = await this.take(4, head => head.readInt32BE(0))
    return bytes && { type: '', body: bytes.subarray(4) }
  }

  async readMessage(): Promise<ClientMessage | null> {
    const bytes = await this.take(5, head => head.readInt32BE(1) + 1)
    return bytes && { type: String.fromCharCode(bytes[0] ?? 0), body: bytes.subarray(5) }
  }
}
