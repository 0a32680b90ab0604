import type { Socket } from 'node:net'
import { recordOverrun } from './guard-record.ts'
import { ByteBudgetError } from './network-guard-errors.ts'

const checkMs = 50

/**
 * Follows the sockets of a job and cuts the one on which a server sends more than it may. Looks at counters that Node
 * keeps anyway, so that it costs nothing per byte and also sees what TLS reads from a socket's handle.
 */
export class ByteBudget {
  readonly #sockets = new Set<Socket>()
  #maxBytes = 0
  #timer: NodeJS.Timeout | undefined

  watch(socket: Socket): void {
    if (this.#sockets.has(socket)) return
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  /** A job begins. `maxBytes`: what one socket may receive in the whole of it. */
  start(maxBytes: number): void {
    this.#maxBytes = maxBytes
    this.#timer ??= setInterval(() => this.#check(), checkMs).unref()
  }

  /** The job has ended: no socket of it is left open. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const socket of this.#sockets) socket.destroy()
    // A driver may have taken its listeners off, ours included.
    this.#sockets.clear()
  }

  #check(): void {
    for (const socket of this.#sockets) {
      if (socket.destroyed || socket.bytesRead <= this.#maxBytes) continue
      recordOverrun(this.#maxBytes)
      socket.destroy(new ByteBudgetError(this.#maxBytes))
    }
  }
}
