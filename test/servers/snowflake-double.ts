import type { IncomingMessage, ServerResponse } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { plainSecret } from '../canary/secrets.ts'
import type { Certificate } from './certificates.ts'
import { HttpDouble } from './http-double.ts'
import { type HttpMisbehaviour, misbehave } from './http-misbehaviour.ts'
import { type SnowflakeAccount, sampleAccount } from './snowflake-account.ts'
import { parametersOf, refused, resultOf, type SnowflakeAnswer, succeeded } from './snowflake-answers.ts'
import type { OauthIssuer } from './snowflake-oauth.ts'
import type { SnowflakeOutcome } from './snowflake-outcome.ts'
import { SnowflakeQuery } from './snowflake-query.ts'
import { refusals, SnowflakeRefusalError } from './snowflake-refusal.ts'
import type { SnowflakeSession } from './snowflake-session.ts'
import { identifier, type SignInRequest, signIn } from './snowflake-sign-in.ts'
import { outcomeOf } from './snowflake-statements.ts'
import type { SnowflakeStorage } from './snowflake-storage.ts'

/** What clients call. */
export type SnowflakeCall =
  | 'signIn'
  | 'token'
  | 'renew'
  | 'query'
  | 'result'
  | 'abort'
  | 'close'
  | 'heartbeat'
  | 'telemetry'
  | 'monitoring'
  | 'other'

/** In the place of an answer. */
export type SnowflakeMisbehaviour =
  | HttpMisbehaviour
  /** In Snowflake's own words. */
  | { readonly error: string; readonly message: string; readonly sqlState?: string }
  /** Does what it is asked to, and says nothing. */
  | 'DO_AND_HANG'

export interface SnowflakeRequest {
  readonly call: SnowflakeCall
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Readonly<Record<string, unknown>>
  /** The body as it came. */
  readonly text: string
  /** Which one of its call, from 1. */
  readonly nth: number
  /** Of queries, without what surrounds it. */
  readonly sql: string
}

export interface SnowflakeDoubleOptions {
  readonly account?: SnowflakeAccount
  readonly certificate?: Certificate
  /** The authorization server that the account trusts, or its own. */
  readonly oauth?: OauthIssuer
  /** Where parts of large results lie; everything is in the answer itself without one. */
  readonly storage?: SnowflakeStorage
  readonly inlineRows?: number
  readonly chunkRows?: number
  /** In the place of what SYSTEM$ALLOWLIST tells. */
  readonly allowlist?: string
  /** How far its clock is ahead. */
  readonly skewMs?: number
  readonly at?: {
    readonly [C in SnowflakeCall]?:
      | SnowflakeMisbehaviour
      | ((request: SnowflakeRequest) => SnowflakeMisbehaviour | undefined)
  }
  /** What becomes of a good answer before it is sent. */
  readonly changes?: { readonly [C in SnowflakeCall]?: (answer: never, request: SnowflakeRequest) => unknown }
  /** What comes of statements that are not understood otherwise, or otherwise than they should be. */
  readonly statements?: (sql: string) => SnowflakeOutcome | SnowflakeRefusalError | undefined
  /**
   * Statements that take their time: until they are stopped, or for so many questions after them. `WITHIN` keeps the request
   * waiting; `APART` answers at once that it is running.
   */
  readonly takes?: (sql: string, request: SnowflakeRequest) => Takes | undefined
  /** Session tokens that are of no use after so many queries. */
  readonly queriesPerToken?: number
  /** Whether tokens can be renewed; they can when it is not given. */
  readonly renews?: boolean
}

export interface Takes {
  readonly how: 'WITHIN' | 'APART'
  readonly polls?: number
}

export interface SignInAttempt {
  readonly authenticator: string
  readonly login: string
  readonly accountName: string
  readonly succeeded: boolean
  readonly request: SignInRequest
  readonly query: URLSearchParams
}

/** Made here, and nobody's to see: the scan of what a suite has recorded looks for these too. */
const token = (kind: string) => `ver:1-hint:${kind}-${plainSecret()}`
const invalidSession = () =>
  new SnowflakeRefusalError('390104', 'Session token is invalid. New login required to access the service.', '08001')

