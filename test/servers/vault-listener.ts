import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server as NetServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { createServer as createTlsServer, TLSSocket, Server as TlsServer } from 'node:tls'
import type { Certificate } from './certificates.ts'

/** Stands for LIST, which Vault knows and Node's parser of HTTP does not. */
const listMethod = 'SEARCH'

/** A connection whose requests Node's parser understands. Clients send no request before the answer to the last one. */
class ListingConnection extends Duplex {
  readonly #socket: Socket

  constructor(socket: Socket) {
    super({ allowHalfOpen: true })
    this.#socket = socket
    socket
      .on('data', (chunk: Buffer) => {
        const isList = chunk.subarray(0, 6).toString('latin1') === 'LIST /'
        if (!this.push(isList ? Buffer.concat([Buffer.from(listMethod), chunk.subarray(4)]) : chunk)) socket.pause()
      })
      .on('end', () => this.push(null))
      .on('error', () => this.destroy())
      .on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#socket.write(chunk, callback)
  }

  override _final(callback: () => void): void {
    this.#socket.end(callback)
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#socket.destroy()
    callback(error)
  }

  /** So that the other side sees the connection break, and not end. */
  reset(): void {
    // A server of TLS has no way to do so: what is cut off in the middle is a break for its clients as well.
    if (this.#socket instanceof TLSSocket) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }
}

export interface ListenerOptions {
  readonly certificate: Certificate | undefined
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>
}

/** HTTP on a port of the loopback interface that can go down and come back. */
export class VaultListener {
  readonly #http: Server
  readonly #net: NetServer
  readonly #sockets = new Set<Socket>()
  readonly scheme: 'http' | 'https'
  port = 0
  /** Ever made. */
  connections = 0

  constructor({ certificate, serve }: ListenerOptions) {
    this.scheme = certificate ? 'https' : 'http'
    this.#http = createServer((request, response) => {
      if (request.method === listMethod) request.method = 'LIST'
      response.on('error', () => {})
      serve(request, response).catch(() => response.destroy())
    })
    this.#net = certificate
      ? createTlsServer({ key: certificate.key, cert: certificate.certificate })
      : createTcpServer()
    // Every one of the two: a handshake that fails has a connection too.
    this.#net.on('connection', (socket: Socket) => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    })
    this.#net.on('tlsClientError', () => {})
    this.#net.on(certificate ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#http.emit('connection', new ListingConnection(socket))
    })
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** Shows another certificate from the next handshake on. */
  present({ key, certificate: cert }: Certificate): void {
    if (this.#net instanceof TlsServer) this.#net.setSecureContext({ key, cert })
  }

  /** On the same port as before. */
  async up(): Promise<void> {
    if (this.#net.listening) return
    this.#net.listen(this.port, '127.0.0.1')
    await once(this.#net, 'listening')
    const address = this.#net.address()
    if (address !== null && typeof address === 'object') this.port = address.port
  }

  /** Connections break and new ones are refused. */
  async down(): Promise<void> {
    if (!this.#net.listening) return
    for (const socket of this.#sockets) socket.destroy()
    this.#net.close()
    await once(this.#net, 'close')
  }

  unref(): void {
    this.#net.unref()
  }
}

/** Breaks the connection of an answer. */
export function resetConnection({ socket }: ServerResponse): void {
  // Node takes any stream for a socket.
  const connection: Duplex | null = socket
  if (connection instanceof ListingConnection) connection.reset()
}
