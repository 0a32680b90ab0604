import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * What the database knows of a token's secret: its SHA-256, in hexadecimal. The secret is random in full, so that a
 * slower digest would add nothing but a way to keep the server busy.
 */
export const apiTokenHash = (secret: string): string => digestOf(secret).toString('hex')

/** What no secret that anybody knows has: to compare with where there is no token. */
export const hashOfNothing = '0'.repeat(64)

/** Takes the same time whatever the secret is and however much of it is right. */
export function isApiTokenHash(hash: string, secret: string): boolean {
  const kept = Buffer.from(hash, 'hex')
  const given = digestOf(secret)
  return kept.length === given.length && timingSafeEqual(kept, given)
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()