/** How long a request waits for a statement before it is told that it is still running. */
const longPollMs = 40

/**
 * Snowflake's protocol for drivers: sign-ins and their tokens, statements that run on when nobody listens any more, results in
 * parts, and an account behind it in which rights count.
 */
export class SnowflakeDouble extends HttpDouble {
  readonly #options: SnowflakeDoubleOptions
  readonly #sessions: SnowflakeSession[] = []
  readonly #failures = new Map<string, number>()
  readonly #polls = new Map<SnowflakeQuery, number>()
  readonly #takes = new Map<SnowflakeQuery, Takes>()
  readonly #queriesOf = new Map<string, number>()
  readonly warehouses: Map<string, { state: string }>
  readonly requests: SnowflakeRequest[] = []
  readonly signIns: SignInAttempt[] = []
  readonly queries: SnowflakeQuery[] = []
  /** Ids of queries that were running when they were stopped. */
  readonly aborted: string[] = []
  /** Warehouses that had to be started for a statement. */
  readonly resumed: string[] = []
  /** Statements that have changed something. */
  readonly changes: string[] = []
  /** Answers that are being withheld. */
  held = 0
  renewals = 0

  private constructor(options: SnowflakeDoubleOptions) {
    super(options.certificate)
    this.#options = options
    const { warehouses } = options.account ?? sampleAccount
    this.warehouses = new Map(Object.entries(warehouses).map(([name, { state = 'STARTED' }]) => [name, { state }]))
  }

  static start(options: SnowflakeDoubleOptions = {}): Promise<SnowflakeDouble> {
    return new SnowflakeDouble(options).listen()
  }

  /** Queries that go on. */
  get running(): number {
    return this.queries.filter(({ isRunning }) => isRunning).length
  }

  get openSessions(): number {
    return this.#sessions.length
  }

  /** Statements that were really to be run, in their order. */
  get statements(): readonly string[] {
    return this.queries.filter(({ describeOnly }) => !describeOnly).map(({ sql }) => sql)
  }

  /** How often each call was made. */
  count(call: SnowflakeCall): number {
    return this.requests.filter(request => request.call === call).length
  }

  /** For `NetworkSettings.cloudEndpoints`. */
  get endpoints(): Readonly<Record<string, string>> {
    return { '*.snowflakecomputing.com': this.url }
  }

