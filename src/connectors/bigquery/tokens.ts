import { type HttpAnswer, HttpCallError, type HttpCaller } from '../cloud/http-caller.ts'
import { isRecord } from '../form-tree-walk.ts'
import { problem } from '../problem.ts'
import { endpoints } from './endpoints.ts'
import type { BigqueryConfig } from './form.ts'
import { readRefusal } from './google-refusal.ts'
import { identityField } from './identity-field.ts'
import { projectSubject } from './meanings.ts'
import { classifyRefusal, GoogleCallError } from './problems.ts'
import { impersonationScope, scopeOf, type TokenUse } from './scopes.ts'
import type { ServiceAccountKey } from './service-account-key.ts'
import { refusedImpersonation, refusedKey } from './sign-in-problems.ts'
import { signedClaim } from './signed-claim.ts'

export interface CallTime {
  readonly signal: AbortSignal
  readonly budgetMs: number
}

export interface AccessToken {
  readonly text: string
  readonly scope: string
  /** `performance.now()` from which on it is no longer good. */
  readonly until: number
}

/** Whoever asks, and the tokens with which that is shown. */
export interface Tokens {
  /** The account that asks, as far as that is known. */
  readonly account: string | null
  /** A token that is good for this, got now where there is none. Throws `HttpCallError`, and the signal's reason. */
  get(use: TokenUse, time: CallTime): Promise<AccessToken>
  /** Forgets a token that was refused. Whether another one can be got. */
  forget(token: AccessToken): boolean
  /** All that were got, and what they were got for: nobody else knows that they are secret. */
  readonly secrets: readonly string[]
}

/** A token that ends so soon is not used any more. */
const reserveMs = 60_000
/** No access token is longer. */
const maxTokenLength = 16_384

/** Tokens by their scope, each got when it is needed and again before it ends. */
class TokenStore {
  readonly secrets: string[] = []
  readonly #byScope = new Map<string, AccessToken>()
  readonly #make: (scope: string, time: CallTime) => Promise<AccessToken>

  constructor(make: (scope: string, time: CallTime) => Promise<AccessToken>) {
    this.#make = make
  }

  async get(scope: string, time: CallTime): Promise<AccessToken> {
    const known = this.#byScope.get(scope)
    if (known && known.until - reserveMs > performance.now()) return known
    const made = await this.#make(scope, time)
    this.#byScope.set(scope, made)
    this.secrets.push(made.text)
    return made
  }

  forget(token: AccessToken): void {
    if (this.#byScope.get(token.scope) === token) this.#byScope.delete(token.scope)
  }
}

export interface KeyTokensOptions {
  readonly config: BigqueryConfig
  readonly key: ServiceAccountKey
  /** To the token endpoint. */
  readonly caller: HttpCaller
  /** How long a token is needed for, in seconds. */
  readonly lifetimeSeconds: number
}

/** Tokens of the account that a key belongs to. */
export class KeyTokens implements Tokens {
  readonly #options: KeyTokensOptions
  readonly #store = new TokenStore((scope, time) => this.#exchange(scope, time))

  constructor(options: KeyTokensOptions) {
    this.#options = options
  }

  get account(): string {
    return this.#options.key.account
  }

  get secrets(): readonly string[] {
    return this.#store.secrets
  }

  get(use: TokenUse, time: CallTime): Promise<AccessToken> {
    return this.#store.get(scopeOf[use], time)
  }

  /** With which a token of another account can be asked for. */
  forImpersonation(time: CallTime): Promise<AccessToken> {
    return this.#store.get(impersonationScope, time)
  }

  forget(token: AccessToken): boolean {
    this.#store.forget(token)
    return true
  }

  async #exchange(scope: string, { signal, budgetMs }: CallTime): Promise<AccessToken> {
    const { config, key, caller, lifetimeSeconds } = this.#options
    const assertion = await signedClaim(key, scope, lifetimeSeconds)
    // Whoever has it gets tokens for it; what it claims anybody could write.
    this.#store.secrets.push(assertion, assertion.slice(assertion.lastIndexOf('.') + 1))
    const answer = await caller.ask({
      method: 'POST',
      path: '/token',
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      },
      signal,
      budgetMs,
    })
    if (answer.status !== 200) {
      throw refusedKey({ config, refusal: readRefusal(answer), skewMs: caller.clockSkewMs })
    }
    const { access_token: text, token_type: type, expires_in: seconds } = recordOf(answer, caller)
    if (typeof type === 'string' && type.toLowerCase() !== 'bearer')
      throw caller.violation('its token is no bearer token')
    return tokenOf(text, scope, Number(seconds), caller)
  }
}

