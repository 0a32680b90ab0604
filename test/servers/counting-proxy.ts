import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { pipeline, Transform } from 'node:stream'

/** Passes everything on between a client and the server behind, and counts what the server could get rid of. */
export class CountingProxy implements AsyncDisposable {
  sentBytes = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, target: number) {
    this.#server = server
    server.on('connection', client => {
      const behind = connect(target, '127.0.0.1')
      const count = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          this.sentBytes += chunk.length
          done(null, chunk)
        },
      })
      for (const socket of [client, behind]) this.#sockets.add(socket)
      pipeline(client, behind, () => {})
      pipeline(behind, count, client, () => {})
    })
  }

  /** `target`: a port of this machine. */
  static async start(target: number): Promise<CountingProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new CountingProxy(server, target)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