  get #account(): SnowflakeAccount {
    return this.#options.account ?? sampleAccount
  }

  protected async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = this.#received(message, await textOf(message))
    this.requests.push(request)
    response.setHeader('date', new Date(this.#now()).toUTCString())
    const planned = this.#options.at?.[request.call]
    const misbehaviour = typeof planned === 'function' ? planned(request) : planned
    if (misbehaviour === 'DO_AND_HANG') {
      this.held += 1
      await this.#answer(request)
      return
    }
    if (misbehaviour !== undefined && !(typeof misbehaviour === 'object' && 'error' in misbehaviour)) {
      if (typeof misbehaviour === 'string') this.held += 1
      return misbehave(misbehaviour, response)
    }
    if (request.call === 'token' && !misbehaviour) return this.#token(request, response)
    const answer = misbehaviour
      ? refused(new SnowflakeRefusalError(misbehaviour.error, misbehaviour.message, misbehaviour.sqlState), 'query-id')
      : await this.#answered(request)
    const change = this.#options.changes?.[request.call] ?? ((given: SnowflakeAnswer) => given)
    send(response, message, change(answer as never, request))
  }

  #received({ url = '', headers }: IncomingMessage, text: string): SnowflakeRequest {
    const call = callOf(url)
    const body = parsed(text)
    const nth = this.count(call) + 1
    const sql = typeof body['sqlText'] === 'string' ? body['sqlText'] : ''
    return { call, path: url, headers, body, text, nth, sql }
  }

  async #answered(request: SnowflakeRequest): Promise<SnowflakeAnswer> {
    try {
      return await this.#answer(request)
    } catch (error) {
      if (!(error instanceof SnowflakeRefusalError)) throw error
      return refused(error)
    }
  }

  async #answer(request: SnowflakeRequest): Promise<SnowflakeAnswer> {
    switch (request.call) {
      case 'signIn':
        return this.#signIn(request)
      case 'renew':
        return this.#renew(request)
      case 'query':
        return this.#query(request)
      case 'result':
        return this.#result(request)
      case 'abort':
        return this.#abort(request)
      case 'close': {
        const session = this.#sessionOf(request)
        this.#sessions.splice(this.#sessions.indexOf(session), 1)
        return succeeded(null)
      }
      case 'heartbeat':
        this.#sessionOf(request)
        return succeeded(null)
      default:
        return succeeded(null)
    }
  }

  #token({ text, headers }: SnowflakeRequest, response: ServerResponse): void {
    const { status, body } = this.#options.oauth?.answer(new URLSearchParams(text), headers.authorization) ?? {
      ...{ status: 400, body: { error: 'invalid_client', message: 'This is an invalid client.' } },
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  #signIn(request: SnowflakeRequest): SnowflakeAnswer {
    const { data = {} } = request.body as { readonly data?: SignInRequest }
    const asked = new URL(request.path, this.url).searchParams
    const attempt = {
      ...{ authenticator: data.AUTHENTICATOR ?? 'SNOWFLAKE', login: data.LOGIN_NAME ?? '' },
      ...{ accountName: data.ACCOUNT_NAME ?? '', request: data, query: asked },
    }
    try {
      if (!this.#account.names.includes(attempt.accountName.toUpperCase())) {
        throw new SnowflakeRefusalError('390100', 'Incorrect username or password was specified.', '08001')
      }
      const roleName = asked.get('roleName')
      const { user, account, role } = signIn(data, roleName === null ? {} : { role: roleName }, {
        account: this.#account,
        oauthTokens: this.#options.oauth?.tokens ?? new Map(),
        failures: this.#failures,
        now: this.#now(),
      })
      const session: SnowflakeSession = {
        ...{
          id: 7_000 + this.signIns.length,
          user,
          account,
          role,
          token: token('session'),
          masterToken: token('master'),
        },
        ...{ secondaryRoles: account.secondaryRoles ?? 'NONE', expired: false },
        // What is not there is no reason to let nobody in.
        warehouse: this.#ifThere(asked.get('warehouse'), this.#account.warehouses),
        database: this.#ifThere(asked.get('databaseName'), this.#account.databases),
        schema: null,
        parameters: new Map(
          Object.entries(data.SESSION_PARAMETERS ?? {}).map(([name, value]) => [name, String(value)]),
        ),
      }
      const schemas = this.#account.databases[session.database ?? ''] ?? {}
      session.schema = this.#ifThere(asked.get('schemaName') ?? (session.database === null ? null : 'PUBLIC'), schemas)
      this.#sessions.push(session)
      this.signIns.push({ ...attempt, succeeded: true })
      return succeeded(this.#opened(session))
    } catch (error) {
      this.signIns.push({ ...attempt, succeeded: false })
      throw error
    }
  }

  #ifThere(name: string | null, known: object): string | null {
    const meant = name === null ? '' : identifier(name)
    return Object.hasOwn(known, meant) ? meant : null
  }

  #opened(session: SnowflakeSession): object {
    return {
      ...{ masterToken: session.masterToken, token: session.token, validityInSeconds: 3600 },
      ...{ masterValidityInSeconds: 14_400, displayUserName: session.user, serverVersion: this.#account.version },
      ...{ firstLogin: false, remMeToken: null, remMeValidityInSeconds: 0, healthCheckInterval: 45 },
      ...{ newClientForUpgrade: null, sessionId: session.id, idToken: null, mfaToken: null, responseData: null },
      parameters: parametersOf(session),
      sessionInfo: {
        ...{ databaseName: session.database, schemaName: session.schema },
        ...{ warehouseName: session.warehouse, roleName: session.role },
      },
    }
  }

  #sessionOf({ headers }: SnowflakeRequest): SnowflakeSession {
    const [, given] = /^Snowflake Token="(.*)"$/.exec(headers.authorization ?? '') ?? []
    const session = this.#sessions.find(each => each.token === given)
    if (!session) throw invalidSession()
    if (session.expired) {
      throw new SnowflakeRefusalError('390112', 'Your session has expired. Please login again.', '08001')
    }
    return session
  }

  #renew({ headers, body }: SnowflakeRequest): SnowflakeAnswer {
    const [, master] = /^Snowflake Token="(.*)"$/.exec(headers.authorization ?? '') ?? []
    const session = this.#sessions.find(each => each.masterToken === master && each.token === body['oldSessionToken'])
    if (!session) throw invalidSession()
    if (this.#options.renews === false) {
      const words = 'Authentication token has expired.  The user must authenticate again.'
      throw new SnowflakeRefusalError('390114', words, '08001')
    }
    this.renewals += 1
    session.token = token('session')
    session.expired = false
    return succeeded({
      ...{ sessionToken: session.token, masterToken: session.masterToken, sessionId: session.id },
      ...{ validityInSecondsST: 3600, validityInSecondsMT: 14_400 },
    })
  }

  async #query(request: SnowflakeRequest): Promise<SnowflakeAnswer> {
    const session = this.#sessionOf(request)
    const used = (this.#queriesOf.get(session.token) ?? 0) + 1
    this.#queriesOf.set(session.token, used)
    if (used >= (this.#options.queriesPerToken ?? Number.POSITIVE_INFINITY)) session.expired = true
    const requestId = new URL(request.path, this.url).searchParams.get('requestId') ?? ''
    // Whoever asks again for want of an answer does not run it again.
    const earlier = this.queries.find(each => each.requestId === requestId)
    const query = earlier ?? this.#started(request, session, requestId)
    const takes = this.#takes.get(query)
    if (takes?.how === 'WITHIN') this.held += 1
    if (takes?.how !== 'APART') await query.settled()
    return this.#told(query)
  }

  #started(request: SnowflakeRequest, session: SnowflakeSession, requestId: string): SnowflakeQuery {
    const { body, sql } = request
    const parameters = (body['parameters'] ?? {}) as Readonly<Record<string, unknown>>
    const describeOnly = body['describeOnly'] === true
    const query = new SnowflakeQuery({ requestId, sql, session, describeOnly, parameters })
    this.queries.push(query)
    this.#polls.set(query, 0)
    const takes = describeOnly ? undefined : this.#options.takes?.(sql, request)
    if (takes) {
      this.#takes.set(query, takes)
      this.#stopInTime(query)
    } else this.#run(query)
    return query
  }

  /** Statements have a time limit, which the session or the statement itself may set. */
  #stopInTime(query: SnowflakeQuery): void {
    const name = 'STATEMENT_TIMEOUT_IN_SECONDS'
    const seconds = Number(query.parameters[name] ?? query.session.parameters.get(name) ?? 172_800)
    if (seconds > 86_400) return
    setTimeout(() => query.end({ refusal: refusals.timedOut(seconds) }), seconds * 1_000).unref()
  }

  #run(query: SnowflakeQuery): void {
    try {
      const planned = this.#options.statements?.(query.sql)
      if (planned instanceof SnowflakeRefusalError) throw planned
      const outcome = planned ?? this.#outcome(query)
      if (!query.describeOnly) {
        if (outcome.needsWarehouse) this.#wakeWarehouse(query.session)
        outcome.effect?.()
      }
      query.end({ outcome })
    } catch (error) {
      if (!(error instanceof SnowflakeRefusalError)) throw error
      query.end({ refusal: error })
    }
  }

  #outcome({ sql, session }: SnowflakeQuery): SnowflakeOutcome {
    return outcomeOf(sql, {
      account: this.#account,
      session,
      warehouses: this.warehouses,
      allowlist: this.#options.allowlist ?? this.#allowlist,
      changed: statement => this.changes.push(statement),
    })
  }

  get #allowlist(): string {
    const { storage } = this.#options
    return JSON.stringify([
      { type: 'SNOWFLAKE_DEPLOYMENT', host: 'myorg-patchbay.snowflakecomputing.com', port: 443 },
      ...(storage ? [{ type: 'STAGE', host: storage.host, port: storage.port }] : []),
      { type: 'OCSP_CACHE', host: 'ocsp.snowflakecomputing.com', port: 80 },
    ])
  }

  #wakeWarehouse({ warehouse: name }: SnowflakeSession): void {
    const warehouse = this.warehouses.get(name ?? '')
    if (name === null || !warehouse) throw refusals.noWarehouse()
    if (warehouse.state === 'STARTED') return
    const { autoResume = true, exhaustedBy } = this.#account.warehouses[name] ?? {}
    if (exhaustedBy !== undefined) throw refusals.quotaExceeded(name, exhaustedBy)
    if (!autoResume) throw refusals.noWarehouse()
    warehouse.state = 'STARTED'
    this.resumed.push(name)
  }

  #told(query: SnowflakeQuery): SnowflakeAnswer {
    const { ending } = query
    if (!ending) {
      const running = { queryId: query.id, getResultUrl: `/queries/${query.id}/result`, queryAbortsAfterSecs: 300 }
      const isFirst = this.#polls.get(query) === 0
      const words = 'Query execution in progress.'
      return isFirst
        ? succeeded({ ...running, progressDesc: null }, '333334', 'Asynchronous execution in progress.')
        : succeeded({ ...running, progressDesc: null }, '333333', words)
    }
    if ('refusal' in ending) return refused(ending.refusal, query.id)
    const { storage, inlineRows = 1_000, chunkRows = 1_000 } = this.#options
    return succeeded(resultOf(query, ending.outcome, { storage, inlineRows, chunkRows }))
  }

  async #result(request: SnowflakeRequest): Promise<SnowflakeAnswer> {
    this.#sessionOf(request)
    const query = this.#queryWith(request)
    if (!query) throw new SnowflakeRefusalError('000709', 'Statement not found', '02000')
    await query.settled(longPollMs)
    const polls = (this.#polls.get(query) ?? 0) + 1
    this.#polls.set(query, polls)
    const takes = this.#takes.get(query)
    if (query.isRunning && takes?.polls !== undefined && polls >= takes.polls) this.#run(query)
    return this.#told(query)
  }

  #abort(request: SnowflakeRequest): SnowflakeAnswer {
    this.#sessionOf(request)
    const query = this.#queryWith(request) ?? this.queries.find(each => each.requestId === request.body['requestId'])
    if (!query?.isRunning) {
      throw new SnowflakeRefusalError('000605', 'Identified SQL statement is not currently executing.', '02000')
    }
    query.end({ refusal: refusals.cancelled() })
    this.aborted.push(query.id)
    return succeeded(null)
  }

  #queryWith({ path }: SnowflakeRequest): SnowflakeQuery | undefined {
    const [, id] = /^\/queries\/([^/?]+)\//.exec(path) ?? []
    return this.queries.find(each => each.id === id)
  }

  #now(): number {
    return Date.now() + (this.#options.skewMs ?? 0)
  }
}

