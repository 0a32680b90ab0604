import { createRequire } from 'node:module'
import { isIP, Socket } from 'node:net'

/**
 * Databricks' driver in the hands of somebody who has read only its first page: options of a connection and a statement come as
 * a message, and what became of them goes back as one.
 */
interface Errand {
  readonly options: Readonly<Record<string, unknown>>
  readonly statement: string
  readonly port: number
}

interface Operation {
  fetchAll(): Promise<readonly unknown[]>
}
interface Client {
  on(event: string, listener: () => void): void
  connect(options: object): Promise<unknown>
  openSession(): Promise<{ executeStatement(text: string): Promise<Operation> }>
}

/** Leads everything that is meant for a name to a port of this machine, whatever its own port. */
function leadTo(port: number): void {
  const connect = Socket.prototype.connect
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    const [options] = args.flat() as readonly { host?: string; port?: number }[]
    if (options?.host !== undefined && !isIP(options.host)) Object.assign(options, { host: '127.0.0.1', port })
    return Reflect.apply(connect, this, args) as Socket
  }
}

process.once('message', async (errand: Errand) => {
  leadTo(errand.port)
  const before = process.listenerCount('uncaughtException')
  // Its types are those of callers who know what they may give.
  const { DBSQLClient } = createRequire(import.meta.url)('@databricks/sql') as {
    readonly DBSQLClient: new () => Client
  }
  const client = new DBSQLClient()
  client.on('error', () => {})
  const listeners = process.listenerCount('uncaughtException') - before
  try {
    await client.connect(errand.options)
    const session = await client.openSession()
    const operation = await session.executeStatement(errand.statement)
    process.send?.({ listeners, rows: (await operation.fetchAll()).length })
  } catch (error) {
    process.send?.({ listeners, error: error instanceof Error, words: String((error as Error).message) })
  }
})
