import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A line to a server on loopback that a test can cut. */
export class TcpProxy {
  readonly port: number
  readonly #server: Server
  readonly #sockets: ReadonlySet<Socket>

  private constructor(port: number, server: Server, sockets: ReadonlySet<Socket>) {
    this.port = port
    this.#server = server
    this.#sockets = sockets
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const sockets = new Set<Socket>()
    const server = createServer(client => {
      const target = connect(targetPort, '127.0.0.1')
      for (const [socket, other] of [
        [client, target],
        [target, client],
      ] as const) {
        sockets.add(socket)
        socket.on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
        // What was on its way into a line that is gone.
        socket.on('error', () => other.destroy())
        socket.pipe(other)
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // A TCP server's address is never text.
    const { port } = server.address() as { port: number }
    return new TcpProxy(port, server, sockets)
  }

  /** Cuts every line at once, as a proxy that restarts does; new ones are accepted again. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }
}
