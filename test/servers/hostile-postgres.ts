import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Certificate } from './certificates.ts'
import {
  authentication,
  authenticationOk,
  backendKey,
  complete,
  dataRow,
  errorResponse,
  message,
  parameter,
  ready,
  rowDescription,
  sasl,
} from './hostile-postgres-messages.ts'
import { Peer } from './hostile-postgres-peer.ts'
import { ScramServer } from './hostile-postgres-scram.ts'
import { type Answer, answerTo as postgresAnswerTo } from './hostile-postgres-statements.ts'

/**
 * Called instead of the sound `answer`. `undefined`: nothing more is answered on this connection; what the script has
 * not closed stays open until the client closes it. Otherwise what it gives is sent, and the double goes on as a sound
 * server would.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: scripts that only act give nothing back.
export type Behaviour = (peer: Peer, answer: Buffer) => Promise<Buffer | undefined | void> | Buffer | undefined | void
/**
 * By stage: ACCEPT, SSL_REQUEST, HANDSHAKE, STARTUP, SASL_CONTINUE, SASL_FINAL, AUTHENTICATION_OK, PARAMETERS,
 * BACKEND_KEY, READY, SYNC, GOODBYE, and those of statements (`answerTo`), whose rows, when they have parameters, come
 * at a stage of their own (`CANDIDATES_ROWS`).
 */
export type Script = Readonly<Record<string, Behaviour>>

export interface HostileOptions {
  /** In place of the sound answers. */
  readonly at?: Script
  /** Encrypts with this certificate; a list gives each connection the next. Without it TLS is not offered. */
  readonly certificate?: Certificate | readonly Certificate[]
  /** Signs in by SCRAM with this password; without it nothing is asked for. */
  readonly password?: string
  /** What it answers to statements, where it poses as another product than PostgreSQL. */
  readonly answerTo?: AnswerTo
}

/** What is answered to a statement, with what was bound to its parameters. */
type AnswerTo = (sql: string, values?: readonly (string | null)[]) => Answer

/** Speaks PostgreSQL's protocol as a sound server does, up to the stage at which its script says otherwise. */
export class HostilePostgres implements AsyncDisposable {
  readonly port: number
  connections = 0
  /** Requests to cancel, with the key that was given. */
  cancels = 0
  readonly #server: Server
  readonly #options: HostileOptions
  readonly #sockets = new Set<Socket>()
  readonly #received: Buffer[] = []

