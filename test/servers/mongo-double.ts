import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Document } from 'mongodb'
import type { Certificate } from './certificates.ts'
import { MongoRefusal } from './mongo-documents.ts'
import { answerTo, type MongoRequest } from './mongo-messages.ts'
import { MongoPeer } from './mongo-peer.ts'
import { type MongoData, MongoSession, MongoState, type MongoTypes } from './mongo-session.ts'
import { type MongoAccount, MongoSignIn, type SignInAttempt } from './mongo-sign-in.ts'

/** What a script gets to know: whose turn it is, what was asked, and what a sound server would say. */
export interface Exchange {
  readonly peer: MongoPeer
  /** Absent at ACCEPT and HANDSHAKE, which are before the first command. */
  readonly request: MongoRequest | null
  readonly answer: Document
  /** Of the connection, counted from 0. */
  readonly connection: number
}

type Said = Document | Buffer | undefined
/**
 * Called instead of the sound answer. `undefined`: nothing more is answered on this connection; what the script has not
 * closed stays open until the client closes it. Otherwise what it gives is sent, and the double goes on.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: scripts that only act give nothing back.
export type Behaviour = (exchange: Exchange) => Promise<Said | void> | Said | void
/**
 * By stage: ACCEPT, HANDSHAKE (of TLS), `hello` (the first one of a connection), `signInHello` (one that brings a sign-in
 * along), `laterHello` (of a connection that watches the server), and the name of every other command.
 */
export type Script = Readonly<Record<string, Behaviour>>

export interface MongoTls {
  /** A list gives each connection the next, and from then on the last. */
  readonly certificate: Certificate | readonly Certificate[]
  /** Whose client certificates are asked for. */
  readonly clientAuthority?: Certificate
}

export interface MongoOptions {
  readonly at?: Script
  readonly tls?: MongoTls
  /** Without it there is no access control. */
  readonly accounts?: readonly MongoAccount[]
  readonly data?: MongoData
  readonly types?: MongoTypes
  /** Of SCRAM. */
  readonly iterations?: number
  /** In place of what a standalone server says of itself. Asked at each hello. */
  readonly hello?: () => Document
  /** Where it listens: `127.0.0.1`, on a free port. */
  readonly address?: string
  readonly port?: number
}

/** Speaks MongoDB's protocol as a sound server does, over documents in memory, until its script says otherwise. */
export class MongoDouble implements AsyncDisposable {
  readonly port: number
  readonly address: string
  connections = 0
  /** In the order in which they came. */
  readonly commands: (MongoRequest & { readonly connection: number })[] = []
  readonly signIns: SignInAttempt[] = []
  readonly #server: Server
  readonly #options: MongoOptions
  readonly #state: MongoState
  readonly #sockets = new Set<Socket>()
  readonly #received: Buffer[] = []

  private constructor(server: Server, options: MongoOptions) {
    this.#server = server
    this.#options = options
    this.#state = new MongoState(options.data ?? {}, options.accounts ?? null, options.types)
    const { port, address } = server.address() as AddressInfo
    this.port = port
    this.address = address
    server.on('connection', socket => this.#serve(socket))
  }

  static async start(options: MongoOptions = {}): Promise<MongoDouble> {
    const server = createServer({ noDelay: true }).listen(options.port ?? 0, options.address ?? '127.0.0.1')
    await once(server, 'listening')
    return new MongoDouble(server, options)
  }

  get host(): string {
    return `${this.address}:${this.port}`
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  get openCursors(): number {
    return this.#state.cursors.size
  }

  /** Everything that clients have sent after the encryption, if there is one. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  commandsNamed(name: string): readonly Document[] {
    return this.commands.filter(each => each.name === name).map(({ command }) => command)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    const connection = this.connections
    this.connections += 1
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    void this.#converse(new MongoPeer(socket), connection)
  }

  /** Null: the script has taken over. */
  async #said(stage: string, exchange: Exchange): Promise<Document | Buffer | null> {
    const behaviour = this.#options.at?.[stage]
    return (behaviour ? await behaviour(exchange) : exchange.answer) ?? null
  }

  async #converse(peer: MongoPeer, connection: number): Promise<void> {
    const before = { peer, connection, request: null, answer: {} }
    if ((await this.#said('ACCEPT', before)) === null) return
    const { tls } = this.#options
    if (tls) {
      if ((await this.#said('HANDSHAKE', before)) === null) return
      if (!(await peer.secure(certificateOf(tls, connection), { authority: tls.clientAuthority?.certificate }))) return
    }
    peer.socket.on('data', chunk => this.#received.push(chunk))
    const signIn = new MongoSignIn({
      accounts: this.#options.accounts ?? [],
      iterations: this.#options.iterations,
      record: attempt => this.signIns.push(attempt),
      subject: () => peer.clientSubject,
    })
    const session = new MongoSession(this.#state, signIn)
    for (let hellos = 0; ; ) {
      const request = await peer.readRequest()
      if (request === null) return
      this.commands.push({ ...request, connection })
      const isHello = request.name.toLowerCase() === 'ismaster' || request.name === 'hello'
      if (isHello) hellos += 1
      const answer = isHello
        ? await this.#hello(request, signIn, peer, connection)
        : answerOf(() => session.answer(request))
      if (request.isUnanswered) continue
      const stage = isHello ? helloStage(request, hellos) : request.name
      const said = await this.#said(stage, { peer, connection, request, answer })
      if (said === null) return
      await peer.send(Buffer.isBuffer(said) ? said : answerTo(request, said))
    }
  }

  async #hello({ name, command }: MongoRequest, signIn: MongoSignIn, peer: MongoPeer, connection: number) {
    const wanted = command['saslSupportedMechs'] as string | undefined
    const mechanisms = wanted === undefined ? undefined : signIn.mechanismsOf(wanted)
    const speculation = command['speculativeAuthenticate'] as Document | undefined
    const speculativeAuthenticate = speculation && signIn.speculate(speculation)
    // A client that waits for changes is answered when it has waited enough: here nothing ever changes.
    if (command['maxAwaitTimeMS'] !== undefined) await waited(peer, Number(command['maxAwaitTimeMS']))
    const isWritable = { [name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true }
    return {
      ...isWritable,
      ...(command['helloOk'] && { helloOk: true }),
      maxBsonObjectSize: 16_777_216,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
      localTime: new Date(),
      logicalSessionTimeoutMinutes: 30,
      connectionId: connection + 1,
      minWireVersion: 0,
      maxWireVersion: 25,
      readOnly: false,
      ...(mechanisms && { saslSupportedMechs: mechanisms }),
      ...(speculativeAuthenticate && { speculativeAuthenticate }),
      ...this.#options.hello?.(),
      ok: 1,
    }
  }
}

function certificateOf({ certificate }: MongoTls, connection: number): Certificate {
  if (!Array.isArray(certificate)) return certificate as Certificate
  return certificate[Math.min(connection, certificate.length - 1)] as Certificate
}

function helloStage({ command }: MongoRequest, count: number): string {
  if (command['speculativeAuthenticate'] !== undefined) return 'signInHello'
  return count === 1 ? 'hello' : 'laterHello'
}

function answerOf(answer: () => Document): Document {
  try {
    return answer()
  } catch (error) {
    if (error instanceof MongoRefusal) return error.reply
    throw error
  }
}

/** Resolves after this time, or when the client is gone. */
async function waited(peer: MongoPeer, milliseconds: number): Promise<void> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  peer.socket.once('close', leave)
  await delay(milliseconds, undefined, { signal: gone.signal }).catch(() => {})
  peer.socket.off('close', leave)
}
