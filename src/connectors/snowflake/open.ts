import { clientCredentialsToken } from '../cloud/client-credentials.ts'
import { cloudEndpoint, endpointUrl } from '../cloud/endpoint.ts'
import { type EndpointStage, endpointStage } from '../cloud/endpoint-stage.ts'
import { HttpCallError, HttpCaller } from '../cloud/http-caller.ts'
import { callsMs, type Stage, type StageContext, Stages } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, type RunEnvironment } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { createScrubber, type Scrubber } from '../scrub/scrubber.ts'
import { settledWithin } from '../session/settled-within.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { accountHost } from './account.ts'
import type { ResultAnswer } from './answers.ts'
import { connectBudgetMs, signInMs } from './budgets.ts'
import { ChunkStorage } from './chunk-storage.ts'
import {
  connectDriver,
  type DriverConnection,
  type DriverOptions,
  type DriverStatement,
  driverVersion,
} from './driver.ts'
import { DriverHttp, type ExchangeLimits, isOfRequest } from './driver-http.ts'
import type { SnowflakeConfig } from './form.ts'
import { type KeyPair, readKeyPair } from './key-pair.ts'
import { inStepTime } from './late-answer.ts'
import { plainName } from './names.ts'
import { signInProblem } from './problems.ts'
import { SnowflakeRefusalError } from './refusal.ts'
import { reachedTokenEndpoint, type TokenEndpoint, tokenEndpoint } from './token-endpoint.ts'

/** To stop a statement, and to sign out: together less than two seconds. */
const cancelMs = 1_100
const signOutMs = 500
/** For the answer to a sign-in that nobody waits for any more; no statement runs then. */
const signedInMs = 700
/** How long after a statement was sent Snowflake may not know it yet. */
const cancelAgainMs = [100, 250] as const
/** Not running, as far as Snowflake knows. */
const notRunning = '000605'

export interface StatementOptions extends ExchangeLimits {
  /** One statement. */
  readonly text: string
  /** Whether it is only compiled: that takes no warehouse, and costs nothing. */
  readonly describeOnly?: boolean
  /** What Snowflake itself lets it take. */
  readonly seconds: number
  /** More are not sent. */
  readonly maxRows: number
}

/** What one run shares: the way to Snowflake, the session there, and the statement that may still be running in it. */
export class SnowflakeSession {
  readonly config: SnowflakeConfig
  readonly environment: RunEnvironment
  /** The ways to where tokens come from, if it is elsewhere, and to Snowflake. */
  readonly stages: Stages
  /** Where large results are fetched from. */
  readonly storage: ChunkStorage
  /** As Snowflake knows them, once the session is open. */
  user: string | null = null
  role: string | null = null
  /** The name of the account's host. */
  readonly service: string
  readonly #way: EndpointStage
  readonly #caller: HttpCaller
  readonly #http: DriverHttp
  readonly #token: TokenEndpoint | null
  readonly #tokenWay: EndpointStage | null
  readonly #tokenCaller: HttpCaller | null
  readonly #secrets = new Set<string>()
  #connection: DriverConnection | null = null
  #connecting: Promise<void> = Promise.resolve()
  readonly #life = new AbortController()
  #accessToken: string | null = null
  /** What may be running on Snowflake. */
  #running: DriverStatement | null = null
  #stopping: Promise<void> = Promise.resolve()

