import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'

/** One message of a client; the startup message and an SSLRequest have no type. */
export interface ClientMessage {
  readonly type: string
  readonly body: Buffer
}

/** A server's end of one connection, read message by message. */
export class Peer {
  /** The encrypted one after `secure`. */
  socket: Socket
  readonly #plain: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #arrived = Promise.withResolvers<void>()
  #received: (chunk: Buffer) => void

  constructor(socket: Socket) {
    this.socket = socket
    this.#plain = socket
    this.#received = chunk => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    }
    this.#listen()
  }

  get closed(): boolean {
    return this.socket.destroyed || this.socket.readableEnded
  }

  /** Null: the client has hung up. */
  async readStartup(): Promise<ClientMessage | null> {
    const bytes = await this.#take(4, head => head.readInt32BE(0))
    return bytes && { type: '', body: bytes.subarray(4) }
  }

  async readMessage(): Promise<ClientMessage | null> {
    const bytes = await this.#take(5, head => head.readInt32BE(1) + 1)
    return bytes && { type: String.fromCharCode(bytes[0] ?? 0), body: bytes.subarray(5) }
  }

  /** Resolves when there is room for more, or nobody to send to. */
  async send(...parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) {
      if (this.closed || this.socket.write(part)) continue
      const { promise, resolve } = Promise.withResolvers<void>()
      this.socket.once('drain', resolve).once('close', resolve)
      await promise
      this.socket.off('drain', resolve).off('close', resolve)
    }
  }

  /** Cuts the connection without a goodbye (RST). */
  reset(): void {
    this.#plain.resetAndDestroy()
  }

  /** Becomes the server of a TLS handshake with this certificate. Resolves when it is over; false when it failed. */
  async secure({ certificate, key }: Certificate): Promise<boolean> {
    this.socket.off('data', this.#received)
    const secured = new TLSSocket(this.socket, {
      isServer: true,
      secureContext: createSecureContext({ cert: certificate, key }),
    })
    secured.on('error', () => {})
    const { promise, resolve } = Promise.withResolvers<boolean>()
    secured.once('secure', () => resolve(true)).once('close', () => resolve(false))
    this.socket = secured
    this.#listen()
    return promise
  }

  #listen(): void {
    this.socket.on('data', this.#received)
    this.socket.on('end', () => this.#wake()).on('close', () => this.#wake())
  }

  #wake(): void {
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers()
  }

  async #take(headLength: number, lengthOf: (head: Buffer) => number): Promise<Buffer | null> {
    for (;;) {
      if (this.#bytes.length >= headLength) {
        const length = lengthOf(this.#bytes)
        if (this.#bytes.length >= length) {
          const taken = this.#bytes.subarray(0, length)
          this.#bytes = this.#bytes.subarray(length)
          return taken
        }
      }
      if (this.closed) return null
      await this.#arrived.promise
    }
  }
}
