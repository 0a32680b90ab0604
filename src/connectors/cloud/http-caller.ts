import { buildConnector, type Dispatcher, Pool } from 'undici'
import type { StepReport } from '../connection-test.ts'
import { failed } from '../define.ts'
import type { JsonValue } from '../json.ts'
import { type Problem, problem } from '../problem.ts'
import { ByteLimitError } from '../session/protocol-fault.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { brokenCallProblem } from './broken-call.ts'
import { endpointUrl } from './endpoint.ts'
import type { EndpointSteps } from './endpoint-steps.ts'
import { pinnedConnection } from './pinned-agents.ts'

export interface HttpCallerOptions {
  /** The way to the endpoint; its steps must have passed before anything is asked. */
  readonly endpoint: EndpointSteps
  /** What is expected to answer, in words: `BigQuery`. */
  readonly expected: string
  /** The form fields that decide which endpoint it is. */
  readonly fields: readonly string[]
}

export interface HttpQuestion {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With its query, from the slash on. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** A body as JSON. */
  readonly json?: JsonValue
  /** A body as a form. */
  readonly form?: Readonly<Record<string, string>>
  /** A body of another kind. */
  readonly bytes?: { readonly type: string; readonly data: Buffer }
  readonly signal: AbortSignal
  /** What this one call may take, with its answer. */
  readonly budgetMs: number
  /** Of the answer's body; 1 MiB when it is not given. */
  readonly maxBytes?: number
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case; of several with one name the first. */
  readonly headers: Readonly<Record<string, string>>
  /** The body. Undefined where it is none in JSON, which only answers that tell of a failure of the server may be. */
  readonly json: unknown
}

/** An answer that need not be JSON. */
export interface RawAnswer extends Omit<HttpAnswer, 'json'> {
  readonly body: Buffer
}

/** A call that came to no answer, or to one that no such service gives. */
export class HttpCallError extends Error {
  readonly problem: Problem
  /** Of an answer that came, and was none of the service's; null where none came. */
  readonly status: number | null

  constructor(found: Problem, cause: unknown = null, status: number | null = null) {
    super(found.message, { cause })
    this.name = 'HttpCallError'
    this.problem = found
    this.status = status
  }

  get report(): StepReport & { readonly problem: Problem } {
    return { ...failed(this.problem), problem: this.problem }
  }
}

const usualAnswerBytes = 1_048_576
/** A header of no service is longer. */
const maxHeaderBytes = 32_768
/** A socket that says nothing for so long is given up, whatever the calls on it may take. */
const idleMs = 120_000

/**
 * A service that speaks HTTP and JSON, as a run calls it: at the address that was checked, once each time, within a budget
 * and a size. Nothing is followed anywhere else, nothing is tried twice, nothing is unpacked. undici, and not `fetch`, which
 * follows redirects, unpacks without a limit and hides what went wrong.
 */
export class HttpCaller {
  readonly #options: HttpCallerOptions
  #pool: Pool | null = null
  #underWay = 0
  #isClosed = false
  #skewMs: number | null = null
  /** How TLS ended on one of the connections, if it has. */
  #tlsError: Error | null = null

  constructor(options: HttpCallerOptions) {
    this.#options = options
  }

  /** The endpoint's name. */
  get name(): string {
    return this.#params.service
  }

  /** The service's clock minus ours in milliseconds, as of its last answer; null before the first. */
  get clockSkewMs(): number | null {
    return this.#skewMs
  }

