import { randomUUID } from 'node:crypto'
import { AuthenticationError, type Session } from './identity/authenticator.ts'
import type { Identity } from './identity/identity.ts'
import { type OperationParams, type PersistedPolicy, withPersistedDocument } from './persisted-params.ts'
import type { RateLimits, RequestCharge } from './rate-limits.ts'
import { badRequest, unavailable } from './schema/graphql-errors.ts'
import { signInRefusal } from './sign-in-errors.ts'
import type { SignInReport } from './sign-in-report.ts'
import { assertVariablesWithin } from './variable-limits.ts'

/** Somebody who is not recognised yet. */
export interface Caller {
  /** Everything that was given for a credential; exactly one may be. */
  readonly authorizations: readonly string[]
  readonly address: string | null
  readonly transport: 'http' | 'websocket'
}

export interface AdmissionOptions {
  readonly identity: Identity
  readonly onRefused: SignInReport
  readonly rateLimits: RateLimits
  readonly persisted: PersistedPolicy
}

/** Longer than any sensible document; the parser counts tokens, but comments and texts may be of any length. */
export const maxDocumentLength = 64 * 1024

/** Of a document that asks for nothing but how many points are left. */
const maxQuestionLength = 500

/** Whether a document is small enough, and may ask for that, as far as is seen without reading it. */
export const mayAskForRateLimit = (document: string): boolean =>
  document.length <= maxQuestionLength && document.includes('rateLimit')

/** The guard at every door: HTTP and WebSocket ask it the same questions before anything of a request is read. */
export class Admission {
  readonly #identity: Identity
  readonly #onRefused: SignInReport
  readonly #rateLimits: RateLimits
  readonly #persisted: PersistedPolicy
  #isOpen = true

  constructor({ identity, onRefused, rateLimits, persisted }: AdmissionOptions) {
    this.#identity = identity
    this.#onRefused = onRefused
    this.#rateLimits = rateLimits
    this.#persisted = persisted
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** From now on nothing is let in. */
  close(): void {
    this.#isOpen = false
  }

  /** Who it is. Throws `GraphQLError`: UNAUTHENTICATED, or UNAVAILABLE when that cannot be judged. */
  async recognise({ authorizations, address, transport }: Caller): Promise<Session> {
    // Several headers mean the same as one with a list (RFC 9110, 5.2), and no list is a credential.
    const authorization = authorizations.length === 0 ? null : authorizations.join(', ')
    try {
      return await this.#identity.identify(authorization)
    } catch (error) {
      const refusal = refusalOf(error)
      this.#onRefused(refusal, { id: randomUUID(), address }, transport)
      throw signInRefusal(refusal.fault)
    }
  }

  /** Throws `GraphQLError` when somebody who was recognised a while ago would not be now. */
  async confirm(session: Session): Promise<void> {
    let isGood: boolean
    try {
      isGood = await session.isStillGood()
    } catch {
      throw signInRefusal('UNAVAILABLE')
    }
    if (!isGood) throw signInRefusal('INVALID')
  }

  /** Takes the point that every request of somebody who was recognised costs; null where there is no limit. */
  charge({ viewer }: Session): RequestCharge | null {
    return this.#rateLimits.charge(viewer)
  }

  /**
   * The parameters to run, with the document. Throws `GraphQLError` when the operation may not even be looked at. Of who
   * has no points left nothing is parsed but what may be the question how many are left.
   */
  admit<T extends OperationParams>({ viewer }: Session, charge: RequestCharge | null, params: T): T {
    if (!this.#isOpen) throw unavailable('The server is shutting down.')
    const found = withPersistedDocument(params, viewer, this.#persisted)
    const { query, variables } = found
    if (charge?.isUnpaid && !(typeof query === 'string' && mayAskForRateLimit(query))) throw charge.refusal()
    if (typeof query === 'string' && query.length > maxDocumentLength) {
      throw badRequest(`A document may have at most ${maxDocumentLength} characters.`)
    }
    assertVariablesWithin(variables)
    return found
  }
}

/** Whatever else goes wrong in recognising somebody: nobody is let in by a fault. */
function refusalOf(error: unknown): AuthenticationError {
  if (error instanceof AuthenticationError) return error
  const refusal = new AuthenticationError('UNAVAILABLE', 'A fault stood in the way.')
  refusal.cause = error
  return refusal
}
