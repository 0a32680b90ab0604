import { once } from 'node:events'
import type { Socket } from 'node:net'
import { passed } from '../define.ts'
import type { Problem } from '../problem.ts'
import type { Greeted, GreetOptions, Line, ServerProtocol, SignedIn } from '../session/server-protocol.ts'
import type { Subject } from './error-rules.ts'
import { requestTls, startInClear } from './greet.ts'
import { type Classify, greetingReport, signedInReport } from './opening-reports.ts'
import { Session } from './session.ts'
import { cancelRequest, startupMessage } from './wire.ts'

/** Who signs in. */
export interface Account {
  readonly username: string
  /** What the server may ask for; null when signing in needs nothing of the kind. Called once, right before. */
  readonly password: () => Promise<string | null>
  /** Whether the person who filled in the form gave a password and expects it to be looked at. */
  readonly hasPassword: boolean
}

export interface PostgresProtocolOptions {
  readonly subject: Pick<Subject, 'host' | 'port' | 'product' | 'database'>
  /** Known at the latest when the session begins. */
  readonly account: () => Account
  readonly classify: Classify
  /** What the server may send in the whole session. */
  readonly maxBytes: number
}

/** PostgreSQL's protocol 3, as far as it takes to be signed in, and to cancel. */
export class PostgresProtocol implements ServerProtocol<Session> {
  readonly #options: PostgresProtocolOptions

  constructor(options: PostgresProtocolOptions) {
    this.#options = options
  }

  async greet(socket: Socket, { inClear, forCancel, signal }: GreetOptions): Promise<Greeted> {
    // A request to cancel is all that is ever said on its connection.
    if (inClear && forCancel) return { report: passed(), offersTls: false }
    const greeting = inClear
      ? await startInClear(socket, this.#startupParameters(), signal)
      : await requestTls(socket, signal)
    const report = greetingReport(greeting, this.#options.subject, this.#options.classify)
    return { report, offersTls: greeting.kind === 'TLS_OFFERED' }
  }

  async signIn({ socket, encrypted, serverVerified }: Line, signal: AbortSignal): Promise<SignedIn<Session>> {
    const { username, password, hasPassword } = this.#options.account()
    // In clear text GREET has sent it.
    if (encrypted) socket.write(startupMessage(this.#startupParameters()))
    const { database } = this.#options.subject
    const { maxBytes } = this.#options
    const credentials = { username, database, password: await password() }
    const session = await Session.signIn({ socket, ...credentials, serverVerified, maxBytes, signal })
    return { session, report: signedInReport(session.signInMethod, { username, hasPassword }) }
  }

  signInProblem(error: unknown): Problem {
    return this.#options.classify(error, 'SIGN_IN')
  }

  /** Sends a CancelRequest and waits until the server has taken it, which it shows by hanging up. */
  async cancel({ cancelKey }: Session, { socket }: Line, signal: AbortSignal): Promise<void> {
    if (!cancelKey) throw new Error('The server has told no key to cancel with.')
    const closed = once(socket, 'close', { signal })
    socket.resume()
    socket.write(cancelRequest(cancelKey.processId, cancelKey.secretKey))
    await closed
  }

  #startupParameters(): Record<string, string> {
    // No `options` and no `statement_timeout` here: poolers refuse them.
    return {
      user: this.#options.account().username,
      database: this.#options.subject.database,
      client_encoding: 'UTF8',
      application_name: 'patchbay',
    }
  }
}
