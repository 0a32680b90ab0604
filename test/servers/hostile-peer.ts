import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'

export interface SecureOptions {
  /** PEM: asks the client for a certificate of this authority. */
  readonly authority?: string | undefined
  readonly maxVersion?: 'TLSv1.2'
}

/** A server's end of one connection, read in pieces whose length the protocol tells. */
export abstract class HostilePeer {
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

  /** What the client has shown of itself in the handshake; its signature is not looked at. */
  get clientCertificate(): X509Certificate | undefined {
    return this.socket instanceof TLSSocket ? this.socket.getPeerX509Certificate() : undefined
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
  async secure({ certificate, key }: Certificate, { authority, maxVersion }: SecureOptions = {}): Promise<boolean> {
    const secured = new TLSSocket(this.#release(), {
      isServer: true,
      secureContext: createSecureContext({
        cert: certificate,
        key,
        ...(authority && { ca: authority }),
        ...(maxVersion && { maxVersion }),
      }),
      ...(authority && { requestCert: true, rejectUnauthorized: false }),
    })
    secured.on('error', () => {})
    const { promise, resolve } = Promise.withResolvers<boolean>()
    secured.once('secure', () => resolve(true)).once('close', () => resolve(false))
    this.socket = secured
    this.#listen()
    return promise
  }

  /** Lets somebody else speak to the client from here on, such as a TLS server of its own. */
  handTo(other: (socket: Socket) => void): void {
    other(this.#release())
  }

  /** The socket, with what the client has said and nobody has read. */
  #release(): Socket {
    const plain = this.socket
    plain.pause().off('data', this.#received)
    if (this.#bytes.length > 0) plain.unshift(this.#bytes)
    this.#bytes = Buffer.alloc(0)
    return plain
  }

  /** The next piece, of the length that its head tells; null when the client has hung up. */
  protected async take(headLength: number, lengthOf: (head: Buffer) => number): Promise<Buffer | null> {
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

  #listen(): void {
    this.socket.on('data', this.#received)
    this.socket.on('end', () => this.#wake()).on('close', () => this.#wake())
  }

  #wake(): void {
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers()
  }
}
