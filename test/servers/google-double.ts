import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { sampleProjects } from './bigquery-data.ts'
import { BigQueryDouble, type BigQueryDoubleOptions } from './bigquery-double.ts'
import type { Certificate } from './certificates.ts'
import type { ServiceAccount } from './google-accounts.ts'
import {
  apiDisabled,
  cloudRefusal,
  GoogleRefusal,
  insufficientScopes,
  invalidCredentials,
  missingCredentials,
} from './google-refusals.ts'
import { GoogleRights, type Grant, isPermission } from './google-rights.ts'
import {
  type GoogleMethod,
  type GoogleRoute,
  type GoogleService,
  googleRoute,
  googleServices,
} from './google-routes.ts'
import { scopesOfMethod } from './google-scopes.ts'
import { GoogleSignIn } from './google-sign-in.ts'
import { type GoogleToken, GoogleTokens } from './google-tokens.ts'
import { HttpDouble } from './http-double.ts'
import { type HttpMisbehaviour, misbehave } from './http-misbehaviour.ts'

/** What is said in the place of an answer. `DO_AND_HANG` does what it is asked to, and says nothing. */
export type GoogleMisbehaviour = GoogleRefusal | HttpMisbehaviour | 'DO_AND_HANG'

/** A request as it came, whoever sent it. */
export interface GoogleRequest {
  readonly service: GoogleService
  readonly method: GoogleMethod
  readonly verb: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** JSON; empty for what is none. */
  readonly json: Readonly<Record<string, unknown>>
  /** E-mail address of whose token came with it. */
  readonly caller: string | undefined
  /** Which one for this method, from 1. */
  readonly nth: number
}

export interface GoogleDoubleOptions {
  readonly accounts?: readonly ServiceAccount[]
  readonly grants?: readonly Grant[]
  /** Accounts that were turned off, by e-mail address. */
  readonly disabledAccounts?: readonly string[]
  /** Keys that were deleted, by id. */
  readonly revokedKeys?: readonly string[]
  /** Services that are not turned on in the callers' projects. */
  readonly disabledApis?: readonly GoogleService[]
  /** What the tokens are that it hands out. */
  readonly newToken?: () => string
  /** How far its clock is ahead. */
  readonly skewMs?: number
  readonly bigquery?: BigQueryDoubleOptions
  readonly at?: {
    readonly [M in GoogleMethod]?: GoogleMisbehaviour | ((request: GoogleRequest) => GoogleMisbehaviour | undefined)
  }
  /** What becomes of a good answer before it is sent. */
  readonly changes?: { readonly [M in GoogleMethod]?: (answer: never, request: GoogleRequest) => unknown }
  /** It speaks TLS; `null` for plain HTTP. */
  readonly certificate: Certificate | null
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

class ServiceDouble extends HttpDouble {
  readonly #handler: Handler

  private constructor(certificate: Certificate | null, handler: Handler) {
    super(certificate ?? undefined)
    this.#handler = handler
  }

  static start(certificate: Certificate | null, handler: Handler): Promise<ServiceDouble> {
    return new ServiceDouble(certificate, handler).listen()
  }

  protected serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#handler(request, response)
  }
}

/**
 * The four services that a BigQuery connector asks, each at a port of its own: assertions, tokens, scopes, rights and clocks
 * are checked as Google's documentation says.
 */
export class GoogleDouble implements AsyncDisposable {
  readonly #options: GoogleDoubleOptions
  readonly #services = new Map<GoogleService, ServiceDouble>()
  readonly #counts = new Map<string, number>()
  readonly #rights: GoogleRights
  readonly tokens: GoogleTokens
  readonly signIn: GoogleSignIn
  readonly bigquery: BigQueryDouble
  readonly requests: GoogleRequest[] = []
  /** Answers that are being withheld. */
  held = 0

