import type { Socket } from 'node:net'
import mysql from 'mysql2'
import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import type { ServerSession } from '../session/server-protocol.ts'
import { settledWithin } from '../session/settled-within.ts'
import { deniedFlags, extendedMetadata } from './capabilities.ts'
import { DriverStream } from './driver-stream.ts'
import { beginningPlugin, collationOf, type Flavour, greetingForDriver, type Handshake } from './handshake.ts'
import { PacketGuard } from './packet-guard.ts'
import { SignInDialogue } from './sign-in-dialogue.ts'
import { PasswordRefusedError, ServerRefusalError, UnsupportedPluginError } from './sign-in-errors.ts'

export interface SessionOptions {
  /** Connected, greeted, and encrypted if it is to be. */
  readonly socket: Socket
  readonly handshake: Handshake
  readonly encrypted: boolean
  readonly serverVerified: boolean
  readonly username: string
  readonly password: string
  /** Whether the password is a token that the server has to see. */
  readonly isToken: boolean
  /** Of the form: "utf8mb4". */
  readonly charset: string
  /** Of everything that the server sends after its greeting, or since `countBytesFromHere`. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** A column as the server describes it, in the driver's words. */
export interface Column {
  readonly name: string
  readonly columnType: number
  readonly flags: number
  readonly characterSet: number
  readonly columnLength: number
  readonly decimals: number
  /** MariaDB's own types and formats: "uuid", "json". */
  readonly extendedTypeName?: string | undefined
  readonly extendedFormat?: string | undefined
}

export interface RowListener {
  /** Not called by statements that have none. */
  columns(columns: readonly Column[]): void
  /** Counted values, one for each column; the bytes are gone when this returns. */
  row(packet: Buffer): void
}

/** What `mysql2` has and its types leave out, or describe as something else. */
interface DriverConnection {
  startTLS: (done: () => void) => void
  on(event: 'error', listener: (error: Error) => void): void
  once(event: 'connect', listener: () => void): void
  query(options: { readonly sql: string }): DriverQuery
  end(done: () => void): void
}
interface DriverQuery {
  on(event: 'fields', listener: (columns: readonly Column[] | undefined) => void): this
  on(event: 'error', listener: (error: Error) => void): this
  on(event: 'end', listener: () => void): this
}

/** One signed-in session on a socket that the caller opened. */
export class Session implements ServerSession {
  readonly flavour: Flavour
  readonly version: string
  /** What KILL takes. */
  readonly connectionId: number
  /** What the server calls the account that it has let in: "ann@10.%". Empty until it was asked. */
  account = ''
  /** For whoever slows the server down by not reading. */
  readonly socket: Socket
  readonly #connection: DriverConnection
  readonly #guard: PacketGuard
  readonly #dialogue: SignInDialogue
  readonly #failed = Promise.withResolvers<never>()
  #failure: Error | null = null
  #listener: RowListener | null = null
  #statement = ''

