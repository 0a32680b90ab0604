import { announcing, packets } from './hostile-mysql-packets.ts'
import { HostilePeer } from './hostile-peer.ts'

const headLength = 4
const longest = 0xff_ffff

/** A server's end of one connection, read packet by packet; numbers its answers as a sound server does. */
export class MysqlPeer extends HostilePeer {
  /** What it has been asked to run last. */
  statement: string | null = null
  #sequence = 0
  #interrupted = Promise.withResolvers<void>()

  /** The next number of a packet. */
  get sequence(): number {
    return this.#sequence
  }

  /** Resolves when the statement that this connection is at is killed. */
  get interrupted(): Promise<void> {
    return this.#interrupted.promise
  }

  interrupt(): void {
    this.#interrupted.resolve()
    this.#interrupted = Promise.withResolvers()
  }

  /** Null: the client has hung up. */
  async readPacket(): Promise<Buffer | null> {
    const parts: Buffer[] = []
    for (;;) {
      const bytes = await this.take(headLength, head => head.readUIntLE(0, 3) + headLength)
      if (bytes === null) return null
      this.#sequence = ((bytes[3] ?? 0) + 1) & 0xff
      parts.push(bytes.subarray(headLength))
      if (bytes.length < longest + headLength) return Buffer.concat(parts)
    }
  }

  /** These payloads as packets that continue what has been sent. */
  frame(...payloads: readonly Buffer[]): Buffer {
    const framed = packets(this.#sequence, ...payloads)
    let count = 0
    for (let at = 0; at < framed.length; at += framed.readUIntLE(at, 3) + headLength) count += 1
    this.#sequence = (this.#sequence + count) & 0xff
    return framed
  }

  /** As `frame`, of one packet whose head announces another length. */
  frameAnnouncing(length: number, payload: Buffer | string = ''): Buffer {
    const framed = announcing(length, this.#sequence, payload)
    this.#sequence = (this.#sequence + 1) & 0xff
    return framed
  }
}
