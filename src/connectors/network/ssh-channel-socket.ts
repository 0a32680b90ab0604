import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'

/**
 * A connection that an SSH server makes for us, behaving as a `net.Socket` does where drivers rely on it: `close` comes
 * after `end` and after `destroy`, errors reach the reader, the other side's end ends this one. An `ssh2` channel does
 * none of that, and throws outside of everybody's reach when it is used after its connection is gone.
 */
export class ChannelSocket extends Duplex {
  readonly #channel: ClientChannel
  #isUsable = true
  #isEnded = false

  constructor(channel: ClientChannel) {
    super({ allowHalfOpen: false })
    this.#channel = channel
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause()
    })
    channel.on('end', () => this.#ended())
    channel.on('close', () => {
      this.#isUsable = false
      this.#ended()
    })
    channel.on('error', (error: Error) => this.destroy(error))
    // Nobody reads what does not belong to a forwarded connection; unread it would fill memory.
    channel.stderr.resume()
  }

  /** Bytes that have come and nobody has read. */
  get unread(): number {
    return this.#channel.readableLength + this.readableLength
  }

  /** As the type that drivers ask for. Whatever a driver calls on it has to be here. */
  get asSocket(): Socket {
    return this as unknown as Socket
  }

  /** The SSH connection is gone: the channel must not be touched any more. */
  abandon(error: Error): void {
    this.#isUsable = false
    this.destroy(error)
  }

  override _read(): void {
    if (this.#isUsable) this.#channel.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // What is written after the other side hung up goes nowhere, as with TCP: whoever reads hears of the end. An error
    // would hide what the other side said last.
    if (this.#isUsable && this.#channel.writable) this.#channel.write(chunk, error => done(error))
    else done()
  }

  override _final(done: () => void): void {
    // Not `end`, which would do the same a moment later, when the connection may be gone.
    if (this.#isUsable) (this.#channel as ClientChannel & { eof(): void }).eof()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#isUsable) {
      this.#isUsable = false
      this.#channel.close()
    }
    done(error)
  }

  #ended(): void {
    if (this.#isEnded || this.destroyed) return
    this.#isEnded = true
    this.push(null)
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setTimeout(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  destroySoon(): void {
    if (this.writable) this.end(() => this.destroy())
    else this.destroy()
  }
}
