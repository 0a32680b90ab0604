import { errors, jwtVerify } from 'jose'
import type { Viewer } from '../../services/viewer.ts'
import { AuthenticationError } from '../authenticator.ts'
import type { KeysAtOneTime, ProviderKeys } from './provider-keys.ts'
import type { JwtSettings } from './settings.ts'
import { type JsonObject, partsOf } from './token-parts.ts'
import { viewerOfClaims } from './viewer-of-claims.ts'

/** What clocks may differ by. */
export const toleranceSeconds = 30
/** The last one that a date can hold. */
const lastSecond = 8_640_000_000_000
const otherUses = new Set(['id', 'refresh', 'offline', 'logout', 'dpop'])

export interface VerifiedToken {
  readonly viewer: Viewer
  readonly claims: JsonObject
  /** Those that it was verified with. */
  readonly keys: KeysAtOneTime
}

/** Throws `AuthenticationError`. `nowMs`: since 1970. */
export async function verifyToken(
  token: string,
  settings: JwtSettings,
  providerKeys: ProviderKeys,
  nowMs: number,
): Promise<VerifiedToken> {
  const { payload: claims } = partsOf(token)
  let used: KeysAtOneTime | undefined
  try {
    await jwtVerify(
      token,
      async header => {
        const { key, keys } = await providerKeys.keyFor(header)
        used = keys
        return key
      },
      {
        algorithms: [...settings.algorithms],
        issuer: settings.issuer,
        audience: [...settings.audiences],
        requiredClaims: ['exp'],
        clockTolerance: toleranceSeconds,
        currentDate: new Date(nowMs),
      },
    )
  } catch (error) {
    throw faultOf(error, settings)
  }
  if (used === undefined) throw new Error('A token was verified without a key.')
  assertAccessToken(claims)
  assertInTime(claims, nowMs)
  return { viewer: viewerOfClaims(claims, settings), claims, keys: used }
}

/** Throws `AuthenticationError` when a verified token is not good at that time. */
export function assertInTime(claims: JsonObject, nowMs: number, viewer: Viewer | null = null): void {
  const now = Math.floor(nowMs / 1_000)
  const { exp, nbf, iat } = claims
  // What JSON reads as infinite would never come to its end.
  if (typeof exp !== 'number' || !(Math.abs(exp) <= lastSecond)) invalid('has no time at which it expires')
  if (exp <= now - toleranceSeconds) throw new AuthenticationError('EXPIRED', 'The token has expired.', viewer)
  for (const [name, time] of Object.entries({ nbf, iat })) {
    if (time === undefined) continue
    if (typeof time !== 'number' || time > now + toleranceSeconds) invalid(`is not good yet by its "${name}"`)
  }
}

/**
 * Providers sign other things with the same keys. ID tokens and security events have claims that access tokens never
 * have; Keycloak and Cognito say in a claim what a token is for. One that is bound to a key of its client (RFC 7800) is good
 * only with a proof that nobody asks for here.
 */
function assertAccessToken(claims: JsonObject): void {
  for (const name of ['at_hash', 'c_hash', 'events', 'cnf']) {
    if (Object.hasOwn(claims, name)) invalid(`has the claim "${name}", and so is no bearer token`)
  }
  for (const name of ['typ', 'token_use']) {
    const value = claims[name]
    if (typeof value === 'string' && otherUses.has(value.toLowerCase())) invalid(`is not for access by its "${name}"`)
  }
}

/** Nothing of what `jose` throws goes on: its errors hold claims. */
function faultOf(error: unknown, settings: JwtSettings): AuthenticationError {
  if (error instanceof AuthenticationError) return error
  if (error instanceof errors.JWTExpired) {
    return new AuthenticationError('EXPIRED', 'The token has expired.', viewerOrNull(error.payload, settings))
  }
  return new AuthenticationError('INVALID', `The token ${whyInvalid(error)}.`)
}

function whyInvalid(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) return `is refused for its "${error.claim}"`
  if (error instanceof errors.JOSEAlgNotAllowed) return 'is signed with an algorithm that JWT_ALGORITHMS does not have'
  if (error instanceof errors.JWKSNoMatchingKey) return 'is signed with a key that the identity provider does not have'
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return 'could be signed with several keys, and does not say which'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'has a signature that is not right'
  return `could not be verified (${error instanceof Error ? error.name : typeof error})`
}

/** Its signature, issuer and audience are right when it is found to have expired. */
function viewerOrNull(claims: JsonObject, settings: JwtSettings): Viewer | null {
  try {
    assertAccessToken(claims)
    assertInTime(claims, Number(claims['exp']) * 1_000)
    return viewerOfClaims(claims, settings)
  } catch {
    return null
  }
}

function invalid(why: string): never {
  throw new AuthenticationError('INVALID', `The token ${why}.`)
}
