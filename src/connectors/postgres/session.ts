import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { type DriverConnection, guardSignIn, type SignInDialogue, type SignInMethod } from './sign-in-guard.ts'

/** The server asked for a password, and the form has none for it. */
export class NoPasswordError extends Error {
  readonly method: string

  constructor(method: string) {
    super(`The server asked for a password by the method "${method}".`)
    this.name = 'NoPasswordError'
    this.method = method
  }
}

/** The server sent more than one session may receive. */
export class ByteLimitError extends Error {
  readonly maxBytes: number

  constructor(maxBytes: number) {
    super(`The server sent more than ${maxBytes} bytes.`)
    this.name = 'ByteLimitError'
    this.maxBytes = maxBytes
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
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** What `pg` has and its types leave out. */
interface Internals {
  readonly processID: number | null
  readonly secretKey: number | null
}

/** One signed-in session on a socket that the caller opened. */
export class Session {
  readonly client: pg.Client
  readonly #socket: Socket
  readonly #dialogue: SignInDialogue
  #failure: Error | null = null

  private constructor(client: pg.Client, socket: Socket, dialogue: SignInDialogue) {
    this.client = client
    this.#socket = socket
    this.#dialogue = dialogue
  }

  /**
   * Signs in: exactly one attempt. Rejects with the driver's `DatabaseError`, a socket error or an error of
   * this file or `sign-in-guard.ts`; the socket is then destroyed.
   */
  static async signIn(options: SessionOptions): Promise<Session> {
    const { socket, signal, maxBytes } = options
    signal.throwIfAborted()
    const connection = driverConnection(socket)
    const dialogue = guardSignIn(connection, options.serverVerified)
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
    const session = new Session(client, socket, dialogue)
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
    try {
      const connected = client.connect()
      connected.catch(() => {})
      limitBytes(socket, maxBytes, fail)
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

  /** Says goodbye and makes sure that the socket is gone, within `graceMs`. Never rejects. */
  async close(graceMs: number): Promise<void> {
    if (!this.#socket.destroyed) {
      const goodbye = this.client.end().catch(() => {})
      const timer = new AbortController()
      await Promise.race([goodbye, delay(graceMs, undefined, { signal: timer.signal }).catch(() => {})])
      timer.abort()
    }
    this.#socket.destroy()
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

function limitBytes(socket: Socket, maxBytes: number, fail: (error: Error) => void): void {
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxBytes) return
    fail(new ByteLimitError(maxBytes))
    socket.destroy()
  })
}
