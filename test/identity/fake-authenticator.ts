import {
  AuthenticationError,
  type AuthenticationFault,
  type Authenticator,
  type Session,
} from '../../src/identity/authenticator.ts'
import type { Viewer } from '../../src/services/viewer.ts'
import { viewerOf } from '../viewers.ts'

type State = 'GOOD' | AuthenticationFault | 'BROKEN'

/** Recognises credentials that begin with `fake-`, and what it is told of each. */
export class FakeAuthenticator implements Authenticator {
  /** Credentials that it was asked to judge, again for each question whether a session is still good. */
  readonly judged: string[] = []
  readonly #states = new Map<string, State>()
  readonly #viewers = new Map<string, Viewer>()

  /** A credential of somebody of that name, in a workspace of the same name. */
  issue(name: string, overrides: Partial<Viewer> = {}): string {
    const credential = `fake-${name}`
    this.#viewers.set(credential, viewerOf(name, { id: `user:${name}`, kind: 'USER', displayName: name, ...overrides }))
    this.#states.set(credential, 'GOOD')
    return credential
  }

  set(credential: string, state: State): void {
    this.#states.set(credential, state)
  }

  accepts(credential: string): boolean {
    return credential.startsWith('fake-')
  }

  async authenticate(credential: string): Promise<Session> {
    this.judged.push(credential)
    const state = this.#judge(credential)
    const viewer = this.#viewers.get(credential) ?? null
    if (state !== 'GOOD' || viewer === null)
      throw new AuthenticationError(state === 'GOOD' ? 'INVALID' : state, 'Not good.', viewer)
    return {
      viewer,
      isStillGood: async () => {
        this.judged.push(credential)
        const now = this.#judge(credential)
        if (now === 'UNAVAILABLE') throw new AuthenticationError('UNAVAILABLE', 'Nobody answers.')
        return now === 'GOOD'
      },
    }
  }

  #judge(credential: string): Exclude<State, 'BROKEN'> {
    const state = this.#states.get(credential) ?? 'INVALID'
    if (state === 'BROKEN') throw new TypeError('hunter2 is undefined')
    return state
  }
}
