import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'

export interface TlsDoubleOptions extends TlsOptions {
  /** What is agreed on in clear text before TLS begins: PostgreSQL's SSLRequest and its answer, or nothing. */
  readonly before?: 'POSTGRES' | 'NOTHING'
  /** In place of TLS: says this and nothing else. */
  readonly plain?: string
}

/** A server of which only the TLS is real: it notes what comes after the handshake, and hangs up on it. */
export class TlsDouble implements AsyncDisposable {
  readonly port: number
  /** Whether each handshake resumed an earlier session. */
  readonly resumed: boolean[] = []
  /** Whether a client certificate was shown in each handshake. */
  readonly clientCertificates: boolean[] = []
  readonly #tcp: ReturnType<typeof createTcpServer>
  readonly #sockets = new Set<Socket>()
  readonly #received: Buffer[] = []

  private constructor(tcp: ReturnType<typeof createTcpServer>, port: number) {
    this.#tcp = tcp
    this.port = port
  }

  static async start({ before = 'POSTGRES', plain, ...options }: TlsDoubleOptions): Promise<TlsDouble> {
    const tls = createServer(options)
    const tcp = createTcpServer().listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const double = new TlsDouble(tcp, (tcp.address() as AddressInfo).port)
    tls.on('tlsClientError', () => {}).on('secureConnection', socket => double.#hear(socket))
    tcp.on('connection', socket => {
      double.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => double.#sockets.delete(socket))
      const begin = () => {
        if (plain === undefined) tls.emit('connection', socket)
        // Once the client has begun its handshake: not together with the agreement.
        else socket.once('data', () => socket.write(plain))
      }
      if (before === 'NOTHING') begin()
      else
        socket.once('data', () => {
          socket.removeAllListeners('data')
          socket.write('S')
          begin()
        })
    })
    return double
  }

  #hear(socket: TLSSocket): void {
    this.resumed.push(socket.isSessionReused())
    this.clientCertificates.push(socket.getPeerX509Certificate() !== undefined)
    socket
      .on('error', () => {})
      .on('data', chunk => {
        this.#received.push(chunk)
        socket.destroy()
      })
  }

  /** Every byte that clients have sent after their handshakes. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** Resolves when every client is gone: nothing more can come. */
  async clientsGone(): Promise<void> {
    await Promise.all([...this.#sockets].map(socket => once(socket, 'close')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#tcp.close()
    await once(this.#tcp, 'close')
  }
}
