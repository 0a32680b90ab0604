import { type ApiTokenStore, apiTokenStatus } from '../db/api-token-store.ts'
import type { ApiTokenRow } from '../db/rows.ts'
import { scopeOfRow } from '../db/scope-of-row.ts'
import { hashOfNothing, isApiTokenHash } from '../services/api-token-hash.ts'
import { apiTokenPrefix, parseApiToken } from '../services/api-token-text.ts'
import { grantedScopes, scopes, type Viewer } from '../services/viewer.ts'
import { AuthenticationError, type Authenticator, type Session } from './authenticator.ts'
import { createTokenUse } from './token-use.ts'

export interface TokenAuthenticatorOptions {
  readonly store: Pick<ApiTokenStore, 'findToSignIn' | 'markUsed'>
  /** Told why it could not be written when a token was used. */
  readonly onFault: (error: unknown) => void
  readonly now?: () => Date
}

export interface TokenAuthenticator extends Authenticator {
  /** Resolves when what is still to be written about tokens' use has been. */
  settled(): Promise<void>
}

/** Recognises Patchbay's own API tokens. */
export function createTokenAuthenticator(options: TokenAuthenticatorOptions): TokenAuthenticator {
  const { store, onFault, now = () => new Date() } = options
  const use = createTokenUse(store, now, onFault)

  /** The same query and the same work whether or not there is such a token. */
  const find = async (id: string): Promise<ApiTokenRow | null> => {
    try {
      return await store.findToSignIn(id)
    } catch (cause) {
      throw new AuthenticationError('UNAVAILABLE', 'API tokens cannot be looked up.', null, { cause })
    }
  }

  return {
    accepts: credential => credential.startsWith(apiTokenPrefix),

    async authenticate(credential) {
      const parts = parseApiToken(credential)
      if (parts === null) throw new AuthenticationError('MALFORMED', 'This is no API token: its checksum is wrong.')
      const found = await find(parts.id)
      const token = holds(found, parts.secret)
      if (token === null) throw new AuthenticationError('INVALID', 'There is no such API token.')
      const viewer = viewerOf(token)
      const status = apiTokenStatus(token, now())
      if (status !== 'ACTIVE')
        throw new AuthenticationError(status, `The API token is ${status.toLowerCase()}.`, viewer)
      use.note(token)
      return sessionOf(token, viewer)
    },

    settled: () => use.settled(),
  }

  function sessionOf({ id, secretHash, scopes: given }: ApiTokenRow, viewer: Viewer): Session {
    return {
      viewer,
      async isStillGood() {
        const current = await find(id)
        return (
          current !== null &&
          current.secretHash === secretHash &&
          String(current.scopes) === String(given) &&
          apiTokenStatus(current, now()) === 'ACTIVE'
        )
      },
    }
  }
}

/** The token, if the secret is its own. What an unknown id is compared with fits nothing, and takes as long. */
const holds = (token: ApiTokenRow | null, secret: string): ApiTokenRow | null =>
  isApiTokenHash(token?.secretHash ?? hashOfNothing, secret) ? token : null

function viewerOf(token: ApiTokenRow): Viewer {
  return {
    id: `token:${token.id}`,
    kind: 'API_TOKEN',
    displayName: token.name,
    workspace: scopeOfRow(token),
    // A scope may have been dropped since the token was made.
    scopes: grantedScopes(scopes.filter(scope => token.scopes.includes(scope))),
    expiresAt: token.expiresAt,
    request: null,
  }
}
