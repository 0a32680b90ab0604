import { SignJWT } from 'jose'
import type { ServiceAccountKey } from './service-account-key.ts'

/** Whom the claim is made to: the token endpoint's own name, wherever a key file or an operator would have it. */
const audience = 'https://oauth2.googleapis.com/token'

/**
 * What a service account claims, for which the token endpoint gives a token with `scope`:
 * https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests.
 */
export function signedClaim(
  { account, keyId, privateKey }: ServiceAccountKey,
  scope: string,
  lifetimeSeconds: number,
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
    .setIssuer(account)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeSeconds)
    .sign(privateKey)
}
