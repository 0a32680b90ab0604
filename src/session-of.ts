import type { Session } from './identity/authenticator.ts'

/** What the door that an operation came through knows of it, beside what is in the operation. */
export interface DoorContext {
  /** Set before anything of the operation is read. */
  session?: Session
  /** When that was, by the monotonic clock; of requests whose body comes afterwards. */
  recognisedAt?: number
  /** Network address of the client, as this server sees it: behind a proxy the proxy's. */
  address?: string | null
}

/** Whose operation this is. Everything that runs has come through a door, which recognised somebody. */
export function sessionOf(context: object): Session {
  const { session } = context as DoorContext
  if (!session) throw new Error('An operation came past the doors.')
  return session
}
