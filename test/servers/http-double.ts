import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Certificate } from './certificates.ts'

/** What doubles that speak HTTP have in common: where they are, who is connected, and an end that waits for nobody. */
export abstract class HttpDouble implements AsyncDisposable {
  readonly #server: Server
  readonly #scheme: string
  readonly #sockets = new Set<Socket>()
  connections = 0

  /** With a certificate it speaks TLS. */
  protected constructor(certificate: Certificate | undefined) {
    const server = certificate
      ? createTlsServer({ key: certificate.key, cert: certificate.certificate })
      : createServer()
    this.#server = server as Server
    this.#scheme = certificate ? 'https' : 'http'
    this.#server.on('connection', socket => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('request', (request, response) => {
      this.serve(request, response).catch(() => response.destroy())
    })
  }

  get port(): number {
    // A server that listens on TCP has such an address.
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** From the next handshake on it shows another certificate. */
  present({ key, certificate: cert }: Certificate): void {
    if (this.#server instanceof TlsServer) this.#server.setSecureContext({ key, cert })
  }

  /** What is left of it does not keep the process. */
  unref(): this {
    this.#server.unref()
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  protected async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  /** Answers one request. One that this throws for is hung up. */
  protected abstract serve(request: IncomingMessage, response: ServerResponse): Promise<void>
}
