import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { cleanText } from '../problem.ts'
import { recognizeServer } from './greeting.ts'
import type { SshOffer } from './ssh-algorithms.ts'
import { readOffer } from './ssh-offer.ts'

/** Why the peer's bytes are not passed on any more. */
export type TransportFault =
  | { readonly kind: 'WRONG_PROTOCOL'; readonly found: string }
  /** The peer hung up; `detail` says when, and what it said. */
  | { readonly kind: 'CLOSED'; readonly detail: string }

export class SshTransportError extends Error {
  readonly fault: TransportFault

  constructor(fault: TransportFault) {
    super(fault.kind === 'CLOSED' ? fault.detail : `The peer is ${fault.found}.`)
    this.name = 'SshTransportError'
    this.fault = fault
  }
}

/** RFC 4253 section 4.2: the version line has at most 255 bytes; other lines may come before it. */
const maxVersionLine = 255
const maxBeforeVersion = 8_192

/**
 * A key exchange and a sign-in need a few kilobytes; `ssh2` would read messages without meaning for ever. Afterwards
 * the guard below every socket counts, which knows what the job is about.
 */
const maxBeforeSignIn = 512 * 1_024

/** What is waiting to be sent to a server that asks and asks and never reads. */
const maxUnsent = 8 * 1_048_576

/**
 * The bytes between a TCP socket and `ssh2`, which trusts its peer with more than it should: it loses parts of a
 * version line that arrives in three pieces, and bounds neither what it is sent nor what it answers. Reads the
 * version line and the server's offer on the way; the rest passes as it is.
 */
export class SshTransport extends Duplex {
  /** What the server says that it is, without "SSH-2.0-"; null until its version line has come. */
  software: string | null = null
  /** Null until it has come. */
  offer: SshOffer | null = null
  readonly #socket: Socket
  #received = 0
  #isSound: (() => boolean) | null = null
  #head: Buffer = Buffer.alloc(0)
  #offerBytes: Buffer | null = Buffer.alloc(0)

  constructor(socket: Socket) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    // Whoever reads adds listeners; before and after them an error must not be uncaught.
    this.on('error', () => {})
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.once('end', () => this.#end())
    socket.once('error', error => this.#close(socketDetail(error)))
    socket.once('close', () => this.#close(socketDetail(null)))
    // It may be gone by now: its events have been, and nobody would hear of it.
    if (socket.destroyed) process.nextTick(() => this.#close(socketDetail(socket.errored)))
  }

  /** From here on `isSound` says, as bytes arrive, whether the server keeps to what it may send. */
  signedIn(isSound: () => boolean): void {
    this.#isSound = isSound
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: () => void): void {
    this.#socket.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed) return
    this.#received += chunk.length
    const excess = this.#excess()
    if (excess !== null) this.#fail({ kind: 'CLOSED', detail: excess })
    else if (this.software === null) this.#readVersion(chunk)
    else this.#pass(chunk)
  }

  #excess(): string | null {
    const isSound = this.#isSound ? this.#isSound() : this.#received <= maxBeforeSignIn
    if (!isSound) return 'The SSH server sent more than it may.'
    const unsent = this.writableLength + this.#socket.writableLength
    return unsent > maxUnsent ? 'The SSH server does not read what it asked for.' : null
  }

  #pass(chunk: Buffer): void {
    if (chunk.length === 0) return
    if (this.#offerBytes) {
      const { offer, rest } = readOffer(Buffer.concat([this.#offerBytes, chunk]))
      this.offer = offer
      this.#offerBytes = rest
    }
    if (!this.push(chunk)) this.#socket.pause()
  }

  #readVersion(chunk: Buffer): void {
    this.#head = Buffer.concat([this.#head, chunk])
    const text = this.#head.toString('latin1')
    const [line, software] = /^SSH-(?:2\.0|1\.99)-([^\r\n]*)\r?\n/m.exec(text) ?? []
    if (line !== undefined && line.length <= maxVersionLine && software !== undefined) {
      this.software = cleanText(software, maxVersionLine)
      // What came before is for people; ssh2 does not need it.
      const at = text.indexOf(line)
      const version = this.#head.subarray(at, at + line.length)
      const rest = this.#head.subarray(at + line.length)
      this.#head = Buffer.alloc(0)
      this.push(version)
      this.#pass(rest)
      return
    }
    const tooLong = text.length > maxBeforeVersion ? 'something else' : null
    const found = (/^SSH-/m.test(text) ? versionIssue(text) : recognizeServer(this.#head)) ?? tooLong
    if (found !== null) this.#fail({ kind: 'WRONG_PROTOCOL', found })
  }

  #end(): void {
    if (this.software === null) this.#fail(hungUp(this.#head.toString('latin1')))
    else this.push(null)
  }

  #close(detail: string): void {
    if (!this.destroyed) this.#fail({ kind: 'CLOSED', detail })
  }

  #fail(fault: TransportFault): void {
    this.destroy(new SshTransportError(fault))
  }
}

const socketDetail = (error: Error | null): string =>
  error ? `${error.message} (${(error as NodeJS.ErrnoException).code ?? error.name})` : 'The connection was closed.'

/** sshd says why in a line of text when it has too many connections, or has had enough of this client. */
function hungUp(text: string): TransportFault {
  if (text !== '' && !/MaxStartups|Not allowed at this time/.test(text)) {
    return { kind: 'WRONG_PROTOCOL', found: 'something else' }
  }
  const words = text === '' ? 'It said nothing.' : `It said: ${cleanText(text, 200)}`
  return { kind: 'CLOSED', detail: `The SSH server closed the connection at once. ${words}` }
}

/** What is wrong with a version line that has begun; null while it may still turn out well. */
function versionIssue(text: string): string | null {
  const line = /^SSH-[^\n]*/m.exec(text)?.[0] ?? ''
  if (line.length > maxVersionLine) return 'something else'
  const [, version] = /^SSH-([0-9.]{1,8})-/.exec(line) ?? []
  return version !== undefined && !['2.0', '1.99'].includes(version) ? `an SSH server of version ${version}` : null
}
