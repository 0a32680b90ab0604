import { randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Certificate } from './certificates.ts'
import { type ListedServer, listingAnswer } from './hostile-mysql-listing.ts'
import { isSslRequest, type Login, readLogin } from './hostile-mysql-login.ts'
import {
  authMore,
  authSwitch,
  capability,
  columnCount,
  columnDefinition,
  endOfRows,
  errorPacket,
  extendedMetadata,
  greeting,
  ok,
  soundCapabilities,
  status,
  textRow,
} from './hostile-mysql-packets.ts'
import { decryptedPassword, nativeToken, serverKey, sha2Token, withoutZero } from './hostile-mysql-passwords.ts'
import { MysqlPeer } from './hostile-mysql-peer.ts'
import { type Answer, type AnswerTable, givenAnswer, rows, soundAnswer } from './hostile-mysql-statements.ts'

type Payloads = Buffer | readonly Buffer[]
/**
 * Called instead of the sound `answer`. `undefined`: nothing more is answered on this connection; what the script has
 * not closed stays open until the client closes it. Otherwise what it gives is sent, in packets of their own, and the
 * double goes on as a sound server would.
 */
export type Behaviour = (
  peer: MysqlPeer,
  answer: readonly Buffer[],
  // biome-ignore lint/suspicious/noConfusingVoidType: scripts that only act give nothing back.
) => Promise<Payloads | undefined | void> | Payloads | undefined | void
/**
 * By stage: GREETING, HANDSHAKE, AUTH_SWITCH, AUTH_MORE, PUBLIC_KEY, WELCOME, PING, INIT_DB, GOODBYE, and those of
 * statements (`soundAnswer`, `listingAnswer`).
 */
export type Script = Readonly<Record<string, Behaviour>>

export interface Account {
  readonly username: string
  readonly password: string
  /** Default: `caching_sha2_password`. Of any other than MySQL's own no answer is right. */
  readonly plugin?: string
  /** Whether the server still knows the password from another sign-in; if not, it wants to see it. */
  readonly cached?: boolean
  readonly demands?: 'CERTIFICATE' | 'ENCRYPTION'
  /** Any password will do, as where it is a token of some minutes. */
  readonly acceptsAny?: boolean
  /** Of the sign-in, although the password is right. */
  readonly refusal?: { readonly errno: number; readonly text: string; readonly sqlState?: string }
}

export interface HostileMysqlOptions {
  /** In place of the sound answers. */
  readonly at?: Script
  /** By default an 8.4. */
  readonly version?: string
  /** Encrypts with this certificate; a list gives each connection the next. Without it TLS is not offered. */
  readonly certificate?: Certificate | readonly Certificate[]
  /** PEM: asks clients for a certificate of this authority. */
  readonly clientAuthority?: string
  /** Without it nobody can sign in. */
  readonly account?: Account
  /** The plugin of the greeting, if it is not the account's. */
  readonly defaultPlugin?: string
  readonly answers?: AnswerTable
  /** What can be listed, if it is not `listedServer`. */
  readonly holds?: ListedServer
}

/** Speaks MySQL's protocol as a sound server does, up to the stage at which its script says otherwise. */
export class HostileMysql implements AsyncDisposable {
  readonly port: number
  connections = 0
  /** One for each login that was sent, encrypted or not. */
  readonly logins: Login[] = []
  readonly statements: string[] = []
  /** Ids of the connections whose statements were to be killed. */
  readonly kills: number[] = []
  /** Passwords that clients have let the server see: itself, or encrypted with its key. */
  readonly passwordsSeen: string[] = []
  readonly #server: Server
  readonly #options: HostileMysqlOptions
  readonly #peers = new Map<number, MysqlPeer>()
  readonly #sockets = new Set<Socket>()
  readonly #received: Buffer[] = []

  private constructor(server: Server, options: HostileMysqlOptions) {
    this.#server = server
    this.#options = options
    this.port = (server.address() as AddressInfo).port
    server.on('connection', socket => this.#serve(socket))
  }

  static async start(options: HostileMysqlOptions = {}): Promise<HostileMysql> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new HostileMysql(server, options)
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** Every packet that clients have sent, without its head. */
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
    const peer = new MysqlPeer(socket)
    const connectionId = 101 + index
    this.#peers.set(connectionId, peer)
    socket.on('close', () => this.#peers.delete(connectionId))
    void this.#converse(peer, index, connectionId)
  }

  /** Sends the answer, or what the script has in its place. False: the script has taken over. */
  async #answer(peer: MysqlPeer, stage: string, ...answer: readonly Buffer[]): Promise<boolean> {
    const behaviour = this.#options.at?.[stage]
    const sent = behaviour ? await behaviour(peer, answer) : answer
    if (sent === undefined) return false
    await peer.send(peer.frame(...(Buffer.isBuffer(sent) ? [sent] : sent)))
    return true
  }

