import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { RunEnvironment } from '../../../src/connectors/define.ts'
import { type ConnectorHostOptions, createConnectorHost } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import type { TestJob } from '../../../src/connectors/host/protocol.ts'
import { type NetworkOverrides, networkSettings } from '../../servers/network-settings.ts'
import { readRoots } from './made-up-host.ts'
import { type Order, roguePlan } from './rogue-type.ts'

/** Gives its orders one after the other, and keeps what the driver tells it. */
export class RogueServer implements AsyncDisposable {
  readonly port: number
  /** What came out of each order, and everything else that a driver sent. */
  readonly received: string[]
  connections = 0
  readonly #close: () => Promise<void>

  private constructor(port: number, received: string[], close: () => Promise<void>) {
    this.port = port
    this.received = received
    this.#close = close
  }

  static async start(orders: readonly Order[], address = '127.0.0.1'): Promise<RogueServer> {
    const received: string[] = []
    const server = createServer(async socket => {
      rogue.connections += 1
      socket.on('error', () => {})
      const answers = createInterface({ input: socket })[Symbol.asyncIterator]()
      for (const order of orders) {
        socket.write(`${JSON.stringify(order)}\n`)
        const { value, done } = await answers.next()
        if (done) return
        received.push(JSON.parse(value) as string)
      }
      socket.end(`${JSON.stringify({ do: 'STOP' } satisfies Order)}\n`)
    }).listen(0, address)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const rogue = new RogueServer(port, received, async () => {
      server.close()
    })
    return rogue
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

export const rogueHost = (options: Partial<ConnectorHostOptions> = {}): ConnectorHost =>
  createConnectorHost({
    childEntry: new URL('./rogue-child.ts', import.meta.url),
    readRoots,
    queueWaitMs: 15_000,
    ...options,
  })

export interface RogueJobOptions {
  readonly host?: string
  readonly port: number
  readonly mode?: 'OBEY' | 'SWALLOW' | 'SWALLOW_TLS'
  readonly fails?: boolean
  readonly network?: NetworkOverrides
}

/** On a machine whose operator opened loopback, unless `network` says otherwise. */
const environment = (network: NetworkOverrides = { egress: { allowLoopback: true } }): RunEnvironment => ({
  network: networkSettings(network),
  mayStartCompute: false,
})

export const rogueJob = ({ network, ...config }: RogueJobOptions): TestJob => ({
  kind: 'TEST',
  typeName: 'ROGUE',
  config: { host: '127.0.0.1', mode: 'OBEY', fails: false, ...config },
  plan: roguePlan,
  environment: environment(network),
})
