import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP server whose behaviour on each connection is given. Counts connections and what it received. */
export class ScriptedServer implements AsyncDisposable {
  readonly port: number
  readonly #server: ReturnType<typeof createServer>
  readonly #sockets = new Set<Socket>()
  readonly #received: Buffer[]
  connections = 0

  private constructor(server: ReturnType<typeof createServer>, port: number, received: Buffer[]) {
    this.#server = server
    this.port = port
    this.#received = received
  }

  static async start(behaviour: (socket: Socket) => void): Promise<ScriptedServer> {
    const received: Buffer[] = []
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const scripted = new ScriptedServer(server, (server.address() as AddressInfo).port, received)
    server.on('connection', socket => {
      scripted.connections += 1
      scripted.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => scripted.#sockets.delete(socket))
      socket.on('data', chunk => received.push(chunk))
      behaviour(socket)
    })
    return scripted
  }

  /** Everything that clients have sent. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Accepts and never says a word. */
export const silentServer = (): Promise<ScriptedServer> => ScriptedServer.start(() => {})

/** Answers anything with an HTTP error, as a web server does that is spoken to in another protocol. */
export const httpServer = (): Promise<ScriptedServer> =>
  ScriptedServer.start(socket =>
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
  )

/** Greets as MySQL 8 does, before the client has said anything. */
export const mysqlServer = (): Promise<ScriptedServer> =>
  ScriptedServer.start(socket => {
    const body = Buffer.concat([Buffer.from([10]), Buffer.from('8.4.0\0'), Buffer.alloc(40)])
    socket.write(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]))
  })

/** Hangs up as soon as it is spoken to. */
export const cuttingServer = (): Promise<ScriptedServer> =>
  ScriptedServer.start(socket => socket.once('data', () => socket.destroy()))

/** Answers the first message with an ErrorResponse of PostgreSQL's protocol. */
export const refusingServer = (code: string, message: string): Promise<ScriptedServer> =>
  ScriptedServer.start(socket => socket.once('data', () => socket.end(errorResponse(code, message))))

export function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

/** A port that drops: its accept queue is full and nobody accepts, so further connections get no answer at all. */
export class BlackHole implements AsyncDisposable {
  readonly port: number
  readonly #dispose: () => Promise<void>

  private constructor(port: number, dispose: () => Promise<void>) {
    this.port = port
    this.#dispose = dispose
  }

  static async start(): Promise<BlackHole> {
    // Node accepts by itself; a listener in a stopped process does not.
    const { spawn } = await import('node:child_process')
    const script = `require('net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const port = Number(line.toString())
    child.kill('SIGSTOP')
    const fillers: Socket[] = []
    // The queue is full when a connection is not answered any more.
    for (let answered = true; answered && fillers.length < 64; ) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      fillers.push(socket)
      answered = await Promise.race([
        once(socket, 'connect').then(() => true),
        new Promise<boolean>(resolve => setTimeout(resolve, 300, false)),
      ])
    }
    return new BlackHole(port, async () => {
      for (const socket of fillers) socket.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose()
  }
}
