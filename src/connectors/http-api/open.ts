import type { Socket } from 'node:net'
import { type buildConnector, Client } from 'undici'
import type { TlsConfig } from '../blocks/tls.ts'
import { brokenCallProblem } from '../cloud/broken-call.ts'
import { endpointUrl } from '../cloud/endpoint.ts'
import type { StepKey, StepReport } from '../connection-test.ts'
import { defaultBudgetsMs, failed, type NetworkSettings, type StepContext, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { extraAuthorities } from '../network/authorities.ts'
import { connectToAny } from '../network/connect.ts'
import { handshakeProblem } from '../network/handshake-problem.ts'
import { canonicalHost } from '../network/host-name.ts'
import { connectProblem, NetworkSteps } from '../network/network-steps.ts'
import { secureReport } from '../network/secure-report.ts'
import { encrypt, type TlsOptions } from '../network/tls.ts'
import { type Problem, problem } from '../problem.ts'
import { stepTimedOut } from '../session/step-timed-out.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { ApiError } from './api-error.ts'

type Context = Pick<StepContext, 'signal' | 'budgetMs'>

/** Scheme, host and port: what a request's credentials are for. */
export interface Origin {
  readonly host: string
  readonly port: number
  readonly encrypted: boolean
}

export interface HttpOriginOptions {
  readonly origin: Origin
  readonly tls: TlsConfig
  readonly network: NetworkSettings
  /** Milliseconds for CONNECT. */
  readonly connectBudgetMs: number
  /** The form fields that decide where it is; none for where an API has sent us on to. */
  readonly fields: readonly string[]
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** With its query, from the slash on. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly signal: AbortSignal
}

/** An answer whose body has not been read yet: it must be read to its end, given up within, or discarded. */
export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: AsyncIterable<Buffer>
  /** Cuts the connection, unless all of it has come. */
  discard(): void
}

/** All headers of an answer together: much more than any API sends, and little enough to be looked at. */
const maxHeaderBytes = 32_768
/** Silence is judged by whoever asks. */
const noTimeout = 0

/**
 * One server that is asked over HTTP: the steps of the way to it, and the client that goes that way. undici is given
 * sockets and makes none: each is connected to the address that EGRESS let through and judged as in SECURE, before
 * anything is sent on it. The first is the one that the steps were measured on. undici, and not `fetch`: that one follows
 * redirects, unpacks without a limit and hides what went wrong.
 */
export class HttpOrigin {
  readonly #options: HttpOriginOptions
  readonly #steps: NetworkSteps
  readonly #closed = new AbortController()
  #client: Client | null = null
  #first: Socket | null = null
  /** How TLS ended on one of the connections, if it has. */
  #tlsError: Error | null = null

