import type { Socket } from 'node:net'
import type { StepKey, StepReport } from '../connection-test.ts'
import { defaultBudgetsMs, failed, type NetworkSettings, type StepContext } from '../define.ts'
import { extraAuthorities } from '../network/authorities.ts'
import { handshakeProblem } from '../network/handshake-problem.ts'
import { canonicalHost } from '../network/host-name.ts'
import { openRoute, type Route } from '../network/route.ts'
import { secureReport } from '../network/secure-report.ts'
import { type EncryptedOutcome, encrypt, type TlsOptions } from '../network/tls.ts'
import { type Problem, problem } from '../problem.ts'
import type { Line, ServerConfig, ServerProtocol, ServerSession } from './server-protocol.ts'
import { stepTimedOut } from './step-timed-out.ts'
import { unencryptedReport } from './unencrypted-report.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>

export type OpeningStep = 'RESOLVE' | 'EGRESS' | 'CONNECT' | 'TUNNEL' | 'GREET' | 'SECURE' | 'SIGN_IN'

const closeGraceMs = 500
const cancelBudgetMs = 1_200

/**
 * Opens one session, step by step, on one socket: tests and queries go the same way. Each step relies on the ones
 * before it having passed, so they run in the order of `keys`.
 */
export class ServerOpening<S extends ServerSession> {
  readonly #config: ServerConfig
  readonly #protocol: ServerProtocol<S>
  readonly #route: Route
  readonly #allowUnencrypted: boolean
  readonly #tlsName: string
  readonly #authorities: readonly string[]
  #socket: Socket | null = null
  #offersTls = false
  #encrypted = false
  #session: S | null = null

  constructor(config: ServerConfig, protocol: ServerProtocol<S>, network: NetworkSettings) {
    this.#config = config
    this.#protocol = protocol
    this.#route = openRoute(config, config.sshTunnel, network)
    this.#allowUnencrypted = network.egress.allowUnencrypted
    this.#tlsName = canonicalHost(config.tls.serverName ?? config.host)
    this.#authorities = extraAuthorities(config.tls)
  }

