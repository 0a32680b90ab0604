import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import { AuthenticationSequence } from './authentication-sequence.ts'
import { messageFault, rowFault } from './message-shapes.ts'

/** What a message costs whoever reads it, beside its bytes: millions of empty ones are a flood too. */
const messageOverheadBytes = 64

const kilobyte = 1_024
const megabyte = 1_024 * kilobyte

/** Largest body by type of message. PostgreSQL's own are far smaller; only rows are as large as their data. */
const maxBodyBytes: Readonly<Record<string, number>> = {
  R: 64 * kilobyte,
  E: 8 * megabyte,
  N: 8 * megabyte,
  D: 2 ** 31,
}
const maxOtherBytes = megabyte

const headerBytes = 5
const dataRow = 0x44

/** A message whose body is being received. */
interface Incoming {
  readonly type: string
  readonly length: number
  /** Made only for what does not come in one chunk. */
  pieces: Buffer | null
  filled: number
}

/** Types of messages that may come before the first ReadyForQuery, and after it. What a copy needs is never asked for. */
const beforeReady = 'RKSNEZA'
const afterReady = '123ACDEINSTZnst'

/**
 * Reads along with the driver, ahead of it. The driver trusts its server: it makes room for whatever length is
 * announced, reads past the end of messages that are shorter than they say, and spins for ever on an error message
 * without an end (pg-protocol 1.x). So nothing reaches it that is not a whole, well-formed and expected message.
 */
export class MessageGuard {
  readonly #maxBytes: number
  readonly #authentication = new AuthenticationSequence()
  readonly #header = Buffer.alloc(headerBytes)
  #headerFilled = 0
  #incoming: Incoming | null = null
  #ready = false
  #columns = 0
  #weight = 0

  /** `maxBytes`: of all messages of the session together, or since `countFromHere`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Throws a `ProtocolFaultError`, `ByteLimitError` or `UnsupportedMethodError`: the driver must not see `chunk` then. */
  check(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#incoming === null) {
        at = this.#checkRows(chunk, at)
        const copied = chunk.copy(this.#header, this.#headerFilled, at)
        at += copied
        this.#headerFilled += copied
        if (this.#headerFilled < headerBytes) return
        this.#headerFilled = 0
        this.#begin(String.fromCharCode(this.#header[0] ?? 0), this.#header.readInt32BE(1) - 4)
        if (this.#incoming === null) continue
      }
      at += this.#receive(this.#incoming, chunk, at)
    }
  }

  /** Counts from zero again: a result is limited row by row, for it may be of any size. */
  countFromHere(): void {
    this.#weight = 0
  }

  /** The quick way for rows that are in the chunk as a whole, one behind the other. Answers where they end. */
  #checkRows(chunk: Buffer, start: number): number {
    let at = start
    if (!this.#ready || this.#headerFilled > 0) return at
    while (chunk[at] === dataRow && chunk.length - at >= headerBytes) {
      const length = chunk.readInt32BE(at + 1) - 4
      const end = at + headerBytes + length
      if (length < 0 || end > chunk.length) break
      this.#weigh(length)
      const fault = rowFault(chunk, at + headerBytes, end, this.#columns)
      if (fault !== null) throw new ProtocolFaultError(fault)
      at = end
    }
    return at
  }

  #begin(type: string, length: number): void {
    if (length < 0) throw new ProtocolFaultError('it announced a message of a length that does not exist')
    if (!(this.#ready ? afterReady : beforeReady).includes(type)) throw unexpected(type, this.#ready)
    if (length > (maxBodyBytes[type] ?? maxOtherBytes))
      throw new ProtocolFaultError(`it announced a message of ${inWords(length)} where a short one belongs`)
    this.#weigh(length)
    if (length === 0) this.#finish(type, Buffer.alloc(0))
    else this.#incoming = { type, length, pieces: null, filled: 0 }
  }

  #weigh(length: number): void {
    this.#weight += length + messageOverheadBytes
    if (this.#weight > this.#maxBytes) throw new ByteLimitError(this.#maxBytes)
  }

  /** Takes what belongs to the message and answers how much that was. */
  #receive(incoming: Incoming, chunk: Buffer, at: number): number {
    const taken = Math.min(incoming.length - incoming.filled, chunk.length - at)
    // Most messages come whole; only what is spread over several chunks is copied.
    if (taken === incoming.length) {
      this.#incoming = null
      this.#finish(incoming.type, chunk.subarray(at, at + taken))
      return taken
    }
    incoming.pieces ??= Buffer.allocUnsafe(incoming.length)
    chunk.copy(incoming.pieces, incoming.filled, at, at + taken)
    incoming.filled += taken
    if (incoming.filled === incoming.length) {
      this.#incoming = null
      this.#finish(incoming.type, incoming.pieces)
    }
    return taken
  }

  #finish(type: string, body: Buffer): void {
    const fault = type === 'D' ? rowFault(body, 0, body.length, this.#columns) : messageFault(type, body)
    if (fault !== null) throw new ProtocolFaultError(fault)
    if (type === 'T') this.#columns = body.readInt16BE(0)
    if (type === 'R') this.#authentication.accept(body)
    if (type === 'Z' && !this.#ready) {
      if (!this.#authentication.done) throw new ProtocolFaultError('it began the session before anybody had signed in')
      this.#ready = true
    }
  }
}

function unexpected(type: string, ready: boolean): ProtocolFaultError {
  if (ready && type === 'R') return new ProtocolFaultError('it asked for a sign-in after the sign-in')
  if ('GHWdcV'.includes(type)) return new ProtocolFaultError('it began a transfer that nobody had asked for')
  if (type === 'v') return new ProtocolFaultError('it answered in another version of the protocol than it was asked in')
  if (!ready && afterReady.includes(type)) return new ProtocolFaultError('it sent results before the sign-in was over')
  return new ProtocolFaultError('it sent a message of a kind that does not belong there')
}

const inWords = (bytes: number): string =>
  bytes >= megabyte ? `${Math.floor(bytes / megabyte)} MB` : `${Math.floor(bytes / kilobyte)} KB`