  async #read(peer: MysqlPeer): Promise<Buffer | null> {
    const packet = await peer.readPacket()
    if (packet) this.#received.push(packet)
    return packet
  }

  async #converse(peer: MysqlPeer, index: number, connectionId: number): Promise<void> {
    const { certificate, clientAuthority, version = '8.4.6', account, defaultPlugin } = this.#options
    const own = Array.isArray(certificate) ? (certificate[index] as Certificate | undefined) : certificate
    const scramble = Buffer.from(randomBytes(20).map(byte => (byte % 93) + 33))
    const isMariadb = version.includes('MariaDB')
    const capabilities = (soundCapabilities & ~(isMariadb ? capability.LONG_PASSWORD : 0)) | (own ? capability.SSL : 0)
    const mariadbCapabilities = isMariadb ? extendedMetadata : 0
    const plugin = defaultPlugin ?? account?.plugin ?? 'caching_sha2_password'
    const hello = greeting({ version, connectionId, scramble, plugin, capabilities, mariadbCapabilities })
    if (!(await this.#answer(peer, 'GREETING', hello))) return
    let login = await this.#read(peer)
    if (login && isSslRequest(login)) {
      if (!own || !(await this.#answer(peer, 'HANDSHAKE'))) return
      if (!(await peer.secure(own as Certificate, { authority: clientAuthority }))) return
      login = await this.#read(peer)
    }
    if (!login) return
    const told = readLogin(login)
    this.logins.push(told)
    if (await this.#signIn(peer, told, scramble)) await this.#work(peer, told)
  }

  async #signIn(peer: MysqlPeer, login: Login, scramble: Buffer): Promise<boolean> {
    const { account } = this.#options
    const outcome = await this.#authenticate(peer, login, scramble)
    if (outcome === null) return false
    const { refusal } = account ?? {}
    if (outcome && !refusal) return this.#answer(peer, 'WELCOME', ok())
    const denied = `Access denied for user '${login.username}'@'127.0.0.1' (using password: ${login.token.length > 0 ? 'YES' : 'NO'})`
    const refused =
      outcome && refusal
        ? errorPacket(refusal.errno, refusal.text, refusal.sqlState)
        : errorPacket(1045, denied, '28000')
    if (await this.#answer(peer, 'WELCOME', refused)) peer.socket.end()
    return false
  }

  /** Whether the client is who it says; null: the conversation is over. */
  async #authenticate(peer: MysqlPeer, login: Login, scramble: Buffer): Promise<boolean | null> {
    const { account } = this.#options
    if (!account || login.username !== account.username) return false
    if (account.demands && !isAsDemanded(peer, account.demands, this.#options.clientAuthority)) return false
    const { plugin = 'caching_sha2_password', password } = account
    let { token } = login
    if (login.plugin !== plugin) {
      if (!(await this.#answer(peer, 'AUTH_SWITCH', authSwitch(plugin, scramble)))) return null
      const answer = await this.#read(peer)
      if (!answer) return null
      token = answer
    }
    switch (plugin) {
      case 'mysql_native_password':
        return token.equals(nativeToken(password, scramble))
      case 'mysql_clear_password':
        return this.#sees(withoutZero(token))
      case 'sha256_password':
        return isEncrypted(peer) ? this.#sees(withoutZero(token)) : this.#byKey(peer, scramble)
      case 'caching_sha2_password':
        return this.#cachingSha2(peer, token, scramble)
      default:
        return false
    }
  }

  async #cachingSha2(peer: MysqlPeer, token: Buffer, scramble: Buffer): Promise<boolean | null> {
    const { password = '', cached = false } = this.#options.account ?? {}
    if (password === '') return token.length <= 1
    if (cached) {
      if (!token.equals(sha2Token(password, scramble))) return false
      return (await this.#answer(peer, 'AUTH_MORE', authMore(Buffer.from([3])))) ? true : null
    }
    if (!(await this.#answer(peer, 'AUTH_MORE', authMore(Buffer.from([4]))))) return null
    const answer = await this.#read(peer)
    if (!answer) return null
    if (isEncrypted(peer)) return this.#sees(withoutZero(answer))
    // 2: the client asks for the key.
    return answer.length === 1 && answer[0] === 2 ? this.#byKey(peer, scramble) : this.#sees(withoutZero(answer))
  }

  async #byKey(peer: MysqlPeer, scramble: Buffer): Promise<boolean | null> {
    if (!(await this.#answer(peer, 'PUBLIC_KEY', authMore(serverKey().publicKey)))) return null
    const encrypted = await this.#read(peer)
    return encrypted && this.#sees(decryptedPassword(encrypted, scramble))
  }

  #sees(password: string): boolean {
    this.passwordsSeen.push(password)
    return this.#options.account?.acceptsAny === true || password === this.#options.account?.password
  }

  async #work(peer: MysqlPeer, login: Login): Promise<void> {
    let flags: number = status.AUTOCOMMIT
    for (;;) {
      const request = await this.#read(peer)
      if (request === null) return
      switch (request[0]) {
        case 1:
          if (await this.#answer(peer, 'GOODBYE')) peer.socket.end()
          return
        case 2:
          if (!(await this.#answer(peer, 'INIT_DB', ok(flags)))) return
          break
        case 3: {
          const sql = textOf(request, login.capabilities)
          this.statements.push(sql)
          peer.statement = sql
          const { answers = [], holds } = this.#options
          const answer =
            this.#processNamedIn(sql) ?? givenAnswer(sql, answers) ?? listingAnswer(sql, holds) ?? soundAnswer(sql)
          if (answer.transaction) flags = flagsIn(answer.transaction)
          if (answer.stage === 'KILL') this.#kill(sql)
          if (!(await this.#answer(peer, answer.stage, ...resultOf(answer, flags, login)))) return
          break
        }
        case 14:
          if (!(await this.#answer(peer, 'PING', ok(flags)))) return
          break
        default:
          await peer.send(peer.frame(errorPacket(1047, 'Unknown command', '08S01')))
      }
    }
  }

  #processNamedIn(sql: string): Answer | null {
    const [, id] = /PROCESSLIST WHERE ID = (\d+)$/.exec(sql) ?? []
    return id === undefined ? null : rows('PROCESS', ['INFO'], [this.#peers.get(Number(id))?.statement ?? null])
  }

  #kill(sql: string): void {
    const id = Number(/\d+/.exec(sql)?.[0])
    this.kills.push(id)
    this.#peers.get(id)?.interrupt()
  }
}

const isEncrypted = ({ socket }: MysqlPeer) => socket instanceof TLSSocket

function isAsDemanded(peer: MysqlPeer, demands: 'CERTIFICATE' | 'ENCRYPTION', authority: string | undefined): boolean {
  if (demands === 'ENCRYPTION') return isEncrypted(peer)
  const shown = peer.clientCertificate
  return shown !== undefined && authority !== undefined && shown.verify(new X509Certificate(authority).publicKey)
}

const flagsIn = (transaction: 'BEGUN' | 'ENDED') =>
  transaction === 'BEGUN' ? status.AUTOCOMMIT | status.IN_TRANSACTION | status.READ_ONLY : status.AUTOCOMMIT

/** COM_QUERY, which begins with the number of its attributes where both sides know of them. */
const textOf = (request: Buffer, capabilities: number): string =>
  request.toString('utf8', (capabilities & capability.QUERY_ATTRIBUTES) !== 0 ? 3 : 1)

/** Packets of the answer, for a client of these abilities. */
export function resultOf(
  { columns, rows: values }: Answer,
  flags: number,
  client: Pick<Login, 'capabilities' | 'mariadbCapabilities'> = { capabilities: 0, mariadbCapabilities: 0 },
): readonly Buffer[] {
  if (columns === null) return [ok(flags)]
  const short = (client.capabilities & capability.DEPRECATE_EOF) !== 0
  const extended = (client.mariadbCapabilities & extendedMetadata) !== 0
  // Without packets of its own for it, the end of rows is an OK by another name.
  const end = short ? Buffer.concat([Buffer.from([0xfe]), ok(flags).subarray(1)]) : endOfRows(flags)
  return [
    columnCount(columns.length),
    ...columns.map(column => columnDefinition(column, extended)),
    ...(short ? [] : [endOfRows(flags)]),
    ...values.map(textRow),
    end,
  ]
}
