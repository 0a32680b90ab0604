import { soleViewer } from '../services/viewer.ts'
import { AuthenticationError, type Authenticator, type Session } from './authenticator.ts'

/** Longer than any credential of a kind that can be configured; headers as a whole are held to 16 KiB. */
const maxCredentialLength = 12 * 1024
/** RFC 6750, 2.1: what stands after the scheme. */
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i

export interface IdentityOptions {
  /** Whether whoever brings no credential is let in, as the one viewer of `AUTH=none`. */
  readonly open: boolean
  /** The first that accepts a credential judges it. */
  readonly authenticators: readonly Authenticator[]
}

/** Tells who makes a request. */
export interface Identity {
  /**
   * `authorization` is the value of that header; null where there is none. Throws `AuthenticationError`. A credential
   * that is not good is refused, also where none is needed.
   */
  identify(authorization: string | null): Promise<Session>
}

const openSession: Session = { viewer: soleViewer, isStillGood: async () => true }

export function createIdentity({ open, authenticators }: IdentityOptions): Identity {
  return {
    async identify(authorization) {
      if (authorization === null) {
        if (open) return openSession
        throw new AuthenticationError('MISSING', 'There is no credential.')
      }
      const credential = credentialOf(authorization)
      const judge = authenticators.find(each => each.accepts(credential))
      if (!judge) throw new AuthenticationError('MALFORMED', 'No configured kind of credential looks like this one.')
      return judge.authenticate(credential)
    },
  }
}

function credentialOf(authorization: string): string {
  if (authorization.length > maxCredentialLength)
    throw new AuthenticationError('MALFORMED', 'The credential is too long.')
  const [, credential] = bearer.exec(authorization.trim()) ?? []
  if (credential === undefined) throw new AuthenticationError('MALFORMED', 'This is not one Bearer credential.')
  return credential
}
