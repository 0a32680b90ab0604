import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import type { ServerSession } from '../session/server-protocol.ts'
import { MessageGuard } from './message-guard.ts'
import { RowSplitter, type RowTaker } from './row-splitter.ts'
import {
  type DriverConnection,
  guardSignIn,
  type SignInDialogue,
  type SignInMethod,
  UnsupportedMethodError,
} from './sign-in-guard.ts'

/** The server asked for a password, and the form has none for it. */
export class NoPasswordError extends Error {
  readonly method: string

  constructor(method: string) {
    super(`The server asked for a password by the method "${method}".`)
    this.name = 'NoPasswordError'
    this.method = method
  }
}

export interface SessionOptions {
  /** Connected, encrypted if it is to be; the startup message has been sent on it. */
  readonly socket: Socket
  readonly username: string
  readonly database: string
  /** Null when the form's way of signing in has no password. */
  readonly password: string | null
  /** Whether the server has proved who it is, so that it may see the password itself. */
  readonly serverVerified: boolean
  /** Of everything that the server sends after its greeting, or since `countBytesFromHere`. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** What `pg` has and its types leave out. */
interface Internals {
  readonly processID: number | null
  readonly secretKey: number | null
}

/** One signed-in session on a socket that the caller opened. */
export class Session implements ServerSession {
  readonly client: pg.Client
  /** For whoever slows the server down by not reading. */
  readonly socket: Socket
  readonly #guard: MessageGuard
  readonly #rows: RowSplitter
  readonly #dialogue: SignInDialogue
  #failure: Error | null = null

  private constructor(
    client: pg.Client,
    socket: Socket,
    dialogue: SignInDialogue,
    guard: MessageGuard,
    rows: RowSplitter,
  ) {
    this.client = client
    this.socket = socket
    this.#guard = guard
    this.#rows = rows
    this.#dialogue = dialogue
  }

  /**
   * Signs in: exactly one attempt. Rejects with the driver's `DatabaseError`, a socket error or an error of
   * this file, `sign-in-guard.ts` or `session/protocol-fault.ts`; the socket is then destroyed.
   */
  static async signIn(options: SessionOptions): Promise<Session> {
    const { socket, signal, maxBytes } = options
    signal.throwIfAborted()
    const connection = driverConnection(socket)
    const guard = new MessageGuard(maxBytes)
    const checked = new EventEmitter()
    const rows = new RowSplitter(bytes => checked.emit('data', bytes))
    const dialogue = guardSignIn(connection, {
      serverVerified: options.serverVerified,
      hasPassword: options.password !== null,
    })
    const password = async () => {
      if (options.password === null) throw new NoPasswordError(dialogue.method)
      return options.password
    }
    const client = new pg.Client({
      // Every field, so that nothing is taken from the environment. What the server learns is in the startup message.
      host: 'connected',
      port: 1,
      user: options.username,
      database: options.database,
      ssl: false,
      password,
      application_name: 'patchbay',
      // The types leave `connection` out.
      ...({ connection } as object),
    })
    const session = new Session(client, socket, dialogue, guard, rows)
    const failed = Promise.withResolvers<never>()
    const fail = (error: Error) => {
      session.#failure ??= error
      failed.reject(error)
    }
    failed.promise.catch(() => {})
    // The driver reports a broken session here, sometimes twice, and throws without a listener.
    client.on('error', fail)
    socket.on('error', fail)
    const abort = () => {
      fail(signal.reason as Error)
      socket.destroy()
    }
    signal.addEventListener('abort', abort, { once: true })
    const read = (chunk: Buffer) => {
      guard.check(chunk)
      rows.push(chunk)
    }
    readChecked(connection, socket, checked, read, fail)
    try {
      const connected = client.connect()
      connected.catch(() => {})
      await Promise.race([connected, failed.promise])
      return session
    } catch (error) {
      socket.destroy()
      // The driver says "Connection terminated unexpectedly" where the socket knew better.
      throw session.#failure ?? error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Why the session broke, if it did. */
  get failure(): Error | null {
    return this.#failure
  }

  /** `none`: the server let the account in without asking for anything that this protocol carries. */
  get signInMethod(): SignInMethod {
    return this.#dialogue.method
  }

  /** What a CancelRequest for this session needs; null before signing in, or when a pooler in between gave none. */
  get cancelKey(): { readonly processId: number; readonly secretKey: number } | null {
    const { processID, secretKey } = this.client as unknown as Internals
    return processID && secretKey !== null ? { processId: processID, secretKey } : null
  }

  get canCancel(): boolean {
    return this.cancelKey !== null
  }

  /** Says goodbye and makes sure that the socket is gone, within `graceMs`. Never rejects. */
  async close(graceMs: number): Promise<void> {
    if (!this.socket.destroyed) {
      const goodbye = this.client.end().catch(() => {})
      const timer = new AbortController()
      await Promise.race([goodbye, delay(graceMs, undefined, { signal: timer.signal }).catch(() => {})])
      timer.abort()
    }
    this.socket.destroy()
  }

  /** From now on rows go to `taker`, or, when it is null, to the driver. */
  takeRows(taker: RowTaker | null): void {
    this.#rows.taker = taker
  }

  /** What the server may send counts from zero again. */
  countBytesFromHere(): void {
    this.#guard.countFromHere()
  }
}

/** The driver's protocol half on a socket that is connected and greeted: it only has to listen. */
function driverConnection(socket: Socket): DriverConnection {
  // `connect` is called on whatever stream is given; this one is connected.
  const connected = Object.assign(socket, {
    connect: () => {
      setImmediate(() => socket.emit('connect'))
      return socket
    },
  })
  // The types know neither the constructor's argument nor `startup`.
  const Connection = pg.Connection as unknown as new (options: { stream: Socket }) => DriverConnection
  const connection = new Connection({ stream: connected })
  connection.startup = () => {}
  return connection
}

/**
 * Has the driver listen to `checked` in place of the socket: to what `read` has found to be sound. After the first fault
 * nothing more of the server is read. Whatever the driver throws while it reads would otherwise be an uncaught exception
 * of the process.
 */
function readChecked(
  connection: DriverConnection,
  socket: Socket,
  checked: EventEmitter,
  read: (chunk: Buffer) => void,
  fail: (error: Error) => void,
): void {
  const attach = connection.attachListeners.bind(connection)
  connection.attachListeners = () => {
    attach(checked)
    const receive = (chunk: Buffer) => {
      try {
        read(chunk)
      } catch (error) {
        socket.off('data', receive)
        fail(isKnown(error) ? error : new ProtocolFaultError('it sent what the driver cannot read', { cause: error }))
        socket.destroy()
      }
    }
    socket.on('data', receive)
  }
}

const isKnown = (error: unknown): error is Error =>
  error instanceof ProtocolFaultError || error instanceof ByteLimitError || error instanceof UnsupportedMethodError
