import { setTimeout as delay } from 'node:timers/promises'
import { type HttpAnswer, HttpCallError, type HttpCaller } from '../cloud/http-caller.ts'
import type { JsonValue } from '../json.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { AnswerFaultError, type Envelope, type ResultAnswer, readEnvelope, readResult, refusalOf } from './answers.ts'
import { SnowflakeRefusalError } from './refusal.ts'

/** A request as the driver makes it. */
export interface DriverRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: JsonValue
  /** Added to the URL. */
  readonly params?: Readonly<Record<string, string>>
  readonly callback?: (error: unknown, response: DriverResponse | null, body: unknown) => unknown
}

interface DriverResponse {
  readonly statusCode: number
  readonly statusMessage: string
  readonly body: string
  readonly getResponseHeader: (name: string) => string | undefined
}

/** What one call to the driver may take. */
export interface ExchangeLimits {
  readonly signal: AbortSignal
  /** `performance.now()` at which it is over. */
  readonly until: number
}

export interface DriverHttpOptions {
  readonly caller: HttpCaller
  /** With which the driver begins the URLs of its requests. */
  readonly origin: string
  readonly userAgent: string
  /** Told of tokens that come and go. */
  readonly onSecret: (secret: string) => void
}

/** One call to the driver, with all the requests that it makes for it. */
interface Exchange {
  readonly stop: AbortSignal
  readonly until: number
  polls: number
  renewals: number
  result: ResultAnswer | null
  /** The last that Snowflake refused, or what broke on the way. */
  failure: unknown
  readonly fail: (error: unknown) => void
  /** Ends what is still being asked. */
  readonly end: () => void
}

/** The only requests that are ever sent. Heartbeats and telemetry are none of them. */
const requests: readonly (readonly [method: string, path: RegExp, kind: 'SIGN_IN' | 'TOKEN' | 'RESULT' | 'OTHER'])[] = [
  ['POST', /^\/session\/v1\/login-request\?/, 'SIGN_IN'],
  ['POST', /^\/session\/token-request(?:\?|$)/, 'TOKEN'],
  ['POST', /^\/queries\/v1\/query-request\?/, 'RESULT'],
  ['GET', /^\/queries\/[\w-]{1,100}\/result(?:\?|$)/, 'RESULT'],
  ['POST', /^\/queries\/(?:v1|[\w-]{1,100})\/abort-request(?:\?|$)/, 'OTHER'],
  ['POST', /^\/session\?delete=true/, 'OTHER'],
]

/** Answers to questions about results. Rows beyond the first of a large result come from elsewhere. */
const maxAnswerBytes = 48 * 1_048_576
/** Snowflake holds such a question for most of a minute. One that does not is not asked without a pause. */
const firstPollPauseMs = 50
const maxPollPauseMs = 2_000

/** The driver asks for a new token whenever the old one has expired, and would do so for ever. */
const maxRenewals = 3
const maxTokenLength = 65_536

/** In progress. */
const runningCodes: readonly string[] = ['333333', '333334']

/** For the session, from its beginning on. */
const sessionParameters = {
  QUERY_TAG: 'patchbay',
  // Where this process dies, its statement goes with it.
  ABORT_DETACHED_QUERY: true,
  STRICT_JSON_OUTPUT: true,
  // The least there can be, in megabytes.
  CLIENT_RESULT_CHUNK_SIZE: 48,
  CLIENT_SESSION_KEEP_ALIVE: false,
} as const

/**
 * The HTTP client that the driver is given in the place of its own. It asks the one host whose address has been checked,
 * only what is known, within the time of the call that it is for; follows nothing, tries nothing twice and unpacks
 * nothing. Of answers the driver gets what it needs to go on: parameters with which a server would turn on heartbeats or
 * telemetry, and rows, never reach it.
 */
export class DriverHttp {
  readonly #caller: HttpCaller
  readonly #origin: string
  readonly #userAgent: string
  readonly #onSecret: (secret: string) => void
  #current: Exchange | null = null
  /** A token was to be renewed, and the driver will never hear of it: it keeps everything for after that. */
  #isLost = false

  constructor({ caller, origin, userAgent, onSecret }: DriverHttpOptions) {
    this.#caller = caller
    this.#origin = origin
    this.#userAgent = userAgent
    this.#onSecret = onSecret
  }

