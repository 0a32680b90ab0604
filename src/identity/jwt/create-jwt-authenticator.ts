import { createHash } from 'node:crypto'
import type { JSONWebKeySet } from 'jose'
import type { Authenticator } from '../authenticator.ts'
import { createFetchKeys } from './fetch-keys.ts'
import { ProviderKeys } from './provider-keys.ts'
import { RecognisedToken } from './recognised-token.ts'
import type { JwtSettings } from './settings.ts'
import { maxTokenLength } from './token-parts.ts'
import { verifyToken } from './verify-token.ts'

export interface JwtAuthenticatorOptions {
  /** Told why the provider's keys can no longer be read ("answered with the status 500"), and null when they can again. */
  readonly onKeysChange?: (problem: string | null) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Throws `KeysUnavailableError`. */
  readonly fetchKeys?: () => Promise<JSONWebKeySet>
}

/** Tokens that are remembered to be good; of others the signature is checked with each request. */
const maxRemembered = 5_000

/** Recognises people by access tokens of an identity provider that are signed JSON Web Tokens. */
export function createJwtAuthenticator(settings: JwtSettings, options: JwtAuthenticatorOptions = {}): Authenticator {
  const now = options.now ?? Date.now
  const fetchKeys = options.fetchKeys ?? createFetchKeys({ url: settings.keysUrl })
  const providerKeys = new ProviderKeys({ fetchKeys, now, onChange: options.onKeysChange ?? (() => undefined) })
  const remembered = new Map<string, RecognisedToken>()
  /** Those that come several times before it is known what they are. */
  const judged = new Map<string, Promise<RecognisedToken>>()

  const remember = (digest: string, token: RecognisedToken): RecognisedToken => {
    remembered.delete(digest)
    remembered.set(digest, token)
    const [oldest] = remembered.keys()
    if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest)
    return token
  }

  const recognise = async (token: string, digest: string): Promise<RecognisedToken> => {
    const verify = () => verifyToken(token, settings, providerKeys, now())
    return remember(digest, new RecognisedToken({ first: await verify(), providerKeys, now, verify }))
  }

  const recogniseOnce = (token: string, digest: string): Promise<RecognisedToken> => {
    const running = judged.get(digest) ?? recognise(token, digest).finally(() => judged.delete(digest))
    judged.set(digest, running)
    return running
  }

  return {
    accepts: credential => credential.includes('.'),
    authenticate: async token => {
      // A longer one is refused when it is taken apart.
      const digest = createHash('sha256')
        .update(token.slice(0, maxTokenLength + 1))
        .digest('base64')
      const known = remembered.get(digest)
      if (known === undefined) return recogniseOnce(token, digest)
      try {
        await known.assertStillGood()
      } catch (error) {
        remembered.delete(digest)
        throw error
      }
      return remember(digest, known)
    },
  }
}
