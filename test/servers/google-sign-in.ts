import { verify } from 'node:crypto'
import type { ServiceAccount } from './google-accounts.ts'
import { cloudRefusal, tokenRefusal } from './google-refusals.ts'
import type { GoogleRights } from './google-rights.ts'
import { knownScopes } from './google-scopes.ts'
import type { GoogleToken, GoogleTokens } from './google-tokens.ts'

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const audience = 'https://oauth2.googleapis.com/token'
/** How much clocks may differ. */
const leewaySeconds = 300
const maxLifetimeSeconds = 3_600

const tooLong =
  'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.'
const noScope = 'Invalid OAuth scope or ID token audience provided.'

export interface SignInOptions {
  readonly accounts: readonly ServiceAccount[]
  /** Accounts that have been turned off, by e-mail address. */
  readonly disabled: readonly string[]
  /** Keys that have been deleted, by their ids. */
  readonly revokedKeys: readonly string[]
  readonly rights: GoogleRights
  readonly tokens: GoogleTokens
  readonly now: () => number
}

/** How Google lets service accounts in: https://developers.google.com/identity/protocols/oauth2/service-account */
export class GoogleSignIn {
  readonly #options: SignInOptions
  /** Assertions that were exchanged, each for one token. */
  readonly assertions: string[] = []

  constructor(options: SignInOptions) {
    this.#options = options
  }

  /** `POST /token`. */
  exchange(form: URLSearchParams): object {
    const { tokens } = this.#options
    if (form.get('grant_type') !== jwtBearer) {
      throw tokenRefusal('unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`)
    }
    const assertion = form.get('assertion') ?? ''
    const { email, scopes, expires } = this.#checked(assertion)
    this.assertions.push(assertion)
    const lifetime = Math.min(maxLifetimeSeconds, expires - this.#seconds)
    const { text } = tokens.issue(email, scopes, lifetime * 1_000)
    return { access_token: text, expires_in: lifetime - 1, token_type: 'Bearer' }
  }

  /** `GET` and `POST /tokeninfo`. */
  tokenInfo(text: string): object {
    const { tokens, accounts } = this.#options
    const token = tokens.find(text)
    if (!token || tokens.isExpired(token)) throw tokenRefusal('invalid_token', 'Invalid Value')
    const { email, scopes, expiresAt } = token
    const id = accounts.find(account => account.email === email)?.uniqueId ?? '111122223333444455556'
    const seconds = Math.floor(expiresAt / 1_000)
    return {
      azp: id,
      aud: id,
      sub: id,
      scope: scopes.join(' '),
      exp: String(seconds),
      expires_in: String(seconds - this.#seconds),
      email,
      email_verified: 'true',
      access_type: 'online',
    }
  }

  /** `POST /v1/projects/-/serviceAccounts/{email}:generateAccessToken`. */
  impersonate(caller: GoogleToken, email: string, body: Readonly<Record<string, unknown>>): object {
    const { accounts, rights, tokens, disabled } = this.#options
    const permission = 'iam.serviceAccounts.getAccessToken'
    const target = accounts.find(account => account.email === email)
    const resource = `serviceAccounts/${email}`
    const may = rights.may(caller.email, permission, resource)
    const ofProject = rights.may(caller.email, permission, `projects/${target?.projectId}`)
    // Only whoever has been granted something on it is told that it is not there.
    if (!target && rights.knows(caller.email, resource))
      throw cloudRefusal(404, `Not found; Gaia id not found for email ${email}`)
    if (!target || !(may || ofProject)) {
      throw cloudRefusal(403, `Permission '${permission}' denied on resource (or it may not exist).`, {
        reason: 'IAM_PERMISSION_DENIED',
        domain: 'iam.googleapis.com',
        metadata: { permission },
      })
    }
    if (disabled.includes(email)) throw cloudRefusal(400, 'Service account is disabled.')
    const { scope, lifetime = '3600s' } = body
    const scopes = Array.isArray(scope) ? scope.map(String) : []
    if (scopes.length === 0) throw cloudRefusal(400, 'Scope required.')
    if (!scopes.every(each => knownScopes.includes(each)))
      throw cloudRefusal(400, 'Request contains an invalid argument.')
    const seconds = Number(/^(\d+)s$/.exec(String(lifetime))?.[1])
    if (!(seconds > 0 && seconds <= maxLifetimeSeconds)) {
      throw cloudRefusal(400, `The access token lifetime cannot exceed ${maxLifetimeSeconds} seconds.`)
    }
    const { text, expiresAt } = tokens.issue(email, scopes, seconds * 1_000)
    return { accessToken: text, expireTime: new Date(expiresAt).toISOString().replace(/\.\d+Z$/, 'Z') }
  }

  get #seconds(): number {
    return Math.floor(this.#options.now() / 1_000)
  }

  #checked(assertion: string) {
    const { accounts, disabled, revokedKeys } = this.#options
    const [head, claims, signature] = assertion.split('.')
    const header = decoded(head)
    const payload = decoded(claims)
    if (!header || !payload || signature === undefined) throw tokenRefusal('invalid_grant', 'Bad Request')
    const { iss, aud, iat, exp, scope, sub } = payload
    const account = accounts.find(({ email }) => email === iss)
    if (!account) throw tokenRefusal('invalid_grant', 'Invalid grant: account not found')
    if (disabled.includes(account.email)) throw tokenRefusal('invalid_grant', 'Invalid grant: account disabled')
    // A key that was deleted cannot be told from one that never was.
    const { key } = account
    const isSigned =
      header['alg'] === 'RS256' &&
      // Google's own library for Node names none.
      [undefined, key.id].includes(header['kid'] as string | undefined) &&
      !revokedKeys.includes(key.id) &&
      verify('sha256', Buffer.from(`${head}.${claims}`), key.publicKey, Buffer.from(signature, 'base64url'))
    if (!isSigned) throw tokenRefusal('invalid_grant', 'Invalid JWT Signature.')
    if (aud !== audience) {
      throw tokenRefusal('invalid_grant', `Invalid JWT: Failed audience check. The right audience is ${audience}`)
    }
    const now = this.#seconds
    const isTimely =
      typeof iat === 'number' &&
      typeof exp === 'number' &&
      exp - iat <= maxLifetimeSeconds &&
      exp > iat &&
      iat <= now + leewaySeconds &&
      iat >= now - maxLifetimeSeconds - leewaySeconds &&
      exp > now - leewaySeconds
    if (!isTimely) throw tokenRefusal('invalid_grant', tooLong)
    if (sub !== undefined && sub !== iss) {
      const words =
        'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.'
      throw tokenRefusal('unauthorized_client', words, 401)
    }
    const scopes = typeof scope === 'string' ? scope.split(' ').filter(each => each !== '') : []
    if (scopes.length === 0 || !scopes.every(each => knownScopes.includes(each)))
      throw tokenRefusal('invalid_scope', noScope)
    return { email: account.email, scopes, expires: exp }
  }
}

function decoded(part: string | undefined): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
    // As JWTs have it.
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null
  } catch {
    return null
  }
}
