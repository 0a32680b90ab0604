import type { TLSSocket } from 'node:tls'
import { HostilePeer } from './hostile-peer.ts'
import { type MongoRequest, readRequest } from './mongo-messages.ts'

/** Longer messages are none of MongoDB's: a server hangs up on them, as on the first bytes of a TLS handshake. */
const maxMessageLength = 48_000_000

/** A MongoDB server's end of one connection, read command by command. */
export class MongoPeer extends HostilePeer {
  /** Null: the client has hung up, or speaks something else. */
  async readRequest(): Promise<MongoRequest | null> {
    const bytes = await this.take(16, head => {
      const length = head.readInt32LE(0)
      if (length >= 16 && length <= maxMessageLength) return length
      this.socket.destroy()
      return Number.POSITIVE_INFINITY
    })
    return bytes && readRequest(bytes)
  }

  /** The subject of the client's certificate as MongoDB writes it (RFC 2253: the most particular first); null without one. */
  get clientSubject(): string | null {
    const { getPeerX509Certificate } = this.socket as Partial<TLSSocket>
    const subject = getPeerX509Certificate?.call(this.socket as TLSSocket)?.subject
    return subject === undefined ? null : subject.split('\n').reverse().join(',')
  }
}