  constructor(config: SnowflakeConfig, environment: RunEnvironment) {
    const { network } = environment
    this.config = config
    this.environment = environment
    this.service = accountHost(config.account)
    const shared = {
      network,
      ownAuthorities: { field: 'caCertificates', pem: config.caCertificates },
      connectBudgetMs: connectBudgetMs(config),
    }
    this.#way = endpointStage({ ...shared, endpoint: cloudEndpoint(this.service, network), field: 'account' })
    this.#caller = new HttpCaller({ endpoint: this.#way.endpoint, expected: 'Snowflake', fields: ['account'] })
    this.#token = tokenEndpoint(config)
    const { clientSecret } = config.auth.oauthClientCredentials ?? {}
    if (clientSecret !== undefined) this.#secrets.add(clientSecret)
    const isApart = this.#token !== null && this.#token.name !== this.service
    this.#tokenWay =
      this.#token && isApart
        ? endpointStage({ ...shared, endpoint: reachedTokenEndpoint(this.#token, network), field: this.#token.field })
        : null
    this.#tokenCaller =
      this.#token && this.#tokenWay
        ? new HttpCaller({ endpoint: this.#tokenWay.endpoint, expected: 'OAuth', fields: [this.#token.field] })
        : null
    this.storage = new ChunkStorage(config, network)
    this.#http = new DriverHttp({
      caller: this.#caller,
      origin: new URL(this.#accessUrl).origin,
      userAgent: `JavaScript/${driverVersion} (patchbay)`,
      onSecret: secret => this.#secrets.add(secret),
    })
    this.stages = new Stages([
      ...(this.#tokenWay ? [this.#stageOf(this.#tokenWay, context => this.#getTokenApart(context))] : []),
      this.#stageOf(this.#way, context => this.#signIn(context)),
    ])
  }

  /** For what the run has been given on its way: nobody else knows that it is secret. */
  get scrub(): Scrubber {
    return createScrubber([...this.#secrets])
  }

  /** Snowflake's clock minus ours in milliseconds, as far as it is known. */
  get clockSkewMs(): number | null {
    return this.#caller.clockSkewMs
  }

  identified(user: string | null, role: string | null): void {
    this.user = user
    this.role = role
  }

  /** The problem of an answer that is none. `fault` completes "does not keep to the protocol: ". */
  violation(fault: string): Problem {
    return this.#caller.violation(fault).problem
  }

  /**
   * Runs one statement, and has Snowflake stop it where nobody waits for its end any more. Throws `SnowflakeRefusalError`
   * and `HttpCallError`, and the signal's reason when that aborts.
   */
  async run({ text, describeOnly = false, seconds, maxRows, ...limits }: StatementOptions): Promise<ResultAnswer> {
    const connection = this.#connection
    if (!connection) throw new Error('SIGN_IN has not passed.')
    await this.#stopping
    try {
      const result = await this.#http.exchange(limits, done => {
        this.#running = connection.execute({
          sqlText: text,
          describeOnly,
          streamResult: true,
          parameters: {
            QUERY_TAG: 'patchbay',
            MULTI_STATEMENT_COUNT: 1,
            STATEMENT_TIMEOUT_IN_SECONDS: seconds,
            STATEMENT_QUEUED_TIMEOUT_IN_SECONDS: seconds,
            ROWS_PER_RESULTSET: maxRows,
          },
          complete: done,
        })
      })
      this.#running = null
      if (!result) throw this.#caller.violation('its answer has no result')
      return result
    } catch (error) {
      // What Snowflake has refused does not run.
      if (error instanceof SnowflakeRefusalError) this.#running = null
      this.#stop()
      throw error
    }
  }

  /** Has a statement stopped that nobody waits for any more. */
  #stop(): void {
    const statement = this.#running
    if (!statement) return
    this.#running = null
    this.#stopping = settledWithin(this.#cancel(statement, performance.now() + cancelMs), cancelMs)
  }

  async #cancel(statement: DriverStatement, until: number): Promise<void> {
    for (const pauseMs of [0, ...cancelAgainMs]) {
      const signal = AbortSignal.timeout(Math.max(1, Math.ceil(until - performance.now())))
      if (pauseMs > 0) await new Promise(resolve => setTimeout(resolve, pauseMs))
      try {
        await this.#http.exchange({ signal, until }, done => statement.cancel(done))
        return
      } catch (error) {
        if (!(error instanceof SnowflakeRefusalError && error.code === notRunning)) return
      }
    }
  }

  /** Stops what still runs, signs out, and frees everything. Takes less than two seconds; never rejects. */
  async close(): Promise<void> {
    // A step that is cancelled may not have come so far.
    this.#stop()
    await this.#stopping
    await settledWithin(this.#connecting, signedInMs)
    this.#life.abort()
    const connection = this.#connection
    this.#connection = null
    if (connection) {
      const signal = AbortSignal.timeout(signOutMs)
      const until = performance.now() + signOutMs
      await this.#http.exchange({ signal, until }, done => connection.destroy(done)).catch(() => {})
    }
    this.#caller.close()
    this.#tokenCaller?.close()
    this.storage.close()
    this.stages.close()
  }

  #stageOf(way: EndpointStage, signIn: (context: StageContext) => Promise<StepReport>): Stage {
    return {
      ...way,
      steps: { ...way.steps, SIGN_IN: signIn },
      timedOut: (key, seconds) =>
        key === 'SIGN_IN' && way === this.#way
          ? problem('SIGN_IN_TIMED_OUT', { params: { service: this.service, seconds } })
          : way.timedOut(key, seconds),
      budgetMs: key => (key === 'SIGN_IN' ? signInMs : way.budgetMs(key)),
    }
  }

  async #getTokenApart(context: StageContext): Promise<StepReport> {
    const caller = this.#tokenCaller
    if (!caller) throw new Error('There is no token to get elsewhere.')
    return this.#reported(context, async () => passed(await this.#getToken(caller, context)))
  }

