import { isIP, isIPv6, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type ClientSession, type Document, MongoClient, type MongoClientOptions, MongoNetworkError } from 'mongodb'
import { secureReport } from '../network/secure-report.ts'
import { encryptedOutcome, secureContext } from '../network/tls.ts'
import { settledWithin } from '../session/settled-within.ts'
import { credentialsOf } from './credentials.ts'
import { watchedConnection } from './driver-connection.ts'
import type { MongodbConfig } from './form.ts'
import { clientTls, type ServerProbe } from './server-probe.ts'
import { ServerProofError, UntrustedServerError } from './sign-in-errors.ts'

export interface SessionOptions {
  readonly config: MongodbConfig
  /** The server that was chosen. */
  readonly server: ServerProbe
  /** Of the account; the form's, or what DNS says. */
  readonly authSource: string
  readonly purpose: Purpose
  readonly signal: AbortSignal
}

export type Purpose = 'TEST' | 'QUERY'

const limits = {
  // Lists of names and rights, and ids of documents.
  TEST: { signIns: 1, answers: { bytes: 4 * 2 ** 20, values: 250_000 } },
  // The second time for stopping what the first connection is busy with. Documents have 16 MB, an answer a little more.
  QUERY: { signIns: 2, answers: { bytes: 20_000_000, values: 2_000_000 } },
} as const satisfies Readonly<Record<Purpose, object>>

/** Beyond what the server is told, for the server to say so itself. */
const graceMs = 5_000
const cancelBudgetMs = 1_200

/**
 * One signed-in session of the driver on one server. The driver knows a single address, that which was checked: it neither
 * resolves anything nor follows what servers say about others.
 */
export class Session {
  /** How the server signed the account in; null without a sign-in. */
  signInMethod: string | null = null
  readonly #client: MongoClient
  readonly #sockets = new Set<Socket>()
  readonly #hasSessions: boolean
  readonly #readPreference: ReadPreferenceMode
  #signInsLeft: number
  #session: ClientSession | undefined
  #isOver = false

  private constructor(options: SessionOptions) {
    const { config, server, purpose } = options
    this.#hasSessions = server.facts?.hasSessions ?? false
    this.#readPreference = driverReadPreferences[config.readPreference]
    this.#signInsLeft = limits[purpose].signIns
    const connectionType = watchedConnection({
      answerLimits: limits[purpose].answers,
      admit: socket => this.#admit(socket, config, server.tlsName),
      signingIn: socket => this.#countSignIn(socket),
      signedIn: method => {
        this.signInMethod ??= method
      },
    })
    const { address, endpoint } = server
    // An address and a number: nothing of the form is in it, and nothing to be looked up.
    const uri = `mongodb://${isIPv6(address) ? `[${address}]` : address}:${endpoint.port}/`
    this.#client = new MongoClient(uri, { ...clientOptions(options), connectionType } as MongoClientOptions)
  }

