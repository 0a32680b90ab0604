import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerConfig } from 'ssh2'
import { opensshKey } from './ssh-keys.ts'

/** What an SSH server says when it does not open a connection; see RFC 4254 section 5.1. */
export interface Refusal {
  readonly reason: number
  readonly text: string
}

export interface SshServerOptions {
  readonly username?: string
  readonly password?: string
  /** Public keys that may sign in, in OpenSSH's one-line format. */
  readonly authorizedKeys?: readonly string[]
  /** Methods that the server offers; default by what may sign in. */
  readonly methods?: readonly string[]
  /** What a method leaves to do after it succeeded. */
  readonly furtherMethods?: readonly string[]
  /** The questions of `keyboard-interactive`; the password answers the first. */
  readonly prompts?: readonly { readonly prompt: string; readonly echo: boolean }[]
  /** Instead of judging who signs in. */
  readonly signIn?: 'LET_EVERYBODY_IN' | 'SAY_NOTHING' | 'WANT_NEW_PASSWORD'
  readonly hostKeys?: readonly string[]
  readonly algorithms?: ServerConfig['algorithms']
  /** Answers why the server does not connect to a target, or null to connect. Default: forwards everywhere. */
  readonly forward?: (host: string, port: number) => Refusal | 'NEVER' | null
  /** As servers before 2015: it does not say that it knows signatures of RSA keys better than SHA-1. */
  readonly knowsSha1Only?: boolean
  /** Called with each client, for misbehaviour. */
  readonly onClient?: (client: Connection, protocol: ServerProtocol) => void
  readonly ident?: string
}

/** What ssh2's server has and its types leave out: the messages themselves. */
export interface ServerProtocol {
  /** By the type of key; shared by all clients. */
  _hostKeys: Readonly<Record<string, ParsedKey>>
  channelOpenFail(channel: number, reason: number, text: string): void
  channelOpenConfirm(remote: number, local: number, window: number, packetSize: number): void
  channelData(channel: number, data: Buffer): void
  disconnect(reason: number): void
  rekey(): void
  authFailure(methods: readonly string[], partial: boolean): void
  authPasswdChg(prompt: string): void
}