  private constructor(options: SessionOptions) {
    const { socket, handshake, encrypted, serverVerified, isToken } = options
    this.flavour = handshake.flavour
    this.version = handshake.version
    this.connectionId = handshake.connectionId
    this.socket = socket
    this.#dialogue = new SignInDialogue({ plugin: beginningPlugin(handshake), serverVerified, isToken })
    const hasExtendedMetadata = (handshake.mariadbCapabilities & extendedMetadata) !== 0
    this.#failed.promise.catch(() => {})
    const stream = new DriverStream({ socket, encrypted, sent: packet => this.#guard.sent(packet) })
    this.#guard = new PacketGuard(options.maxBytes, this.#dialogue, hasExtendedMetadata, {
      driver: bytes => stream.receive(bytes),
      row: packet => this.#listener?.row(packet),
    })
    this.#connection = driverConnection(stream, options)
    // The driver reports a broken session here, sometimes twice, and throws without a listener.
    this.#connection.on('error', error => this.#fail(error))
    socket.on('error', error => this.#fail(error))
    socket.once('close', () => stream.emit('close'))
    this.#listen()
    stream.receive(greetingForDriver(handshake, encrypted))
  }

  /**
   * Signs in: exactly one attempt. Rejects with the driver's error (with `errno` when it is the server's), a socket error
   * or one of `sign-in-errors.ts` or `protocol-fault.ts`; the socket is then destroyed.
   */
  static async signIn(options: SessionOptions): Promise<Session> {
    const { socket, signal } = options
    signal.throwIfAborted()
    const session = new Session(options)
    const connected = Promise.withResolvers<void>()
    session.#connection.once('connect', () => connected.resolve())
    const abort = () => session.#break(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    try {
      await Promise.race([connected.promise, session.#failed.promise])
      return session
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Why the session broke, if it did. */
  get failure(): Error | null {
    return this.#failure
  }

  get canCancel(): boolean {
    return true
  }

  /** Whether the server has answered all that it was asked. */
  get idle(): boolean {
    return this.#guard.idle
  }

  /** The server's last word on the session: flags of `serverStatus`. */
  get status(): number {
    return this.#guard.status
  }

  /** The plugin by which the account has signed in. */
  get plugin(): string {
    return this.#dialogue.plugin
  }

  /** What it was asked to run last. */
  get statement(): string {
    return this.#statement
  }

  /** What the server may send counts from zero again. */
  countBytesFromHere(): void {
    this.#guard.countFromHere()
  }

  /** Runs one statement. Resolves when the server has sent all of its answer; rejects with its error. */
  async run(sql: string, listener: RowListener): Promise<void> {
    if (this.#failure) throw this.#failure
    const ended = Promise.withResolvers<void>()
    this.#listener = listener
    this.#statement = sql
    this.#connection
      .query({ sql })
      .on('fields', columns => {
        if (columns) listener.columns(columns)
      })
      .on('error', error => ended.reject(error))
      .on('end', () => ended.resolve())
    await Promise.race([ended.promise, this.#failed.promise])
  }

  /** Says goodbye and makes sure that the socket is gone, within `graceMs`. Never rejects. */
  async close(graceMs: number): Promise<void> {
    if (!this.socket.destroyed && !this.#failure) {
      const goodbye = new Promise<void>(resolve => {
        this.socket.once('close', () => resolve())
        this.#connection.end(() => {})
      })
      await settledWithin(goodbye, graceMs)
    }
    this.socket.destroy()
  }

  /** After the first fault nothing more is read. Whatever the driver throws would otherwise be an uncaught exception. */
  #listen(): void {
    const receive = (chunk: Buffer) => {
      try {
        this.#guard.receive(chunk)
      } catch (error) {
        this.socket.off('data', receive)
        this.#break(
          isKnown(error) ? error : new ProtocolFaultError('it sent what the driver cannot read', { cause: error }),
        )
      }
    }
    this.socket.on('data', receive)
    this.socket.once('end', () => this.#fail(new ConnectionLostError()))
    this.socket.once('close', () => this.#fail(new ConnectionLostError()))
  }

  #break(error: Error): void {
    this.#fail(error)
    this.socket.destroy()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#failed.reject(this.#failure)
  }
}

/** The server hung up. */
export class ConnectionLostError extends Error {
  readonly code = 'ECONNRESET'

  constructor() {
    super('The server closed the connection.')
    this.name = 'ConnectionLostError'
  }
}

function driverConnection(stream: DriverStream, options: SessionOptions): DriverConnection {
  const { encrypted, username, password, isToken, charset } = options
  const connection = mysql.createConnection({
    // Every field that has a default of its own, so that what is used here is written here.
    host: 'connected',
    port: 1,
    user: username,
    password,
    charset: collationOf(charset).driverName,
    connectTimeout: 0,
    flags: deniedFlags,
    connectAttributes: { program_name: 'patchbay' },
    multipleStatements: false,
    namedPlaceholders: false,
    compress: false,
    enableCleartextPlugin: isToken,
    // Rows do not come to the driver; should one, it stays as the server wrote it.
    typeCast: false,
    rowsAsArray: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    disableEval: true,
    // Statements are whole.
    queryFormat: (sql: string) => sql,
    // An object of its own: the driver shares what it learns by it. It makes the driver ask for what has been done.
    ...(encrypted && { ssl: {} }),
    stream,
  })
  // The border to what the types leave out.
  const internals = connection as unknown as DriverConnection
  internals.startTLS = done => done()
  return internals
}

const isKnown = (error: unknown): error is Error =>
  error instanceof ProtocolFaultError ||
  error instanceof ByteLimitError ||
  error instanceof PasswordRefusedError ||
  error instanceof UnsupportedPluginError ||
  error instanceof ServerRefusalError
