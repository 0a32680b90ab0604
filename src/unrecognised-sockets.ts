import type { WebSocket } from 'ws'

/**
 * WebSockets that have not said yet who opened them. They have places of their own, so that nobody who is recognised
 * loses one to them. When they are too many, the one that has waited longest must leave: whoever is in earnest says it at
 * once, and is not kept out by any number that never do.
 */
export class UnrecognisedSockets {
  readonly #max: number
  /** In the order in which they came. */
  readonly #sockets = new Set<WebSocket>()

  constructor(max: number) {
    this.#max = max
  }

  enter(socket: WebSocket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.leave(socket))
    const [oldest] = this.#sockets
    if (oldest === undefined || this.#sockets.size <= this.#max) return
    this.leave(oldest)
    oldest.terminate()
  }

  /** Call when it is known who opened it. */
  leave(socket: WebSocket): void {
    this.#sockets.delete(socket)
  }
}
