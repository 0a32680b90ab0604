import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * Stands before a data source and passes everything on, until a client sends the text `holdAt`: that and everything
 * after it stays here until `release`. What connection tests are doing then is known without waiting by the clock.
 */
export class HoldingProxy implements AsyncDisposable {
  readonly port: number
  /** Resolves when a client has sent the text. */
  readonly held: Promise<void>
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #waiting: (() => void)[] = []
  #isReleased = false
  connections = 0

  private constructor(server: Server, targetPort: number, holdAt: string) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.held = promise
    this.#server = server
    // A TCP server's address is never text.
    this.port = (server.address() as { port: number }).port
    server.on('connection', client => {
      this.connections++
      const target = connect(targetPort, '127.0.0.1')
      this.#bind(client, target)
      this.#bind(target, client)
      target.pipe(client)
      let isHeld = false
      client.on('data', chunk => {
        if (!this.#isReleased && (isHeld || chunk.includes(holdAt))) {
          isHeld = true
          this.#waiting.push(() => target.write(chunk))
          resolve()
        } else target.write(chunk)
      })
    })
  }

  static async start(targetPort: number, holdAt: string): Promise<HoldingProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new HoldingProxy(server, targetPort, holdAt)
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** Passes on what was held, and everything from now on. */
  release(): void {
    this.#isReleased = true
    for (const passOn of this.#waiting.splice(0)) passOn()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #bind(socket: Socket, other: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => other.destroy())
    socket.on('close', () => {
      this.#sockets.delete(socket)
      other.destroy()
    })
  }
}