  private constructor(options: GoogleDoubleOptions) {
    this.#options = options
    const { accounts = [], grants = [], disabledAccounts = [], revokedKeys = [], bigquery = {} } = options
    const now = () => this.#now()
    this.#rights = new GoogleRights(grants)
    this.tokens = new GoogleTokens(now, options.newToken)
    this.signIn = new GoogleSignIn({
      ...{ accounts, revokedKeys, now, disabled: disabledAccounts },
      ...{ rights: this.#rights, tokens: this.tokens },
    })
    this.bigquery = new BigQueryDouble(bigquery, this.#rights)
  }

  static async start(options: GoogleDoubleOptions): Promise<GoogleDouble> {
    const double = new GoogleDouble(options)
    for (const service of Object.keys(googleServices) as GoogleService[]) {
      const started = await ServiceDouble.start(options.certificate, (request, response) =>
        double.#serve(service, request, response),
      )
      double.#services.set(service, started)
    }
    return double
  }

  /** For `NetworkSettings.cloudEndpoints`. */
  get endpoints(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#services].map(([service, { url }]) => [googleServices[service], url]))
  }

  urlOf(service: GoogleService): string {
    return this.#service(service).url
  }

  connectionsTo(service: GoogleService): number {
    return this.#service(service).connections
  }

  get connections(): number {
    return this.#sum(({ connections }) => connections)
  }

  get openConnections(): number {
    return this.#sum(({ openConnections }) => openConnections)
  }

  /** Methods in the order in which they were asked for. */
  get methods(): readonly GoogleMethod[] {
    return this.requests.map(({ method }) => method)
  }

  asked(method: GoogleMethod): readonly GoogleRequest[] {
    return this.requests.filter(request => request.method === method)
  }

  /** What is left of it does not keep the process. */
  unref(): this {
    for (const service of this.#services.values()) service.unref()
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#services.values()].map(service => service[Symbol.asyncDispose]()))
  }

  #service(service: GoogleService): ServiceDouble {
    const found = this.#services.get(service)
    if (!found) throw new Error(service)
    return found
  }

  #sum(of: (service: ServiceDouble) => number): number {
    return [...this.#services.values()].reduce((sum, service) => sum + of(service), 0)
  }

  async #serve(service: GoogleService, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const { method: verb = '', url = '', headers } = incoming
    const { pathname, searchParams } = new URL(url, 'http://double')
    const route = googleRoute(service, verb, pathname)
    const nth = (this.#counts.get(route.method) ?? 0) + 1
    this.#counts.set(route.method, nth)
    const token = bearerOf(headers)
    const caller = token === null ? undefined : this.tokens.find(token)?.email
    const request = { service, method: route.method, verb, url, headers, body, json: parsed(body), caller, nth }
    this.requests.push(request)
    response.setHeader('date', new Date(this.#now()).toUTCString())
    const planned = this.#options.at?.[route.method]
    const misbehaviour = typeof planned === 'function' ? planned(request) : planned
    if (misbehaviour === 'DO_AND_HANG') await this.#answer(request, route, searchParams).catch(() => {})
    if (misbehaviour instanceof GoogleRefusal) return sayJson(response, misbehaviour.status, misbehaviour.body)
    if (misbehaviour) {
      this.held += typeof misbehaviour === 'string' ? 1 : 0
      return misbehave(misbehaviour === 'DO_AND_HANG' ? 'HANG' : misbehaviour, response)
    }
    try {
      const answer = await this.#answer(request, route, searchParams)
      const change = this.#options.changes?.[route.method] ?? ((given: object) => given)
      sayJson(response, 200, change(answer as never, request))
    } catch (error) {
      if (!(error instanceof GoogleRefusal)) throw error
      sayJson(response, error.status, error.body)
    }
  }

  async #answer(request: GoogleRequest, { method, path }: GoogleRoute, query: URLSearchParams): Promise<object> {
    const { body, json } = request
    if (method === 'unknown') throw cloudRefusal(404, 'Method not found.')
    if (method === 'token') return this.signIn.exchange(new URLSearchParams(body))
    if (method === 'tokeninfo') {
      return this.signIn.tokenInfo(query.get('access_token') ?? new URLSearchParams(body).get('access_token') ?? '')
    }
    const caller = this.#admitted(request, method)
    this.#requireEnabled(request.service, path['projectId'], caller)
    switch (method) {
      case 'generateAccessToken':
        return this.signIn.impersonate(caller, path['email'] ?? '', json)
      case 'projects.testIamPermissions':
        return this.#testPermissions(path['projectId'] ?? '', caller, json)
      default:
        return this.bigquery.answer({ method, path, query, body: json }, caller)
    }
  }

  /** Whose token it is, if that is good for the method. */
  #admitted({ service, headers }: GoogleRequest, method: keyof typeof scopesOfMethod): GoogleToken {
    const text = bearerOf(headers)
    if (text === null) throw missingCredentials()
    const token = this.tokens.find(text)
    if (!token) throw invalidCredentials(googleServices[service])
    if (this.tokens.isExpired(token)) throw invalidCredentials(googleServices[service], true)
    const scopes: readonly string[] = scopesOfMethod[method]
    if (!scopes.some(scope => token.scopes.includes(scope))) throw insufficientScopes(googleServices[service], method)
    return token
  }

  /** BigQuery's is turned on in the project that is asked about, that of the others where the caller is at home. */
  #requireEnabled(service: GoogleService, projectId: string | undefined, { email }: GoogleToken): void {
    const { disabledApis = [], accounts = [], bigquery = {} } = this.#options
    if (!disabledApis.includes(service)) return
    const home = accounts.find(account => account.email === email)?.projectId
    const { projects = sampleProjects } = bigquery
    const project = service === 'bigquery' ? projectId : home
    throw apiDisabled(googleServices[service], titles[service], projects[project ?? '']?.number ?? '999999999999')
  }

  #testPermissions(projectId: string, { email }: GoogleToken, body: Readonly<Record<string, unknown>>): object {
    const asked = (Array.isArray(body['permissions']) ? body['permissions'] : []).map(String)
    const { projects = sampleProjects } = this.#options.bigquery ?? {}
    const strange = asked.find(each => !isPermission(each))
    if (strange !== undefined) throw cloudRefusal(400, `Permission ${strange} is not valid for this resource.`)
    if (!Object.hasOwn(projects, projectId)) throw cloudRefusal(403, 'The caller does not have permission')
    const held = asked.filter(each => this.#rights.may(email, each, `projects/${projectId}`))
    return held.length > 0 ? { permissions: held } : {}
  }

  #now(): number {
    return Date.now() + (this.#options.skewMs ?? 0)
  }
}

const titles: Readonly<Record<GoogleService, string>> = {
  oauth2: 'Google OAuth2 API',
  iamcredentials: 'IAM Service Account Credentials API',
  bigquery: 'BigQuery API',
  cloudresourcemanager: 'Cloud Resource Manager API',
}

const bearerOf = ({ authorization = '' }: IncomingHttpHeaders): string | null =>
  /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? null

function parsed(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const sayJson = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(value))
}