  /** Connects and signs in, once. Rejects with the first thing that goes wrong, and leaves nothing open then. */
  static async open(options: SessionOptions): Promise<Session> {
    const { signal, config } = options
    signal.throwIfAborted()
    const session = new Session(options)
    const { promise: ended, reject } = Promise.withResolvers<never>()
    ended.catch(() => {})
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    // The driver itself would try again and again until its own timeout.
    session.#client.once('serverHeartbeatFailed', ({ failure }) => reject(failure))
    try {
      const connecting = session.#client.connect()
      connecting.catch(() => {})
      await Promise.race([connecting, ended])
      // A server that calls itself an arbiter is not signed in to by the driver.
      if (config.auth.none === undefined && session.signInMethod === null) {
        throw new ServerProofError('The server let the account in without a sign-in.')
      }
      // Nothing here reads what it has written: a member that lags behind another need not be waited for.
      if (session.#hasSessions) session.#session = session.#client.startSession({ causalConsistency: false })
      return session
    } catch (error) {
      session.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  get client(): MongoClient {
    return this.#client
  }

  /** For every operation, so that all of them can be ended at once; undefined where the server has no sessions. */
  get driverSession(): ClientSession | undefined {
    return this.#session
  }

  /** Runs one command. Rejects with the driver's error or the signal's reason. */
  async run(database: string, command: Document, signal: AbortSignal): Promise<Document> {
    return this.#client.db(database).command(command, {
      signal,
      // Commands do not inherit it, and routers choose by it whom they ask.
      readPreference: this.#readPreference,
      ...(this.#session && { session: this.#session }),
    })
  }

  /** Asks the server, on a further connection, to stop whatever this session does there. Never rejects. */
  async cancel(): Promise<void> {
    const id = this.#session?.id
    if (!id || this.#isOver) return
    const stop = this.#client.db('admin').command({ killSessions: [id] })
    await settledWithin(stop, cancelBudgetMs)
  }

  /** Says goodbye and makes sure that every socket is gone, within `graceMs`. Never rejects. */
  async close(goodbyeMs: number): Promise<void> {
    if (!this.#isOver) await settledWithin(this.#client.close(), goodbyeMs)
    this.destroy()
  }

  /** Cuts every connection at once, without a word. */
  destroy(): void {
    this.#isOver = true
    for (const socket of this.#sockets) socket.destroy()
    // Not `close()`, which opens further connections to say goodbye on.
    const { topology } = this.#client as unknown as { readonly topology?: { close(): void } }
    topology?.close()
  }

  #admit(socket: Socket, config: MongodbConfig, name: string): void {
    if (this.#isOver) throw new Error('The session is over.')
    if (config.tls.mode !== 'DISABLE') assertTrusted(socket, config, name)
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** The driver would replace a connection that the server has closed, and sign in again: nobody has asked it to. */
  #countSignIn(socket: Socket): void {
    if (this.#signInsLeft === 0) throw new MongoNetworkError('The server closed the connection.')
    this.#signInsLeft -= 1
    const lost = () => {
      this.#signInsLeft = 0
    }
    socket.once('end', lost).once('error', lost)
  }
}

/** Before a byte is sent: what the probe has judged is another connection. */
function assertTrusted(socket: Socket, config: MongodbConfig, name: string): void {
  if (!(socket instanceof TLSSocket)) throw new Error('The connection is not encrypted.')
  const { extraAuthorities } = clientTls(config)
  const { status, problem } = secureReport(encryptedOutcome(socket), { tls: config.tls, name, extraAuthorities })
  if (status === 'FAILED' && problem) throw new UntrustedServerError(problem)
}

const driverReadPreferences = {
  PRIMARY: 'primary',
  PRIMARY_PREFERRED: 'primaryPreferred',
  SECONDARY: 'secondary',
  SECONDARY_PREFERRED: 'secondaryPreferred',
  NEAREST: 'nearest',
} as const satisfies Readonly<Record<MongodbConfig['readPreference'], string>>

type ReadPreferenceMode = (typeof driverReadPreferences)[MongodbConfig['readPreference']]

/** More than any step has: budgets are kept by signals, whose problems say which step it was. */
const driverPatienceMs = 30_000

/** Every option that decides anything, so that nothing is left to defaults or to the environment. */
function clientOptions({ config, server, authSource }: SessionOptions): object {
  return {
    directConnection: true,
    appName: 'patchbay',
    ...signInOptions(config, authSource),
    ...tlsOptions(config, server),
    readPreference: driverReadPreferences[config.readPreference],
    connectTimeoutMS: driverPatienceMs,
    serverSelectionTimeoutMS: driverPatienceMs,
    waitQueueTimeoutMS: driverPatienceMs,
    socketTimeoutMS: config.limits.statementTimeoutSeconds * 1_000 + graceMs,
    // One to work on, and one to cancel by.
    maxPoolSize: 2,
    minPoolSize: 0,
    maxConnecting: 1,
    retryReads: false,
    retryWrites: false,
    maxAdaptiveRetries: 0,
    // The watching connection looks once; what becomes of the server later is seen by the work itself.
    serverMonitoringMode: 'poll',
    heartbeatFrequencyMS: 86_400_000,
    compressors: 'none',
    autoSelectFamily: false,
    lookup: refuseLookup,
  }
}

function signInOptions(config: MongodbConfig, authSource: string): object {
  const { scram } = config.auth
  if (scram) return { auth: { username: scram.username, password: scram.password }, authSource }
  if (credentialsOf(config).kind === 'NONE') return {}
  return { authMechanism: 'MONGODB-X509', authSource }
}

function tlsOptions(config: MongodbConfig, { tlsName }: ServerProbe): object {
  if (config.tls.mode === 'DISABLE') return { tls: false }
  const { extraAuthorities, client } = clientTls(config)
  return {
    tls: true,
    secureContext: secureContext(extraAuthorities, client),
    // RFC 6066 section 3: addresses are never sent as server names.
    ...(isIP(tlsName) ? {} : { servername: tlsName }),
    // Judged by `assertTrusted`, by the same rules as the probe.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  }
}

/** The address is given: whatever is to be looked up comes from somebody else. */
function refuseLookup(host: string, _options: object, callback: (error: Error) => void): void {
  callback(new Error(`The driver was about to look up "${host}".`))
}
