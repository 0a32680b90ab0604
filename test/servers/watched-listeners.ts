import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'

/** Listens on the same port of several addresses of this machine, and counts who connects. */
export class WatchedListeners implements AsyncDisposable {
  readonly port: number
  readonly #servers: readonly Server[]
  readonly #connections: string[]

  private constructor(port: number, servers: readonly Server[], connections: string[]) {
    this.port = port
    this.#servers = servers
    this.#connections = connections
  }

  /** `port` 0 takes one that is free on all of them. */
  static async start(addresses: readonly string[], port = 0): Promise<WatchedListeners> {
    const connections: string[] = []
    const servers: Server[] = []
    let chosen = port
    try {
      for (const address of addresses) {
        const server = createServer(socket => {
          connections.push(`${address} from ${socket.remoteAddress}`)
          socket.destroy()
        })
        servers.push(server.listen({ host: address, port: chosen, ipv6Only: true }))
        await once(server, 'listening')
        chosen = (server.address() as AddressInfo).port
      }
      return new WatchedListeners(chosen, servers, connections)
    } catch (error) {
      await closeAll(servers)
      // Somebody has it on another one of the addresses.
      if (port === 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') return WatchedListeners.start(addresses)
      throw error
    }
  }

  /** `<address> from <peer>`, one for each. */
  get connections(): readonly string[] {
    return this.#connections
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeAll(this.#servers)
  }
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.filter(({ listening }) => listening).map(server => new Promise(resolve => server.close(resolve))),
  )
}