  /** Throws `HttpCallError`, and the signal's reason when that aborts. Whatever the status: its meaning is the caller's. */
  async ask(question: HttpQuestion): Promise<HttpAnswer> {
    const { status, headers, body } = await this.exchange(question)
    return { status, headers, json: this.#parse(body.toString(), status) }
  }

  /** As `ask`, for services that do not speak JSON. What is too long is told with a `ByteLimitError` as its cause. */
  async exchange(question: HttpQuestion): Promise<RawAnswer> {
    const { signal, budgetMs } = question
    signal.throwIfAborted()
    const pool = this.#open()
    const budget = AbortSignal.timeout(Math.max(1, Math.ceil(budgetMs)))
    const stop = AbortSignal.any([signal, budget])
    this.#underWay += 1
    try {
      return await untilAborted(this.#send(pool, question, stop), stop)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof HttpCallError) throw error
      throw new HttpCallError(budget.aborted ? this.#late(budgetMs) : this.#broken(error), error)
    } finally {
      this.#underWay -= 1
      // undici dials anew after a request that was ended, although nobody asks any more.
      if (stop.aborted && this.#underWay === 0) this.#hangUp()
    }
  }

  /** An answer that is not what was asked for. `fault` completes "does not keep to the protocol: ". */
  violation(fault: string, cause: unknown = null): HttpCallError {
    const broken = problem('PROTOCOL_VIOLATION', { params: { ...this.#params, fault }, fields: this.fields })
    return new HttpCallError(broken, cause)
  }

  /** An answer of another kind of server. `found` completes "it looks like ". */
  foreign(found: string, status: number): HttpCallError {
    const foreign = problem('WRONG_PROTOCOL', { params: { ...this.#params, found }, fields: this.fields })
    return new HttpCallError(foreign, null, status)
  }

  /** Ends what is still being asked. Nothing can be asked any more. */
  close(): void {
    this.#isClosed = true
    this.#hangUp()
  }

  #hangUp(): void {
    // Its promise waits for connections to be gone; nobody has to.
    this.#pool?.destroy().catch(() => {})
    this.#pool = null
  }

  async #send(pool: Pool, question: HttpQuestion, signal: AbortSignal): Promise<RawAnswer> {
    const { method, path, headers, json, form, bytes, maxBytes } = question
    const answer = await pool.request({
      method,
      path,
      signal,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'patchbay',
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(bytes !== undefined && { 'content-type': bytes.type }),
        ...headers,
      },
      body: bodyOf(question),
    })
    return this.#read(answer, maxBytes ?? usualAnswerBytes)
  }

  async #read({ statusCode, headers: given, body }: Dispatcher.ResponseData, maxBytes: number): Promise<RawAnswer> {
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? (value[0] ?? '') : (value ?? '')]),
    )
    const date = Date.parse(headers['date'] ?? '')
    if (!Number.isNaN(date)) this.#skewMs = date - Date.now()
    const fail = (error: HttpCallError): never => {
      body.on('error', () => {}).destroy()
      throw error
    }
    if (statusCode >= 300 && statusCode < 400) fail(this.foreign(`a redirect (HTTP ${statusCode})`, statusCode))
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
      fail(this.violation('its answer is packed, which nobody asked for'))
    }
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > maxBytes) fail(this.violation('its answer has no end', new ByteLimitError(maxBytes)))
      chunks.push(chunk)
    }
    return { status: statusCode, headers, body: Buffer.concat(chunks) }
  }

  /** Servers in front of a service that is ill say so in words of their own: those are no JSON. */
  #parse(text: string, status: number): unknown {
    if (text === '') return undefined
    try {
      return JSON.parse(text)
    } catch {
      if (status >= 500 || status === 429) return undefined
      const found = /^\s*</.test(text) ? `a web page (HTTP ${status})` : `something else (HTTP ${status})`
      throw this.foreign(found, status)
    }
  }

  #open(): Pool {
    // Whoever asks once more because of the end would open connections that nobody closes.
    if (this.#isClosed) throw new Error('It has been closed.')
    const { endpoint } = this.#options
    this.#pool ??= new Pool(endpointUrl(endpoint.endpoint), {
      connections: 4,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: idleMs,
      bodyTimeout: idleMs,
      connect: this.#connector(),
    })
    return this.#pool
  }

  /** A server that ends TLS says why, and then hangs up: of the two the client keeps the second. */
  #connector(): buildConnector.connector {
    const { endpoint } = this.#options
    const connect = buildConnector({ ...pinnedConnection(endpoint), timeout: idleMs, autoSelectFamily: false })
    return (options, done) =>
      connect(options, (...told) => {
        told[1]?.prependListener('error', (error: NodeJS.ErrnoException) => {
          if (error.code?.startsWith('ERR_SSL_')) this.#tlsError = error
        })
        done(...told)
      })
  }

  /** The form fields that decide which endpoint it is. */
  get fields(): readonly string[] {
    return this.#options.fields
  }

  get #params() {
    const { endpoint, expected } = this.#options
    const { host, port, name: service } = endpoint.endpoint
    return { host, port, expected, service }
  }

  #late(budgetMs: number): Problem {
    const seconds = Math.round(budgetMs / 100) / 10
    return problem('CLOUD_TIMED_OUT', { params: { service: this.#params.service, seconds } })
  }

  #broken(error: unknown): Problem {
    const { endpoint, expected } = this.#options
    const cause = this.#tlsError ?? (error instanceof Error ? error : new Error(String(error)))
    return brokenCallProblem(cause, { endpoint: endpoint.endpoint, expected, fields: this.fields })
  }
}

function bodyOf({ json, form, bytes }: HttpQuestion): string | Buffer | null {
  if (bytes !== undefined) return bytes.data
  if (json !== undefined) return JSON.stringify(json)
  return form === undefined ? null : new URLSearchParams(form).toString()
}
