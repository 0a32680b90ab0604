import type { Viewer } from '../services/viewer.ts'

/** Somebody who has been recognised. */
export interface Session {
  /** Without a request; each request adds its own. */
  readonly viewer: Viewer
  /**
   * Resolves whether the same credential would be recognised now, as the same viewer with the same scopes: not after
   * its end, a revocation, or a change of keys. Long-lived streams ask every few seconds.
   */
  isStillGood(): Promise<boolean>
}

/** Recognises credentials of one kind. */
export interface Authenticator {
  /** By its looks alone: whether this authenticator is meant. */
  accepts(credential: string): boolean
  /** Throws `AuthenticationError`. */
  authenticate(credential: string): Promise<Session>
}

/** For the log and the audit log; of these a client is told only MISSING, EXPIRED and UNAVAILABLE. */
export type AuthenticationFault =
  /** No credential, where one is needed. */
  | 'MISSING'
  /** Not one that any configured kind could be. */
  | 'MALFORMED'
  /** Of the right shape, and not good: a wrong signature, key, issuer, audience, or an unknown token. */
  | 'INVALID'
  | 'EXPIRED'
  | 'REVOKED'
  /** Good, but it names no workspace, or no viewer. */
  | 'INCOMPLETE'
  /** It could not be judged: keys or tokens could not be read. */
  | 'UNAVAILABLE'

/** Nobody was recognised. The message is for logs, and holds nothing of the credential. */
export class AuthenticationError extends Error {
  readonly fault: AuthenticationFault
  /** Whose credential it was, where that is certain (a revoked or expired token), so that it is in their audit log. */
  readonly viewer: Viewer | null
  constructor(fault: AuthenticationFault, message: string, viewer: Viewer | null = null, options?: ErrorOptions) {
    super(message, options)
    this.name = 'AuthenticationError'
    this.fault = fault
    this.viewer = viewer
  }
}
