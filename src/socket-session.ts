import { CloseCode, type Context } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Session } from './identity/authenticator.ts'
import type { SessionEnd, SessionWatch } from './session-watch.ts'
import { signInRefusal } from './sign-in-errors.ts'

/** RFC 6455, registry: the same may work later. */
const tryAgainLater = 1013
/** Longer than any operation waits; for those that a client gave up without a word of theirs. */
const lastAnswerMs = 90_000

/** Closes a WebSocket whose caller was not recognised; the protocol recommends the code. */
export function closeRefused(socket: WebSocket, fault: SessionEnd | 'REFUSED', reason: string): void {
  socket.close(fault === 'UNAVAILABLE' ? tryAgainLater : CloseCode.Forbidden, reason)
}

/**
 * Who opened a WebSocket. Once that session is over nothing new begins on the socket; it is closed when its streams have
 * been ended and what else was running is answered.
 */
export class SocketSession {
  readonly session: Session
  readonly address: string | null
  readonly #socket: WebSocket
  readonly #operations: Context['subscriptions']
  readonly #answered = new Set<string>()
  #end: SessionEnd | null = null

  constructor(
    { session, address }: { readonly session: Session; readonly address: string | null },
    { socket, operations, sessions }: SocketSessionParts,
  ) {
    this.session = session
    this.address = address
    this.#socket = socket
    this.#operations = operations
    if (socket.readyState !== socket.OPEN) return
    const unwatch = sessions.watch(session, end => this.#finish(end))
    socket.once('close', unwatch)
  }

  /** Why nothing may begin any more; null while it may. */
  get end(): SessionEnd | null {
    return this.#end
  }

  started(id: string): void {
    this.#answered.delete(id)
  }

  /** Call right before the last message of an operation is sent. */
  answered(id: string): void {
    // Those that are over are no longer among the operations, and there may be any number of them.
    for (const each of this.#answered) if (!(each in this.#operations)) this.#answered.delete(each)
    this.#answered.add(id)
    if (this.#end !== null) this.#closeWhenIdle(this.#end)
  }

  #finish(end: SessionEnd): void {
    this.#end = end
    this.#closeWhenIdle(end)
    const last = setTimeout(() => this.#close(end), lastAnswerMs).unref()
    this.#socket.once('close', () => clearTimeout(last))
  }

  #closeWhenIdle(end: SessionEnd): void {
    // The last messages are handed to the socket before that.
    setImmediate(() => {
      if (Object.keys(this.#operations).every(id => this.#answered.has(id))) this.#close(end)
    })
  }

  #close(end: SessionEnd): void {
    this.#socket.close(end === 'UNAVAILABLE' ? tryAgainLater : CloseCode.Unauthorized, signInRefusal(end).message)
  }
}

interface SocketSessionParts {
  readonly socket: WebSocket
  /** Those that run, by their ids. */
  readonly operations: Context['subscriptions']
  readonly sessions: SessionWatch
}
