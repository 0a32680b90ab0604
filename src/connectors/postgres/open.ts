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
import { requestCancel } from './cancel.ts'
import { credentialsOf, passwordFor } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { requestTls, startInClear } from './greet.ts'
import { greetingReport, signedInReport, stepTimedOut, unencryptedReport } from './opening-reports.ts'
import { classifyError } from './problems.ts'
import { Session } from './session.ts'
import { startupMessage } from './wire.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>

export type OpeningStep = 'RESOLVE' | 'EGRESS' | 'CONNECT' | 'TUNNEL' | 'GREET' | 'SECURE' | 'SIGN_IN'

const closeGraceMs = 500
const cancelBudgetMs = 1_200

/**
 * Opens one session, step by step, on one socket: tests and queries go the same way. Each step relies on the ones
 * before it having passed, so they run in the order of `keys`.
 */
export class PostgresOpening {
  readonly #config: PostgresConfig
  readonly #route: Route
  readonly #allowUnencrypted: boolean
  readonly #maxBytes: number
  readonly #tlsName: string
  readonly #authorities: readonly string[]
  #socket: Socket | null = null
  #tlsOffered = false
  #encrypted = false
  #session: Session | null = null

  /** `maxBytes`: what the server may send in the whole session. */
  constructor(config: PostgresConfig, network: NetworkSettings, maxBytes: number) {
    this.#config = config
    this.#route = openRoute(config, config.sshTunnel, network)
    this.#allowUnencrypted = network.egress.allowUnencrypted
    this.#maxBytes = maxBytes
    this.#tlsName = canonicalHost(config.tls.serverName ?? config.host)
    this.#authorities = extraAuthorities(config.tls)
  }

  /** The signed-in session. Throws before SIGN_IN has passed. */
  get session(): Session {
    if (!this.#session) throw new Error('SIGN_IN has not passed.')
    return this.#session
  }

  /** In the order in which they run. CONNECT comes twice behind a tunnel: to the SSH server, and on to the database. */
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

  /** Why the way to the database broke, if it is not the database that is to blame. */
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
    const key = this.#session?.cancelKey
    if (!key) return
    const signal = AbortSignal.timeout(cancelBudgetMs)
    await requestCancel({
      dial: () => this.#route.dial(signal),
      ...key,
      // The key that cancels is as good as the session itself: it goes over the same kind of connection.
      tls: this.#encrypted
        ? { options: this.#tlsOptions(signal), trusts: outcome => this.#judge(outcome).status !== 'FAILED' }
        : null,
      signal,
    }).catch(() => {})
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
    const greeting = inClear
      ? await startInClear(this.#socket, this.#startupParameters(), signal)
      : await requestTls(this.#socket, signal)
    this.#tlsOffered = greeting.kind === 'TLS_OFFERED'
    return greetingReport(greeting, this.#config)
  }

  async #secure({ signal }: Context): Promise<StepReport> {
    const { host, tls } = this.#config
    if (tls.mode === 'DISABLE') return unencryptedReport(this.#allowUnencrypted)
    if (!this.#tlsOffered)
      return failed(problem('TLS_NOT_OFFERED', { params: { host }, fields: ['tls.mode', 'host', 'port'] }))
    const outcome = await encrypt(this.#route.socket, this.#tlsOptions(signal))
    if (outcome.kind === 'FAILED')
      return failed(handshakeProblem(outcome.error, host, tls.clientCertificate !== undefined))
    this.#socket = outcome.socket
    const report = this.#judge(outcome)
    if (report.status === 'FAILED') outcome.socket.destroy()
    this.#encrypted = true
    return report
  }

  #judge(outcome: EncryptedOutcome): StepReport {
    return secureReport(outcome, { tls: this.#config.tls, name: this.#tlsName, extraAuthorities: this.#authorities })
  }

  async #signIn({ signal }: Context): Promise<StepReport> {
    const socket = this.#socket
    if (!socket) throw new Error('CONNECT has not passed.')
    try {
      // In clear text GREET has sent it.
      if (this.#encrypted) socket.write(startupMessage(this.#startupParameters()))
      this.#session = await Session.signIn({
        socket,
        username: this.#username,
        database: this.#config.database,
        password: await passwordFor(this.#config),
        // Checked authority alone is not enough: any public authority's customer could pose as the server.
        serverVerified: this.#encrypted && this.#config.tls.mode === 'VERIFY_FULL',
        maxBytes: this.#maxBytes,
        signal,
      })
    } catch (error) {
      if (signal.aborted) throw error
      return failed(classifyError(error, 'SIGN_IN', this.#config))
    }
    return signedInReport(this.#session.signInMethod, this.#config)
  }

  get #username(): string {
    return credentialsOf(this.#config).username
  }

  #startupParameters(): Record<string, string> {
    // No `options` and no `statement_timeout` here: poolers refuse them.
    return {
      user: this.#username,
      database: this.#config.database,
      client_encoding: 'UTF8',
      application_name: 'patchbay',
    }
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
