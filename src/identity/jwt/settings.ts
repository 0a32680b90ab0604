import type { Scope } from '../../services/viewer.ts'

/**
 * What may sign a token: with a private key that only the identity provider has. With a symmetric algorithm whoever can
 * check tokens could make them too, so there is none of them, nor `none`.
 */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const
export type JwtAlgorithm = (typeof jwtAlgorithms)[number]

/** Which tokens are accepted, and what their claims say. */
export interface JwtSettings {
  /** What `iss` has to be, to the letter. */
  readonly issuer: string
  /** One of which `aud` has to name. */
  readonly audiences: readonly string[]
  /** Where the public keys of the provider are. The one place: what a token says about it is not looked at. */
  readonly keysUrl: string
  readonly algorithms: readonly JwtAlgorithm[]
  /** Names or dotted paths of claims. */
  readonly workspaceClaim: string
  readonly rolesClaim: string
  readonly nameClaim: string
  /** What values of the roles claim stand for; null where they are names of roles and scopes themselves. */
  readonly roles: ReadonlyMap<string, readonly Scope[]> | null
}
