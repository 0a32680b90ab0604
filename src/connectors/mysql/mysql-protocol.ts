import type { Socket } from 'node:net'
import type { StepReport } from '../connection-test.ts'
import { failed, passed } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import type { Greeted, GreetOptions, Line, ServerProtocol, SignedIn } from '../session/server-protocol.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { ask, perform } from './answer.ts'
import { capability, sslRequest } from './capabilities.ts'
import { credentialsOf, passwordFor } from './credentials.ts'
import type { MysqlConfig } from './form.ts'
import { type Greeting, readGreeting } from './greet.ts'
import { collationOf, type Handshake } from './handshake.ts'
import { classifyError } from './problems.ts'
import { isRunning } from './running-statement.ts'
import { Session } from './session.ts'

const serverFields = ['host', 'port']

/** MySQL's protocol 10, as far as it takes to be signed in, and to cancel. */
export class MysqlProtocol implements ServerProtocol<Session> {
  readonly #config: MysqlConfig
  readonly #maxBytes: number
  /** By the connection that was greeted; encryption puts another socket in its place. */
  #handshake: Handshake | null = null
  #handshakeForCancel: Handshake | null = null

  /** `maxBytes`: what the server may send in the whole session. */
  constructor(config: MysqlConfig, maxBytes: number) {
    this.#config = config
    this.#maxBytes = maxBytes
  }

  async greet(socket: Socket, { forCancel, signal }: GreetOptions): Promise<Greeted> {
    const greeting = await readGreeting(socket, signal)
    const handshake = greeting.kind === 'HANDSHAKE' ? greeting.handshake : null
    if (forCancel) this.#handshakeForCancel = handshake
    else this.#handshake = handshake
    return { report: this.#report(greeting), offersTls: handshake !== null && offersTls(handshake) }
  }

  startTls(socket: Socket): void {
    const { mariadbCapabilities } = this.#handshakeForCancel ?? this.#greeted
    socket.write(sslRequest(collationOf(this.#config.charset).id, mariadbCapabilities))
  }

  async signIn(line: Line, signal: AbortSignal): Promise<SignedIn<Session>> {
    const session = await this.#open(line, this.#greeted, this.#maxBytes, signal)
    try {
      return { session, report: await untilAborted(signedInReport(session), signal) }
    } catch (error) {
      session.socket.destroy()
      throw session.failure ?? error
    }
  }

  signInProblem(error: unknown): Problem {
    return classifyError(error, 'SIGN_IN', this.#config, this.#handshake?.flavour ?? null)
  }

  /** The account's own statements need no further right to be killed. */
  async cancel({ connectionId, statement }: Session, line: Line, signal: AbortSignal): Promise<void> {
    const handshake = this.#handshakeForCancel
    if (!handshake) throw new Error('The second connection has not been greeted.')
    const killer = await this.#open(line, handshake, maxBytesForCancel, signal)
    const stop = async () => {
      if (await isRunning(killer, connectionId, statement)) await perform(killer, `KILL QUERY ${connectionId}`)
    }
    await untilAborted(stop(), signal)
  }

  get #greeted(): Handshake {
    if (!this.#handshake) throw new Error('GREET has not passed.')
    return this.#handshake
  }

  async #open(line: Line, handshake: Handshake, maxBytes: number, signal: AbortSignal): Promise<Session> {
    const { username } = credentialsOf(this.#config)
    return Session.signIn({
      ...line,
      handshake,
      username,
      password: await passwordFor(this.#config),
      isToken: this.#config.auth.awsIam !== undefined,
      charset: this.#config.charset,
      maxBytes,
      signal,
    })
  }

  #report(greeting: Greeting): StepReport {
    const { host, port } = this.#config
    const fields = serverFields
    switch (greeting.kind) {
      case 'HANDSHAKE': {
        const { version, flavour } = greeting.handshake
        return passed([
          measuredText('Server', flavour === 'MARIADB' || /mysql/i.test(version) ? version : `MySQL ${version}`),
          measuredText('Encryption', offersTls(greeting.handshake) ? 'offered' : 'not offered'),
        ])
      }
      case 'ERROR':
        return failed(classifyError(greeting.error, 'GREET', this.#config, null))
      case 'WRONG_PROTOCOL':
        return failed(
          problem('WRONG_PROTOCOL', { params: { host, port, expected: 'MySQL', found: greeting.found }, fields }),
        )
      case 'FAULT':
        return failed(classifyError(new ProtocolFaultError(greeting.fault), 'GREET', this.#config, null))
      case 'CLOSED':
        return failed(problem('CONNECTION_RESET', { params: { host }, detail: greeting.detail, fields }))
    }
  }
}

/** A name of 128 and a host of 255. */
const maxAccountLength = 400
const maxBytesForCancel = 1_048_576

const offersTls = ({ capabilities }: Handshake): boolean => (capabilities & capability.SSL) !== 0

/** The first statement is part of it: only then do servers say that a password has expired. */
async function signedInReport(session: Session): Promise<StepReport> {
  const [row] = await ask(session, 'SELECT CURRENT_USER()', { account: 'text' })
  if (!row || row.account.length > maxAccountLength) throw new ProtocolFaultError('it did not say who is signed in')
  session.account = row.account
  const isAnonymous = row.account.startsWith('@')
  return passed(
    [measuredText('Signed in as', row.account), measuredText('Authentication plugin', session.plugin)],
    isAnonymous ? 'The server let the connection in as its anonymous account, whatever the user name.' : null,
  )
}