const calls: readonly (readonly [RegExp, SnowflakeCall])[] = [
  [/^\/session\/v1\/login-request\b/, 'signIn'],
  [/^\/oauth\/token-request\b/, 'token'],
  [/^\/session\/token-request\b/, 'renew'],
  [/^\/queries\/v1\/query-request\b/, 'query'],
  [/^\/queries\/[^/]+\/result\b/, 'result'],
  [/^\/queries\/[^/]+\/abort-request\b/, 'abort'],
  [/^\/session\?(?:.*&)?delete=true\b/, 'close'],
  [/^\/session\/heartbeat\b/, 'heartbeat'],
  [/^\/telemetry\//, 'telemetry'],
  [/^\/monitoring\//, 'monitoring'],
]

const callOf = (path: string): SnowflakeCall => calls.find(([pattern]) => pattern.test(path))?.[1] ?? 'other'

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  // The vendor's own driver compresses without saying so, or says so without compressing.
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString()
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

function send(response: ServerResponse, { headers }: IncomingMessage, answer: unknown): void {
  const text = JSON.stringify(answer)
  const isCompressed = /\bgzip\b/.test(headers['accept-encoding'] ?? '') && text.length > 500
  response.writeHead(200, { 'content-type': 'application/json', ...(isCompressed && { 'content-encoding': 'gzip' }) })
  response.end(isCompressed ? gzipSync(text) : text)
}
