import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Certificate } from './certificates.ts'
import { HttpDouble } from './http-double.ts'
import { type HttpMisbehaviour, misbehave } from './http-misbehaviour.ts'

export interface OauthClient {
  readonly secret: string
  /** Whose session its tokens open. */
  readonly user: string
  readonly role?: string
  /** How long its tokens are good for; 600 seconds when it is not given. */
  readonly seconds?: number
  readonly scopes?: readonly string[]
  /** In the place of a token that is like all others. */
  readonly makeToken?: () => string
}

/** The answer of a token endpoint (RFC 6749, 5.1 and 5.2). */
export interface TokenAnswer {
  readonly status: number
  readonly body: object
}

interface IssuedToken {
  readonly user: string
  readonly expiresAt: number
  readonly role?: string
}

/** Hands out access tokens to clients that prove who they are (RFC 6749, 4.4). */
export class OauthIssuer {
  readonly #clients: Readonly<Record<string, OauthClient>>
  /** What it has handed out, for the account that trusts it. */
  readonly tokens = new Map<string, IssuedToken>()

  constructor(clients: Readonly<Record<string, OauthClient>>) {
    this.#clients = clients
  }

  answer(form: URLSearchParams, authorization: string | undefined): TokenAnswer {
    const [id, secret] = credentialsOf(authorization) ?? [form.get('client_id'), form.get('client_secret')]
    const client = this.#clients[id ?? '']
    if (!client || client.secret !== secret)
      return refused(401, 'invalid_client', 'The client credentials are invalid.')
    if (form.get('grant_type') !== 'client_credentials')
      return refused(400, 'unsupported_grant_type', 'Not this grant.')
    const { user, role, seconds = 600, scopes, makeToken } = client
    const scope = form.get('scope')
    if (scopes && !scopes.includes(scope ?? ''))
      return refused(400, 'invalid_scope', `The scope ${scope} is not known.`)
    const token = makeToken?.() ?? `oauth-${randomBytes(16).toString('hex')}`
    this.tokens.set(token, { user, expiresAt: Date.now() + seconds * 1_000, ...(role !== undefined && { role }) })
    return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: seconds } }
  }
}

const refused = (status: number, error: string, error_description: string): TokenAnswer => ({
  ...{ status, body: { error, error_description } },
})

export interface SnowflakeOauthOptions {
  readonly certificate?: Certificate
  readonly clients?: Readonly<Record<string, OauthClient>>
  readonly at?: HttpMisbehaviour
  /** In the place of an access token. */
  readonly answer?: unknown
}

export const oauthPath = '/oauth2/token'

/** An authorization server of somebody else's that Snowflake trusts. */
export class SnowflakeOauth extends HttpDouble {
  readonly #options: SnowflakeOauthOptions
  readonly issuer: OauthIssuer
  readonly requests: { readonly path: string; readonly body: string; readonly authorization: string | undefined }[] = []

  private constructor(options: SnowflakeOauthOptions) {
    super(options.certificate)
    this.#options = options
    this.issuer = new OauthIssuer(options.clients ?? {})
  }

  static start(options: SnowflakeOauthOptions = {}): Promise<SnowflakeOauth> {
    return new SnowflakeOauth(options).listen()
  }

  /** Whether it says nothing to whoever asks. */
  get isSilent(): boolean {
    return this.#options.at === 'HANG'
  }

  get tokenUrl(): string {
    return `${this.url}${oauthPath}`
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const { authorization } = request.headers
    this.requests.push({ path: request.url ?? '', body, authorization })
    const { at, answer } = this.#options
    if (at) return misbehave(at, response)
    const isHere = request.method === 'POST' && request.url === oauthPath
    const told = !isHere
      ? { status: 404, body: { error: 'not_found' } }
      : answer === undefined
        ? this.issuer.answer(new URLSearchParams(body), authorization)
        : { status: 200, body: answer }
    response.writeHead(told.status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(JSON.stringify(told.body))
  }
}

/** From a header of HTTP Basic authentication, whose parts are encoded as forms are. */
function credentialsOf(header: string | undefined): readonly [string, string] | null {
  const [, encoded] = /^Basic (.+)$/.exec(header ?? '') ?? []
  if (encoded === undefined) return null
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64')
    .toString()
    .split(':')
    .map(part => decodeURIComponent(part.replaceAll('+', ' ')))
  return [id, secret]
}