  constructor(options: HttpOriginOptions) {
    this.#options = options
    this.#steps = new NetworkSteps(options.origin, options.network, {
      fields: { host: 'host', port: 'port' },
      purpose: 'DATA_SOURCE',
    })
  }

  readonly steps = {
    RESOLVE: async (context: Context): Promise<StepReport> => this.#aboutForm(await this.#steps.resolve(context)),
    EGRESS: async (context: Context): Promise<StepReport> => this.#aboutForm(await this.#steps.checkEgress(context)),
    CONNECT: async (context: Context): Promise<StepReport> => this.#aboutForm(await this.#steps.connect(context)),
    SECURE: async ({ signal }: Context): Promise<StepReport> => {
      const { socket } = this.#steps.connection
      const { report, secured } = await this.#secure(socket, signal)
      this.#first = secured
      return this.#aboutForm(report)
    },
  }

  /** The problem of a step that used up its budget. */
  timedOut(key: StepKey, seconds: number): Problem {
    const found =
      key === 'RESOLVE' || key === 'CONNECT'
        ? this.#steps.timedOut(key, seconds)
        : stepTimedOut(key, seconds, this.#options.origin)
    return this.#problemAboutForm(found)
  }

  budgetMs(key: StepKey): number {
    return key === 'CONNECT' ? this.#options.connectBudgetMs : defaultBudgetsMs[key]
  }

  /** Sends one request, once. Its steps must have passed. Throws `ApiError`, and the signal's reason when that aborts. */
  async send({ method, path, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    signal.throwIfAborted()
    try {
      const answer = await untilAborted(this.#open().request({ method, path, headers, body, signal }), signal)
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: this.#read(answer.body as AsyncIterable<Buffer>, signal),
        discard: () => {
          answer.body.on('error', () => {}).destroy()
        },
      }
    } catch (error) {
      throw this.#broken(error, signal)
    }
  }

  /** Ends what is still being asked. Nothing can be asked any more. */
  close(): void {
    this.#closed.abort(new Error('It has been closed.'))
    // Its promise waits for connections to be gone; nobody has to.
    this.#client?.destroy().catch(() => {})
    this.#client = null
    this.#first?.destroy()
    this.#steps.close()
  }

  async *#read(body: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
    try {
      yield* body
    } catch (error) {
      throw this.#broken(error, signal)
    }
  }

  #open(): Client {
    this.#closed.signal.throwIfAborted()
    this.#client ??= new Client(endpointUrl(this.#options.origin), {
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: noTimeout,
      bodyTimeout: noTimeout,
      connect: this.#connector(),
    })
    return this.#client
  }

  #connector(): buildConnector.connector {
    return (_options, done) => {
      this.#socket().then(
        socket => done(null, socket),
        (error: Error) => done(error, null),
      )
    }
  }

  /** The one that the steps have left, and then new ones like it. */
  async #socket(): Promise<Socket> {
    const first = this.#first
    this.#first = null
    if (first && !first.destroyed && !first.readableEnded) return first
    // It was ended for a reason that would end the next one too.
    if (first && this.#tlsError) throw this.#tlsError
    const { origin, connectBudgetMs } = this.#options
    const { host, port } = origin
    const { address } = this.#steps.connection
    const signal = this.#closed.signal
    const connection = await connectToAny([address], { port, signal, deadlineMs: connectBudgetMs })
    if (connection.kind === 'FAILED') {
      const params = { host, port, seconds: connectBudgetMs / 1_000 }
      throw new ApiError(this.#problemAboutForm(connectProblem(connection.codes, [address], params)))
    }
    connection.socket.on('error', () => {})
    const budget = AbortSignal.timeout(defaultBudgetsMs.SECURE)
    try {
      const { report, secured } = await this.#secure(connection.socket, AbortSignal.any([signal, budget]))
      if (secured) return secured
      throw new ApiError(this.#problemAboutForm(report.problem ?? problem('UNCLASSIFIED')))
    } catch (error) {
      connection.socket.destroy()
      signal.throwIfAborted()
      if (!budget.aborted) throw error
      throw new ApiError(this.timedOut('SECURE', defaultBudgetsMs.SECURE / 1_000))
    }
  }

  /** `secured`: null where nothing may be sent. */
  async #secure(plain: Socket, signal: AbortSignal): Promise<{ report: StepReport; secured: Socket | null }> {
    const { origin, tls, network, fields } = this.#options
    const { host, port, encrypted } = origin
    if (!encrypted) {
      const encryptedUrl = endpointUrl({ host, port: port === 80 ? 443 : port, encrypted: true }).replace(/:443$/, '')
      const detail = `The URL begins with http://. Where the API is encrypted too, it begins with ${encryptedUrl}.`
      return network.egress.allowUnencrypted
        ? {
            report: warning(problem('CONNECTION_NOT_ENCRYPTED', { fields, detail }), [
              measuredText('Encryption', 'none'),
            ]),
            secured: plain,
          }
        : { report: failed(problem('TLS_DISABLED_BY_POLICY', { fields, detail })), secured: null }
    }
    const name = canonicalHost(tls.serverName ?? host)
    const authorities = extraAuthorities(tls)
    const client = clientOf(tls)
    const outcome = await encrypt(plain, { name, extraAuthorities: authorities, client, signal })
    if (outcome.kind === 'FAILED') {
      return { report: failed(handshakeProblem(outcome.error, host, client !== null)), secured: null }
    }
    // A server that ends TLS says why, and then hangs up: of the two the client keeps the second. With TLS 1.3 it is only now
    // that it says whether it takes the client's certificate.
    outcome.socket.prependListener('error', (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith('ERR_SSL_')) this.#tlsError = error
    })
    const report = secureReport(outcome, { tls, name, extraAuthorities: authorities })
    if (report.status !== 'FAILED') return { report, secured: outcome.socket }
    outcome.socket.destroy()
    return { report, secured: null }
  }

  /** The problem of a request that did not come to its end. */
  #broken(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason
    if (error instanceof ApiError) return error
    const cause = this.#tlsError ?? (error instanceof Error ? error : new Error(String(error)))
    const { host, port } = this.#options.origin
    const endpoint = { ...this.#options.origin, name: `${host}:${port}`, setByOperator: false }
    const found = brokenCallProblem(cause, { endpoint, expected: 'HTTP', fields: this.#options.fields })
    const isTls = cause === this.#tlsError
    return new ApiError(isTls ? this.#problemAboutForm(handshakeProblem(cause, host, true)) : found, { cause: error })
  }

  #aboutForm(report: StepReport): StepReport {
    return report.problem ? { ...report, problem: this.#problemAboutForm(report.problem) } : report
  }

  /** The shared steps speak of a host and a port, for which this form has one field. */
  #problemAboutForm(found: Problem): Problem {
    const { fields } = this.#options
    const ours = found.fields.flatMap(field => (field === 'host' || field === 'port' ? fields : [field]))
    // Whoever an API sends us on to is none of the form's.
    return fields.length === 0
      ? { ...found, fields: [], remedies: found.remedies.filter(remedy => !('field' in remedy)) }
      : { ...found, fields: [...new Set(ours)] }
  }
}

function clientOf({ clientCertificate, clientKey, clientKeyPassphrase }: TlsConfig): TlsOptions['client'] {
  return clientCertificate === undefined || clientKey === undefined
    ? null
    : { certificate: clientCertificate, key: clientKey, passphrase: clientKeyPassphrase }
}