  async #getToken(caller: HttpCaller, { signal, budgetMs }: StageContext): Promise<readonly Evidence[]> {
    const credentials = this.config.auth.oauthClientCredentials
    if (!credentials || !this.#token) throw new Error('There is no token to get.')
    const { clientId, clientSecret } = credentials
    const { role } = this.config
    const scope = credentials.scope ?? (role === undefined ? undefined : `session:role:${role}`)
    const path = 'auth.oauthClientCredentials'
    const { token, evidence } = await clientCredentialsToken(caller, {
      path: this.#token.path,
      clientId,
      clientSecret,
      ...(scope !== undefined && { scope }),
      signal,
      budgetMs: callsMs(budgetMs),
      fields: {
        clientId: `${path}.clientId`,
        clientSecret: `${path}.clientSecret`,
        scope: credentials.scope === undefined && role !== undefined ? 'role' : `${path}.scope`,
      },
    })
    this.#secrets.add(token)
    this.#accessToken = token
    return evidence
  }

  #signIn(context: StageContext): Promise<StepReport> {
    const until = performance.now() + callsMs(context.budgetMs)
    return this.#reported(context, async () => {
      const { auth, username } = this.config
      const evidence: Evidence[] = []
      if (this.#token && !this.#tokenWay) evidence.push(...(await this.#getToken(this.#caller, context)))
      const keyPair = auth.keyPair ? readKeyPair(auth.keyPair) : null
      if (keyPair) evidence.push(measuredText('Fingerprint of the key', keyPair.fingerprint))
      const connection = connectDriver(this.#http, this.#driverOptions(keyPair))
      try {
        await this.#connect(connection, { signal: context.signal, until })
      } catch (error) {
        return failed(inStepTime(this.#signInProblem(error), context.budgetMs), evidence)
      }
      return passed([measuredText('User', username), ...evidence])
    })
  }

  /** Goes on when nobody waits any more: it may open a session all the same, which `close` then ends. */
  async #connect(connection: DriverConnection, { signal, until }: ExchangeLimits): Promise<void> {
    signal.throwIfAborted()
    const limits = { signal: this.#life.signal, until }
    this.#connecting = this.#http
      .exchange(limits, done => connection.connect(done))
      .then(() => {
        this.#connection = connection
      })
    await untilAborted(this.#connecting, signal)
  }

  /** The step's report, or what its error comes to. Rejects only with the signal's reason, and for bugs. */
  async #reported({ signal, budgetMs }: StageContext, step: () => Promise<StepReport>): Promise<StepReport> {
    try {
      return await step()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof HttpCallError) {
        return { ...error.report, problem: inStepTime(error.problem, budgetMs) }
      }
      throw error
    }
  }

  #signInProblem(error: unknown): Problem {
    if (!isOfRequest(error)) throw error
    const found = signInProblem(error, this)
    // Snowflake may be looking at the credentials still.
    return found.code === 'CLOUD_TIMED_OUT' ? problem('SIGN_IN_TIMED_OUT', { params: found.params }) : found
  }

  #driverOptions(keyPair: KeyPair | null): DriverOptions {
    const { account, username, role, auth } = this.config
    const shared = {
      account,
      host: this.service,
      accessUrl: this.#accessUrl,
      username,
      // As an identifier: what has been made with quotes is found only with them.
      ...(role !== undefined && { role: plainName(role) }),
      sfRetryMaxLoginRetries: 0,
      disableQueryContextCache: true,
    } as const
    if (auth.password) return { ...shared, authenticator: 'SNOWFLAKE', password: auth.password.password }
    if (auth.accessToken)
      return { ...shared, authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: auth.accessToken.token }
    if (auth.keyPair) {
      if (!keyPair) throw new Error('The private key cannot be opened.')
      return { ...shared, authenticator: 'SNOWFLAKE_JWT', privateKey: keyPair.privateKey }
    }
    if (this.#accessToken === null) throw new Error('There is no access token.')
    return { ...shared, authenticator: 'OAUTH', token: this.#accessToken }
  }

  get #accessUrl(): string {
    return endpointUrl(this.#way.endpoint.endpoint)
  }
}