  /** The signed-in session. Throws before SIGN_IN has passed. */
  get session(): S {
    if (!this.#session) throw new Error('SIGN_IN has not passed.')
    return this.#session
  }

  /** In the order in which they run. CONNECT comes twice behind a tunnel: to the SSH server, and on to the data source. */
  get keys(): readonly OpeningStep[] {
    return [...this.#route.keys, 'GREET', 'SECURE', 'SIGN_IN']
  }

  readonly steps: { readonly [K in OpeningStep]: (context: Context) => Promise<StepReport> } = {
    RESOLVE: context => this.#route.steps.RESOLVE(context),
    EGRESS: context => this.#route.steps.EGRESS(context),
    CONNECT: context => this.#route.steps.CONNECT(context),
    TUNNEL: context => this.#route.steps.TUNNEL(context),
    GREET: context => this.blamed(this.#greet(context)),
    SECURE: context => this.blamed(this.#secure(context)),
    SIGN_IN: context => this.blamed(this.#signIn(context)),
  }

  /** Why the way to the data source broke, if it is not the data source that is to blame. */
  get broken(): Problem | null {
    return this.#route.broken
  }

  /** What a step behind the way in reports, unless the way itself broke under it: then that. */
  async blamed(work: Promise<StepReport>): Promise<StepReport> {
    try {
      const report = await work
      const isDone = report.status === 'PASSED' || report.status === 'WARNING'
      return isDone || !this.broken ? report : failed(this.broken, report.evidence)
    } catch (error) {
      if (!this.broken) throw error
      return failed(this.broken)
    }
  }

  /** The problem of a step that used up its budget. */
  timedOut(key: StepKey, seconds: number): Problem {
    return this.#route.timedOut(key, seconds) ?? stepTimedOut(key, seconds, this.#config)
  }

  /** What a step may take outside of a test's plan. */
  budgetMs(key: OpeningStep): number {
    return key === 'CONNECT' ? this.#config.limits.connectTimeoutSeconds * 1_000 : defaultBudgetsMs[key]
  }

  /** Asks the server, on a second connection, to stop what the session is doing. Never rejects; bounded by 1.2 s. */
  async cancel(): Promise<void> {
    const session = this.#session
    if (!session?.canCancel) return
    const signal = AbortSignal.timeout(cancelBudgetMs)
    let plain: Socket | null = null
    let line: Line | null = null
    try {
      plain = await this.#route.dial(signal)
      plain.on('error', () => {})
      line = await this.#secondLine(plain, signal)
      await this.#protocol.cancel(session, line, signal)
    } catch {
      // Then the statement runs on until its timeout, or until the server notices that its client is gone.
    } finally {
      line?.socket.destroy()
      plain?.destroy()
    }
  }

  /** Leaves nothing behind; `busy` says that a statement may still be running. */
  async close({ busy }: { readonly busy: boolean }): Promise<void> {
    if (busy) await this.cancel()
    else await this.#session?.close(closeGraceMs)
    this.#socket?.destroy()
    await this.#route.close()
  }

  async #greet({ signal }: Context): Promise<StepReport> {
    this.#socket = this.#route.socket
    const inClear = this.#config.tls.mode === 'DISABLE' && this.#allowUnencrypted
    const { report, offersTls } = await this.#protocol.greet(this.#socket, { inClear, forCancel: false, signal })
    this.#offersTls = offersTls
    return report
  }

  async #secure({ signal }: Context): Promise<StepReport> {
    const { host, tls } = this.#config
    if (tls.mode === 'DISABLE') return unencryptedReport(this.#allowUnencrypted)
    if (!this.#offersTls)
      return failed(problem('TLS_NOT_OFFERED', { params: { host }, fields: ['tls.mode', 'host', 'port'] }))
    const outcome = await this.#encrypt(this.#route.socket, signal)
    if (outcome.kind === 'FAILED')
      return failed(handshakeProblem(outcome.error, host, tls.clientCertificate !== undefined))
    this.#socket = outcome.socket
    const report = this.#judge(outcome)
    if (report.status === 'FAILED') outcome.socket.destroy()
    this.#encrypted = true
    return report
  }

  async #signIn({ signal }: Context): Promise<StepReport> {
    const socket = this.#socket
    if (!socket) throw new Error('CONNECT has not passed.')
    try {
      const { session, report } = await this.#protocol.signIn(this.#lineOn(socket), signal)
      this.#session = session
      return report
    } catch (error) {
      if (signal.aborted) throw error
      return failed(this.#protocol.signInProblem(error))
    }
  }

  /** What may cancel is as good as the session itself: it goes over the same kind of connection. */
  async #secondLine(plain: Socket, signal: AbortSignal): Promise<Line> {
    const inClear = !this.#encrypted
    const { report, offersTls } = await this.#protocol.greet(plain, { inClear, forCancel: true, signal })
    if (report.status === 'FAILED') throw new Error('The server does not greet a second connection.')
    if (inClear) return this.#lineOn(plain)
    if (!offersTls) throw new Error('The server offers no encryption for cancelling.')
    const outcome = await this.#encrypt(plain, signal)
    if (outcome.kind === 'FAILED') throw outcome.error
    if (this.#judge(outcome).status !== 'FAILED') return this.#lineOn(outcome.socket)
    outcome.socket.destroy()
    throw new Error('The server that would cancel is not the one that was verified.')
  }

  #lineOn(socket: Socket): Line {
    const serverVerified = this.#encrypted && this.#config.tls.mode === 'VERIFY_FULL'
    return { socket, encrypted: this.#encrypted, serverVerified }
  }

  #encrypt(socket: Socket, signal: AbortSignal) {
    this.#protocol.startTls?.(socket)
    return encrypt(socket, this.#tlsOptions(signal))
  }

  #judge(outcome: EncryptedOutcome): StepReport {
    return secureReport(outcome, { tls: this.#config.tls, name: this.#tlsName, extraAuthorities: this.#authorities })
  }

  #tlsOptions(signal: AbortSignal): TlsOptions {
    const { clientCertificate, clientKey, clientKeyPassphrase } = this.#config.tls
    return {
      name: this.#tlsName,
      extraAuthorities: this.#authorities,
      client:
        clientCertificate === undefined || clientKey === undefined
          ? null
          : { certificate: clientCertificate, key: clientKey, passphrase: clientKeyPassphrase },
      signal,
    }
  }
}