export interface ImpersonatedTokensOptions {
  readonly config: BigqueryConfig
  readonly source: KeyTokens
  /** The account's e-mail address. */
  readonly target: string
  /** To the service that makes tokens of other accounts. */
  readonly caller: HttpCaller
  readonly lifetimeSeconds: number
}

/** Tokens of an account that the key's account may make them of. */
export class ImpersonatedTokens implements Tokens {
  readonly #options: ImpersonatedTokensOptions
  readonly #store = new TokenStore((scope, time) => this.#make(scope, time))

  constructor(options: ImpersonatedTokensOptions) {
    this.#options = options
  }

  get account(): string {
    return this.#options.target
  }

  get secrets(): readonly string[] {
    return [...this.#options.source.secrets, ...this.#store.secrets]
  }

  get(use: TokenUse, time: CallTime): Promise<AccessToken> {
    return this.#store.get(scopeOf[use], time)
  }

  forget(token: AccessToken): boolean {
    this.#store.forget(token)
    return true
  }

  /** https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
  async #make(scope: string, time: CallTime): Promise<AccessToken> {
    const { config, source, target, caller, lifetimeSeconds } = this.#options
    const { text: own } = await source.forImpersonation(time)
    const answer = await caller.ask({
      method: 'POST',
      path: `/v1/projects/-/serviceAccounts/${encodeURIComponent(target)}:generateAccessToken`,
      headers: { authorization: `Bearer ${own}` },
      json: { scope: [scope], lifetime: `${lifetimeSeconds}s` },
      ...time,
    })
    if (answer.status !== 200) {
      const refusal = readRefusal(answer)
      const place = { config, service: endpoints.credentials, subject: projectSubject(config) }
      const error = new GoogleCallError(classifyRefusal(refusal, place), refusal)
      throw refusedImpersonation({ config, refusal, error, target, asking: source.account })
    }
    const { accessToken: text, expireTime } = recordOf(answer, caller)
    const ends = Date.parse(String(expireTime))
    // By Google's clock, which is not ours.
    const seconds = (ends - Date.now() - (caller.clockSkewMs ?? 0)) / 1_000
    return tokenOf(text, scope, seconds, caller)
  }
}

/** A token as somebody has got it; nothing is known of it but what Google tells. */
export class GivenToken implements Tokens {
  readonly #token: AccessToken
  account: string | null = null

  constructor(text: string) {
    this.#token = { text, scope: '', until: Number.POSITIVE_INFINITY }
  }

  get secrets(): readonly string[] {
    return [this.#token.text]
  }

  async get(): Promise<AccessToken> {
    return this.#token
  }

  forget(): boolean {
    return false
  }
}

function recordOf({ json }: HttpAnswer, caller: HttpCaller): { readonly [name: string]: unknown } {
  if (!isRecord(json)) throw caller.violation('its answer is no object')
  return json
}

function tokenOf(text: unknown, scope: string, seconds: number, caller: HttpCaller): AccessToken {
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text) || text.length > maxTokenLength)
    throw caller.violation('its answer has no access token')
  // Without a time of its own it is asked for again when it is refused.
  const lifetimeMs = Number.isFinite(seconds) ? Math.max(0, seconds) * 1_000 : 3_600_000
  return { text, scope, until: performance.now() + lifetimeMs }
}

/** Of a key file that the form has let through once, and would not today. */
export class UnreadableKey implements Tokens {
  readonly account = null
  readonly secrets: readonly string[] = []
  readonly #options: Parameters<typeof problem>[1]

  constructor(detail: string, config: BigqueryConfig) {
    const fields = [identityField(config)]
    this.#options = { params: { service: endpoints.tokens }, detail, fields }
  }

  async get(): Promise<AccessToken> {
    throw new HttpCallError(problem('CLOUD_CREDENTIALS_REJECTED', this.#options))
  }

  forget(): boolean {
    return false
  }
}