  /**
   * Makes one call to the driver and waits until it is done; the requests of the call end with it. Answers the result that
   * came meanwhile, if one did. Throws `SnowflakeRefusalError` and `HttpCallError`, and the signal's reason when that aborts.
   */
  async exchange(
    { signal, until }: ExchangeLimits,
    call: (done: (error: unknown) => void) => void,
  ): Promise<ResultAnswer | null> {
    signal.throwIfAborted()
    this.abandon()
    if (this.#isLost) throw sessionEnded()
    const ended = new AbortController()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const exchange: Exchange = {
      stop: AbortSignal.any([signal, ended.signal]),
      until,
      polls: 0,
      renewals: 0,
      result: null,
      failure: null,
      fail: reject,
      end: () => ended.abort(),
    }
    this.#current = exchange
    try {
      call(error => (error ? reject(exchange.failure ?? ofDriver(error)) : resolve()))
      await untilAborted(promise, signal)
      return exchange.result
    } finally {
      exchange.end()
      if (this.#current === exchange) this.#current = null
    }
  }

  /** Ends a call that is under way: nobody waits for it any more. */
  abandon(): void {
    this.#current?.end()
    this.#current?.fail(new Error('Something else was asked meanwhile.'))
    this.#current = null
  }

  /** Called by the driver. */
  request(request: DriverRequest): { readonly abort: () => void } {
    const exchange = this.#current
    // Of its own accord it has nothing to ask.
    if (exchange) void this.#serve(request, exchange)
    return { abort: () => {} }
  }

  /** What the driver does with an answer may go wrong, and nobody waits for it there. */
  async #serve(request: DriverRequest, exchange: Exchange): Promise<void> {
    try {
      const { error, response, body } = await this.#outcome(request, exchange)
      // The driver would take that for a moment's weakness, and ask the same again at once, for a new token too, for ever.
      const isLost = isRenewal(request) && (error !== null || exchange.stop.aborted)
      this.#isLost ||= isLost
      if (exchange.stop.aborted) return
      if (isLost) throw error
      await request.callback?.(error, response, body)
    } catch (error) {
      exchange.fail(exchange.failure ?? error)
    }
  }

  async #outcome(request: DriverRequest, exchange: Exchange) {
    try {
      const { answer, body } = await this.#ask(request, exchange)
      return { error: null, response: responseOf(answer), body }
    } catch (error) {
      exchange.failure = error instanceof AnswerFaultError ? this.#caller.violation(error.fault) : error
      // It writes what it is given into its log, whoever reads that.
      return { error: new Error('The request failed.'), response: null, body: null }
    }
  }

  async #ask(request: DriverRequest, exchange: Exchange): Promise<{ answer: HttpAnswer; body: unknown }> {
    const path = this.#pathOf(request)
    const { method, headers = {}, json } = request
    const kind = requests.find(([known, pattern]) => known === method && pattern.test(path))?.[2]
    if (!kind) throw this.#caller.violation('it has the client ask for something else')
    if (method === 'GET') await pause(exchange)
    if (kind === 'TOKEN') {
      exchange.renewals += 1
      if (exchange.renewals > maxRenewals)
        throw this.#caller.violation('its tokens are of no use as soon as they are given')
    }
    const answer = await this.#caller.ask({
      method: method as 'GET' | 'POST',
      path,
      headers: { ...headers, 'user-agent': this.#userAgent },
      ...(json !== undefined && { json: kind === 'SIGN_IN' ? this.#signInBody(json) : json }),
      signal: exchange.stop,
      budgetMs: exchange.until - performance.now(),
      maxBytes: maxAnswerBytes,
    })
    return { answer, body: this.#read(answer, kind, exchange) }
  }

  #pathOf({ url, params = {} }: DriverRequest): string {
    if (!URL.canParse(url)) throw this.#caller.violation('it sends the client nowhere')
    const { origin, username, pathname, searchParams } = new URL(url)
    // Where to ask for a result Snowflake says itself.
    if (origin !== this.#origin || username !== '') throw this.#caller.violation('it sends the client elsewhere')
    for (const [name, value] of Object.entries(params)) searchParams.set(name, value)
    const query = searchParams.toString()
    return query === '' ? pathname : `${pathname}?${query}`
  }

  /** Without what the driver tells about the machine that it runs on, and with parameters of our own. */
  #signInBody(json: JsonValue): JsonValue {
    const { data } = json as { readonly data: Readonly<Record<string, JsonValue>> }
    for (const secret of [data['TOKEN'], data['PASSWORD']]) if (typeof secret === 'string') this.#onSecret(secret)
    const { CLIENT_APP_ID = '', CLIENT_APP_VERSION = '' } = data
    return {
      data: {
        ...data,
        CLIENT_APP_ID,
        CLIENT_APP_VERSION,
        CLIENT_ENVIRONMENT: { APPLICATION: 'patchbay' },
        SESSION_PARAMETERS: sessionParameters,
      },
    }
  }

