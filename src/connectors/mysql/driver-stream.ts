import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

export interface DriverStreamOptions {
  /** Connected, greeted, and encrypted if it is to be. */
  readonly socket: Socket
  /** Whether the driver's own request for encryption has nothing left to ask for. */
  readonly encrypted: boolean
  /** Told of each packet before it is sent. */
  readonly sent: (packet: Buffer) => void
}

/**
 * What the driver takes for its socket: it writes to it, and hears from it what it is given by `receive`. Everything else
 * that it does to sockets is left out.
 */
export class DriverStream extends EventEmitter {
  readonly #socket: Socket
  readonly #sent: (packet: Buffer) => void
  #swallows: boolean

  constructor({ socket, encrypted, sent }: DriverStreamOptions) {
    super()
    this.#socket = socket
    this.#sent = sent
    this.#swallows = encrypted
  }

  get destroyed(): boolean {
    return this.#socket.destroyed
  }

  receive(bytes: Buffer): void {
    this.emit('data', bytes)
  }

  write(packet: Buffer, written?: (error?: Error | null) => void): boolean {
    // Its first packet then asks for what has been done.
    if (this.#swallows) {
      this.#swallows = false
      written?.()
      return true
    }
    this.#sent(packet)
    return this.#socket.write(packet, written)
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  pause(): void {}

  resume(): void {}
}
