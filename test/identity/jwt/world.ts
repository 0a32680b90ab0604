import { expect } from 'vitest'
import {
  AuthenticationError,
  type AuthenticationFault,
  type Authenticator,
} from '../../../src/identity/authenticator.ts'
import {
  createJwtAuthenticator,
  type JwtAuthenticatorOptions,
} from '../../../src/identity/jwt/create-jwt-authenticator.ts'
import type { JwtSettings } from '../../../src/identity/jwt/settings.ts'
import { JwksDouble } from '../../servers/jwks-double.ts'
import { newSigningKey, type SigningKey } from './signing-key.ts'

export const issuer = 'https://login.example.com/realms/data'
export const audience = 'https://patchbay.example.com'

/** A moment that nothing depends on. */
export const noon = Date.UTC(2026, 10, 23, 12)
export const noonSeconds = noon / 1_000

const base64url = (value: string | Buffer): string => Buffer.from(value).toString('base64url')

/** `header` and `claims`: values, or texts in the place of their JSON. Without a signature where that is null. */
export function tokenOf(
  header: object | string,
  claims: object | string,
  signatureOf: ((data: string) => Buffer) | null,
): string {
  const data = [header, claims].map(part => base64url(typeof part === 'string' ? part : JSON.stringify(part))).join('.')
  return `${data}.${signatureOf === null ? '' : base64url(signatureOf(data))}`
}

/** Claims of a good token at noon. */
export const goodClaims = {
  iss: issuer,
  aud: audience,
  sub: 'canary-ada-5f3c',
  name: 'Ada Lovelace',
  workspace: 'north',
  roles: ['reader'],
  iat: noonSeconds - 60,
  nbf: noonSeconds - 60,
  exp: noonSeconds + 540,
}

const sharedKey = newSigningKey('RS256', 'first')

/** A provider with one key, or others, and an authenticator that trusts it, at noon. */
export class JwtWorld implements AsyncDisposable {
  readonly key: SigningKey
  readonly provider: JwksDouble
  readonly authenticator: Authenticator
  /** What was told of the provider. */
  readonly changes: (string | null)[] = []
  now = noon

  private constructor(
    provider: JwksDouble,
    key: SigningKey,
    settings: Partial<JwtSettings>,
    options: JwtAuthenticatorOptions,
  ) {
    this.key = key
    this.provider = provider
    this.authenticator = createJwtAuthenticator(
      {
        issuer,
        audiences: [audience],
        keysUrl: provider.keysUrl,
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        workspaceClaim: 'workspace',
        rolesClaim: 'roles',
        nameClaim: 'name',
        roles: null,
        ...settings,
      },
      { now: () => this.now, onKeysChange: change => this.changes.push(change), ...options },
    )
  }

  static async start({
    key = sharedKey,
    keys,
    settings = {},
    options = {},
  }: {
    readonly key?: SigningKey
    /** What the provider publishes, when it is not just that key. */
    readonly keys?: readonly object[]
    readonly settings?: Partial<JwtSettings>
    readonly options?: JwtAuthenticatorOptions
  } = {}): Promise<JwtWorld> {
    return new JwtWorld(await JwksDouble.start(keys ?? [key.jwk]), key, settings, options)
  }

  /** A good one, but for what is changed about it; undefined takes a claim away. */
  token(claims: object = {}, header: object = {}, key: SigningKey = this.key): string {
    const { alg, kid } = key
    return tokenOf({ alg, kid, typ: 'at+jwt', ...header }, { ...goodClaims, ...claims }, data => key.signatureOf(data))
  }

  /** Why it is refused, or 'ACCEPTED'. A refusal says nothing of what is in the token. */
  async verdict(token: string): Promise<AuthenticationFault | 'ACCEPTED'> {
    try {
      await this.authenticator.authenticate(token)
      return 'ACCEPTED'
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error
      const told = `${error.message} ${error.stack} ${JSON.stringify(error.cause ?? '')}`
      for (const part of token.split('.').filter(text => text.length > 8)) expect(told).not.toContain(part)
      expect(told).not.toContain(goodClaims.sub)
      expect(Object.keys(error).sort()).toEqual(['fault', 'name', 'viewer'])
      return error.fault
    }
  }

  pass(seconds: number): void {
    this.now += seconds * 1_000
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider[Symbol.asyncDispose]()
  }
}