  /** What the driver is told. */
  #read(answer: HttpAnswer, kind: (typeof requests)[number][2], exchange: Exchange): unknown {
    if (answer.status !== 200) {
      const said = envelopeIfAny(answer.json)
      exchange.failure = said
        ? refusalOf(said, answer.status)
        : new SnowflakeRefusalError({ status: answer.status, message: `HTTP ${answer.status}` })
      return answer.json ?? null
    }
    const envelope = readEnvelope(answer.json)
    const { success, code, message } = envelope
    if (!success) {
      exchange.failure = refusalOf(envelope, answer.status)
      return { success, code, message, data: {} }
    }
    return { success, code, message, data: this.#told(envelope, kind, exchange) }
  }

  #told({ code, data }: Envelope, kind: (typeof requests)[number][2], exchange: Exchange): object {
    if (kind === 'SIGN_IN' || kind === 'TOKEN') return this.#tokens(data)
    if (kind === 'OTHER') return {}
    const { queryId } = data
    if (runningCodes.includes(code)) {
      if (typeof queryId !== 'string' || !/^[\w-]{1,100}$/.test(queryId)) {
        throw new AnswerFaultError('its answer does not say which query is running')
      }
      return { queryId, getResultUrl: `/queries/${queryId}/result` }
    }
    exchange.result = readResult(data)
    return {
      queryId: exchange.result.queryId,
      rowtype: [],
      rowset: [],
      parameters: [],
      total: 0,
      returned: 0,
      version: 1,
    }
  }

  #tokens(data: Envelope['data']): object {
    const token = data['token'] ?? data['sessionToken']
    const { masterToken } = data
    if (typeof token !== 'string' || token === '' || token.length > maxTokenLength) {
      throw new AnswerFaultError('its answer has no session token')
    }
    this.#onSecret(token)
    if (typeof masterToken === 'string' && masterToken.length <= maxTokenLength) this.#onSecret(masterToken)
    const seconds = (value: unknown) => (typeof value === 'number' && value > 0 ? value : 3_600)
    return {
      token,
      masterToken: masterToken ?? token,
      validityInSeconds: seconds(data['validityInSeconds'] ?? data['validityInSecondsST']),
      masterValidityInSeconds: seconds(data['masterValidityInSeconds'] ?? data['validityInSecondsMT']),
      sessionId: 0,
      parameters: [],
    }
  }
}

const envelopeIfAny = (json: unknown): Envelope | null => {
  try {
    return readEnvelope(json)
  } catch (error) {
    if (error instanceof AnswerFaultError) return null
    throw error
  }
}

const responseOf = ({ status, headers, json }: HttpAnswer): DriverResponse => ({
  statusCode: status,
  statusMessage: '',
  body: status === 200 ? '' : JSON.stringify(json ?? null),
  getResponseHeader: name => headers[name.toLowerCase()],
})

async function pause(exchange: Exchange): Promise<void> {
  const { polls, stop, until } = exchange
  exchange.polls += 1
  const pauseMs = Math.min(maxPollPauseMs, firstPollPauseMs * 1.5 ** Math.min(polls, 20), until - performance.now())
  if (pauseMs > 0) await delay(pauseMs, undefined, { signal: stop }).catch(() => stop.throwIfAborted())
}

const isRenewal = ({ url }: DriverRequest): boolean => url.includes('/session/token-request')

/** Whether the error came of a request, and not of a bug. */
export const isOfRequest = (error: unknown): error is SnowflakeRefusalError | HttpCallError =>
  error instanceof SnowflakeRefusalError || error instanceof HttpCallError

/** What the driver says of itself once it has given up the session. */
const ofDriver = (error: unknown): unknown =>
  error instanceof Error && String((error as { code?: unknown }).code) === '407002' ? sessionEnded() : error

const sessionEnded = () => new SnowflakeRefusalError({ code: '390111', message: 'The session has ended.' })