export const makeHostKey = (type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519'): string =>
  opensshKey(type === 'ecdsa' ? 256 : type).privateKey

export const parseSshKey = (key: string): ParsedKey => {
  const parsed = ssh2.utils.parseKey(key)
  if (parsed instanceof Error) throw parsed
  return parsed
}

/** The real protocol by `ssh2`'s own server, on loopback. Forwards to where it is told, unless it is told not to. */
export class SshServer implements AsyncDisposable {
  readonly port: number
  readonly username: string
  readonly password: string
  /** What has been tried to sign in with, "none" aside. */
  readonly attempts: string[] = []
  /** Who has been named to it, however. */
  readonly usernames: string[] = []
  /** `host:port` that was asked for. */
  readonly targets: string[] = []
  connections = 0
  readonly #server: ssh2.Server
  readonly #clients = new Set<Connection>()

  private constructor(server: ssh2.Server, port: number, username: string, password: string) {
    this.#server = server
    this.port = port
    this.username = username
    this.password = password
  }

  static async start(options: SshServerOptions = {}): Promise<SshServer> {
    const { username = 'tunnel', password = `pw-${randomBytes(6).toString('hex')}` } = options
    const server = new ssh2.Server({
      hostKeys: [...(options.hostKeys ?? [makeHostKey()])],
      ...(options.algorithms && { algorithms: options.algorithms }),
      ...(options.ident && { ident: options.ident }),
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const started = new SshServer(server, (server.address() as { port: number }).port, username, password)
    server.on('connection', client => started.#serve(client, options))
    return started
  }

  /** Connections that are open. */
  get openConnections(): number {
    return this.#clients.size
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const client of this.#clients) (client as unknown as { _sock: Socket })._sock.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(client: Connection, options: SshServerOptions): void {
    this.connections += 1
    this.#clients.add(client)
    // As sshd does; else each answer waits for the client's next packet.
    // The types leave it out.
    const { setNoDelay } = client as unknown as { setNoDelay(on: boolean): void }
    setNoDelay.call(client, true)
    const protocol = (client as unknown as { _protocol: ServerProtocol })._protocol
    client.on('error', () => {}).on('close', () => this.#clients.delete(client))
    client.on('authentication', context => this.#authenticate(context, options))
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      this.targets.push(`${destIP}:${destPort}`)
      const refusal = options.forward?.(destIP, destPort) ?? null
      if (refusal === 'NEVER') return
      if (refusal) refuse(protocol, reject, refusal)
      else this.#forward(accept, protocol, reject, destIP, destPort)
    })
    if (options.knowsSha1Only) hideSignatureAlgorithms(protocol)
    options.onClient?.(client, protocol)
  }

  #forward(
    accept: () => ssh2.ServerChannel,
    protocol: ServerProtocol,
    reject: () => void,
    host: string,
    port: number,
  ): void {
    const target = connect({ host, port, noDelay: true })
    target.once('connect', () => {
      const channel = accept()
      channel.on('error', () => {}).on('close', () => target.destroy())
      target.pipe(channel).pipe(target)
      target.on('close', () => channel.close())
    })
    target.on('error', (error: NodeJS.ErrnoException) => {
      const texts: Record<string, string> = {
        ECONNREFUSED: 'Connection refused',
        ENOTFOUND: 'Name or service not known',
        EHOSTUNREACH: 'No route to host',
      }
      refuse(protocol, reject, { reason: 2, text: texts[error.code ?? ''] ?? error.message })
    })
  }

  #authenticate(context: AuthContext, options: SshServerOptions): void {
    const methods = options.methods ?? (options.authorizedKeys ? ['publickey'] : ['password'])
    const refuseMethod = () => context.reject([...methods] as never)
    const succeed = () => {
      if (options.furtherMethods) context.reject([...options.furtherMethods] as never, true)
      else context.accept()
    }
    this.usernames.push(context.username)
    if (context.method !== 'none') this.attempts.push(isQuery(context) ? 'publickey-query' : context.method)
    if (options.signIn === 'LET_EVERYBODY_IN') context.accept()
    else if (options.signIn === 'SAY_NOTHING') return
    else if (options.signIn === 'WANT_NEW_PASSWORD' && context.method === 'password') {
      context.requestChange('Your password has expired.', () => {})
    } else if (context.username !== this.username || !methods.includes(context.method)) refuseMethod()
    else if (isQuery(context) && keyOf(context, options)) context.accept()
    else if (context.method === 'keyboard-interactive') {
      context.prompt([...(options.prompts ?? [{ prompt: 'Password: ', echo: false }])], ([answer]) => {
        if (answer === this.password) succeed()
        else refuseMethod()
      })
    } else if (context.method === 'password' ? context.password === this.password : isProved(context, options))
      succeed()
    else refuseMethod()
  }
}

/** A client asks first whether a key is worth signing with. */
const isQuery = (context: AuthContext): boolean => context.method === 'publickey' && context.signature === undefined

const keyOf = (context: AuthContext, { authorizedKeys = [] }: SshServerOptions): ParsedKey | undefined =>
  context.method === 'publickey'
    ? authorizedKeys.map(parseSshKey).find(key => key.getPublicSSH().equals(context.key.data))
    : undefined

function isProved(context: AuthContext, options: SshServerOptions): boolean {
  if (context.method !== 'publickey' || !context.signature || !context.blob) return false
  // The types leave out which hash an RSA signature was made with.
  const { hashAlgo } = context as { hashAlgo?: string }
  return keyOf(context, options)?.verify(context.blob, context.signature, hashAlgo) === true
}

/** ssh2 tells them to every client that asks, and has no setting against it. */
function hideSignatureAlgorithms(protocol: ServerProtocol): void {
  let exchange: object | undefined
  Object.defineProperty(protocol, '_kex', {
    get: () => exchange,
    set: (value: object) => {
      exchange = Object.defineProperty(value, 'remoteExtInfoEnabled', { get: () => false, set: () => {} })
    },
  })
}

/** ssh2's own `reject` says neither why nor with which reason. */
function refuse(protocol: ServerProtocol, reject: () => void, { reason, text }: Refusal): void {
  const send = protocol.channelOpenFail.bind(protocol)
  protocol.channelOpenFail = channel => send(channel, reason, text)
  reject()
  protocol.channelOpenFail = send
}

/** The fingerprint of a private or public key, as ssh-keygen prints it. */
export const fingerprintOf = (key: string): string =>
  `SHA256:${createHash('sha256').update(parseSshKey(key).getPublicSSH()).digest('base64').replace(/=+$/, '')}`