  private constructor(server: Server, options: HostileOptions) {
    this.#server = server
    this.#options = options
    this.port = (server.address() as AddressInfo).port
    server.on('connection', socket => this.#serve(socket))
  }

  static async start(options: HostileOptions = {}): Promise<HostilePostgres> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new HostilePostgres(server, options)
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** Everything that clients have sent after the encryption, if there is one. */
  get received(): Buffer {
    return Buffer.concat(this.#received)
  }

  /** Lets go of what has been received so far. */
  forget(): void {
    this.#received.length = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    const index = this.connections
    this.connections += 1
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    const peer = new Peer(socket)
    void this.#converse(peer, index)
  }

  /** Sends the answer, or what the script has in its place. False: the script has taken over. */
  async #answer(peer: Peer, stage: string, answer: Buffer): Promise<boolean> {
    const behaviour = this.#options.at?.[stage]
    const sent = behaviour ? await behaviour(peer, answer) : answer
    if (sent === undefined) return false
    await peer.send(sent)
    return true
  }

  async #converse(peer: Peer, index: number): Promise<void> {
    if (!(await this.#answer(peer, 'ACCEPT', Buffer.alloc(0)))) return
    let startup = await peer.readStartup()
    if (startup !== null && isRequest(startup, sslRequestCode)) {
      const { certificate } = this.#options
      const own = Array.isArray(certificate) ? (certificate[index] as Certificate | undefined) : certificate
      if (!(await this.#answer(peer, 'SSL_REQUEST', Buffer.from(own ? 'S' : 'N')))) return
      if (!own || !(await this.#answer(peer, 'HANDSHAKE', Buffer.alloc(0)))) return
      if (!(await peer.secure(own as Certificate))) return
      startup = await peer.readStartup()
    }
    if (startup === null) return
    if (isRequest(startup, cancelRequestCode)) {
      this.cancels += 1
      peer.socket.end()
      return
    }
    peer.socket.on('data', chunk => this.#received.push(chunk))
    if ((await this.#signIn(peer)) && (await this.#begin(peer))) await this.#work(peer)
  }

  async #signIn(peer: Peer): Promise<boolean> {
    const { password } = this.#options
    if (password === undefined) return this.#answer(peer, 'STARTUP', Buffer.alloc(0))
    const scram = new ScramServer(password)
    if (!(await this.#answer(peer, 'STARTUP', sasl('SCRAM-SHA-256')))) return false
    const initial = await peer.readMessage()
    if (!initial) return false
    // SASLInitialResponse: the mechanism's name, a length, then the client's first message.
    const clientFirst = initial.body.subarray(initial.body.indexOf(0) + 5).toString()
    if (!(await this.#answer(peer, 'SASL_CONTINUE', authentication(11, scram.answerFirst(clientFirst))))) return false
    const response = await peer.readMessage()
    if (!response) return false
    const proof = scram.answerFinal(response.body.toString())
    if (proof === null) {
      await peer.send(errorResponse('28P01', 'password authentication failed', 'FATAL'))
      peer.socket.end()
      return false
    }
    return this.#answer(peer, 'SASL_FINAL', authentication(12, proof))
  }

  async #begin(peer: Peer): Promise<boolean> {
    const parameters = Buffer.concat([parameter('server_version', '18.4'), parameter('client_encoding', 'UTF8')])
    return (
      (await this.#answer(peer, 'AUTHENTICATION_OK', authenticationOk)) &&
      (await this.#answer(peer, 'PARAMETERS', parameters)) &&
      (await this.#answer(peer, 'BACKEND_KEY', backendKey())) &&
      (await this.#answer(peer, 'READY', ready()))
    )
  }

  async #work(peer: Peer): Promise<void> {
    let status: 'I' | 'T' = 'I'
    const { answerTo = postgresAnswerTo } = this.#options
    const portals = new Portals(answerTo)
    for (;;) {
      const request = await peer.readMessage()
      if (request === null) return
      switch (request.type) {
        case 'Q': {
          const answer = answerTo(textAt(request.body, 0))
          if (answer.stage === 'BEGIN') status = 'T'
          if (answer.stage === 'ROLLBACK') status = 'I'
          const whole = Buffer.concat([
            describe(answer),
            ...answer.rows.map(dataRow),
            complete(answer.tag),
            ready(status),
          ])
          if (!(await this.#answer(peer, answer.stage, whole))) return
          break
        }
        case 'P':
          portals.parse(textAt(request.body, 1))
          break
        case 'B':
          portals.bind(textAt(request.body, 0), boundValues(request.body))
          break
        case 'D': {
          const { stage, messages } = portals.describe(request.body.toString('latin1', 1, request.body.length - 1))
          if (!(await this.#answer(peer, stage, messages))) return
          break
        }
        case 'E': {
          const { stage, messages } = portals.execute(
            textAt(request.body, 0),
            request.body.readInt32BE(request.body.length - 4),
          )
          if (!(await this.#answer(peer, `${stage}_ROWS`, messages))) return
          break
        }
        case 'C':
          await peer.send(message('3'))
          break
        case 'S':
          if (!(await this.#answer(peer, 'SYNC', ready(status)))) return
          break
        case 'X':
          if (await this.#answer(peer, 'GOODBYE', Buffer.alloc(0))) peer.socket.end()
          return
        default:
      }
    }
  }
}

const sslRequestCode = 80_877_103
const cancelRequestCode = 80_877_102
const isRequest = ({ body }: { readonly body: Buffer }, code: number) =>
  body.length >= 4 && body.readInt32BE(0) === code

/** The extended protocol's half of a session: statements, and how much of each has been fetched. */
class Portals {
  readonly #answerTo: AnswerTo
  #parsed = ''
  /** Acknowledgements that go out with the next description. */
  #pending: Buffer[] = []
  readonly #open = new Map<string, { readonly answer: Answer; fetched: number }>()

  constructor(answerTo: AnswerTo) {
    this.#answerTo = answerTo
  }

  parse(sql: string): void {
    this.#parsed = sql
    this.#pending.push(message('1'))
  }

  bind(portal: string, values: readonly (string | null)[]): void {
    this.#open.set(portal, { answer: this.#answerTo(this.#parsed, values), fetched: 0 })
    this.#pending.push(message('2'))
  }

  describe(portal: string): { stage: string; messages: Buffer } {
    const answer = this.#at(portal).answer
    const messages = Buffer.concat([...this.#pending, describe(answer)])
    this.#pending = []
    return { stage: answer.stage, messages }
  }

  /** `count`: 0 for all rows. */
  execute(portal: string, count: number): { stage: string; messages: Buffer } {
    const open = this.#at(portal)
    const { rows, tag, stage } = open.answer
    const until = count === 0 ? rows.length : open.fetched + count
    const fetched = rows.slice(open.fetched, until).map(dataRow)
    open.fetched = until
    // A server that has given as many rows as were asked for does not know that there are no more.
    const end = count > 0 && fetched.length === count ? message('s') : complete(tag)
    return { stage, messages: Buffer.concat([...fetched, end]) }
  }

  #at(portal: string) {
    const open = this.#open.get(portal)
    if (!open) throw new Error(`The client has bound no portal "${portal}".`)
    return open
  }
}

/** The parameters of a Bind message, which follow two names and their own formats. */
function boundValues(body: Buffer): readonly (string | null)[] {
  let at = body.indexOf(0, body.indexOf(0) + 1) + 1
  at += 2 + 2 * body.readInt16BE(at)
  const values: (string | null)[] = []
  const count = body.readInt16BE(at)
  at += 2
  while (values.length < count) {
    const length = body.readInt32BE(at)
    at += 4
    values.push(length < 0 ? null : body.toString('utf8', at, at + length))
    at += Math.max(0, length)
  }
  return values
}

const textAt = (body: Buffer, text: number): string => body.toString().split('\0')[text] ?? ''
const describe = ({ columns }: Answer): Buffer => (columns === null ? Buffer.alloc(0) : rowDescription(columns))
