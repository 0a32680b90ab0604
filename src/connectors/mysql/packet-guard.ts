import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import { columnCountIn, columnFault, isEndOfRows, rowFault, statusOfEnd, statusOfOk } from './packet-shapes.ts'
import { marker, readErrorPacket, serverStatus } from './packets.ts'
import type { SignInDialogue } from './sign-in-dialogue.ts'
import { ServerRefusalError } from './sign-in-errors.ts'

/** What a packet costs whoever reads it, beside its bytes: millions of empty ones are a flood too. */
const packetOverheadBytes = 64
/** Of anything but a row, which is as large as its data. */
const maxOtherBytes = 65_536
const headLength = 4
/** A packet of this length goes on in the next one. */
const fullLength = 0xff_ffff
const quit = 0x01
const malformed = 'it sent a malformed message'
const misnumbered = 'its messages are numbered in the wrong order'

type Phase =
  | 'SIGN_IN'
  /** Nothing has been asked. */
  | 'IDLE'
  /** A statement has been sent. */
  | 'ANSWER'
  | 'COLUMNS'
  | 'COLUMNS_END'
  | 'ROWS'

/** A part of a packet that is being received. */
interface Incoming {
  readonly length: number
  /** Made only for what does not come in one chunk. */
  pieces: Buffer | null
  filled: number
}

export interface GuardedReader {
  /** What the driver may see. */
  driver(bytes: Buffer): void
  /** A row's packet, of as many values as the columns that were told last; its bytes are gone when this returns. */
  row(packet: Buffer): void
}

/**
 * Reads ahead of the driver. The driver trusts its server: it reads past the end of packets that are shorter than they
 * say, gathers any number of rows, sends files that it is asked for, and only prints that packets come out of order. So
 * nothing reaches it that is not whole, well-formed and expected; rows do not reach it at all.
 */
export class PacketGuard {
  readonly #maxBytes: number
  readonly #dialogue: SignInDialogue
  readonly #extendedMetadata: boolean
  readonly #head = Buffer.alloc(headLength)
  #headFilled = 0
  #incoming: Incoming | null = null
  /** Parts of a packet that is longer than one can be. */
  #parts: Buffer[] = []
  #partBytes = 0
  #phase: Phase = 'SIGN_IN'
  #sequence = 1
  #columns = 0
  #columnsLeft = 0
  #status = 0
  #weight = 0
  /** Only an error may have a number of its own. */
  #isGoodbye = false
  readonly #reader: GuardedReader
  /** Where in the present chunk begins what the driver has not seen and may see; -1 while rows are kept from it. */
  #passFrom = 0
  /** The number of the last packet that the driver has seen. */
  #passedSequence = 0

  /** `maxBytes`: of all packets of the session together, or since `countFromHere`. */
  constructor(maxBytes: number, dialogue: SignInDialogue, extendedMetadata: boolean, reader: GuardedReader) {
    this.#maxBytes = maxBytes
    this.#dialogue = dialogue
    this.#extendedMetadata = extendedMetadata
    this.#reader = reader
  }

  /** The server's last word on its session: flags of `serverStatus`. */
  get status(): number {
    return this.#status
  }

  /** Whether the server has answered all that it was asked. */
  get idle(): boolean {
    return this.#phase === 'IDLE'
  }

  /** Counts from zero again: a result is limited row by row, for it may be of any size. */
  countFromHere(): void {
    this.#weight = 0
  }

  /** To be told of each packet that the driver sends, before it is sent. */
  sent(packet: Buffer): void {
    const sequence = packet[3] ?? 0
    this.#sequence = (sequence + 1) & 0xff
    if (this.#phase === 'SIGN_IN' || sequence !== 0) return
    if (packet[headLength] !== quit) this.#phase = 'ANSWER'
  }

  /**
   * Passes on what is sound. Throws a `ProtocolFaultError`, a `ByteLimitError`, what the sign-in is refused for, or what
   * the reader throws; nothing more must be read then.
   */
  receive(chunk: Buffer): void {
    if (this.#passFrom >= 0) this.#passFrom = 0
    let at = 0
    while (at < chunk.length) {
      if (this.#incoming === null) {
        const begins = this.#readHead(chunk, at)
        if (begins < 0) break
        at = begins
      }
      if (this.#incoming !== null) at += this.#fill(this.#incoming, chunk, at)
      this.#afterPacket(chunk, at)
    }
    if (this.#passFrom >= 0 && this.#passFrom < chunk.length) this.#reader.driver(chunk.subarray(this.#passFrom))
  }

  /** Where the body of the packet begins; -1 when there is not all of its head. */
  #readHead(chunk: Buffer, at: number): number {
    // Nearly always.
    if (this.#headFilled === 0 && chunk.length - at >= headLength) {
      this.#begin(chunk.readUIntLE(at, 3), chunk[at + 3] ?? 0)
      return at + headLength
    }
    const copied = chunk.copy(this.#head, this.#headFilled, at)
    this.#headFilled += copied
    if (this.#headFilled < headLength) return -1
    this.#headFilled = 0
    this.#begin(this.#head.readUIntLE(0, 3), this.#head[3] ?? 0)
    return at + copied
  }

  /** Rows begin and end between packets: from there on the driver sees nothing, or everything again. */
  #afterPacket(chunk: Buffer, at: number): void {
    if (this.#incoming !== null) return
    if (this.#phase === 'ROWS' && this.#passFrom >= 0) {
      const seen = chunk.subarray(this.#passFrom, at)
      this.#passFrom = -1
      this.#passedSequence = (this.#sequence - 1) & 0xff
      this.#reader.driver(seen)
    } else if (this.#phase !== 'ROWS' && this.#passFrom < 0) this.#passFrom = at
  }

  #begin(length: number, sequence: number): void {
    // What it says unasked before it hangs up has a number of its own.
    this.#isGoodbye = sequence === 0 && this.#sequence !== 0 && this.#parts.length === 0 && this.#phase !== 'SIGN_IN'
    if (sequence !== this.#sequence && !this.#isGoodbye) throw new ProtocolFaultError(misnumbered)
    this.#sequence = (sequence + 1) & 0xff
    if (this.#phase !== 'ROWS' && length > maxOtherBytes)
      throw new ProtocolFaultError(`it announced a message of ${inWords(length)} where a short one belongs`)
    this.#weight += length + packetOverheadBytes
    if (this.#weight > this.#maxBytes) throw new ByteLimitError(this.#maxBytes)
    if (length === 0) this.#finishPart(Buffer.alloc(0))
    else this.#incoming = { length, pieces: null, filled: 0 }
  }

  /** Takes what belongs to the packet and answers how much that was. */
  #fill(incoming: Incoming, chunk: Buffer, at: number): number {
    const taken = Math.min(incoming.length - incoming.filled, chunk.length - at)
    // Most packets come whole; only what is spread over several chunks is copied.
    if (taken === incoming.length) {
      this.#incoming = null
      this.#finishPart(chunk.subarray(at, at + taken))
      return taken
    }
    incoming.pieces ??= Buffer.allocUnsafe(incoming.length)
    chunk.copy(incoming.pieces, incoming.filled, at, at + taken)
    incoming.filled += taken
    if (incoming.filled === incoming.length) {
      this.#incoming = null
      this.#finishPart(incoming.pieces)
    }
    return taken
  }

  #finishPart(part: Buffer): void {
    if (part.length === fullLength) {
      // The chunk is the network's: what is kept of it has to be copied.
      this.#parts.push(Buffer.from(part))
      this.#partBytes += part.length
      return
    }
    if (this.#parts.length === 0) {
      this.#finish(part)
      return
    }
    const whole = Buffer.concat([...this.#parts, part], this.#partBytes + part.length)
    this.#parts = []
    this.#partBytes = 0
    this.#finish(whole)
  }

  #finish(packet: Buffer): void {
    if (packet[0] === marker.ERR) {
      this.#refused(packet)
      return
    }
    if (this.#isGoodbye) throw new ProtocolFaultError(misnumbered)
    switch (this.#phase) {
      case 'SIGN_IN':
        this.#signIn(packet)
        return
      case 'IDLE':
        throw new ProtocolFaultError('it sent what nobody had asked for')
      case 'ANSWER':
        this.#answer(packet)
        return
      case 'COLUMNS':
        this.#column(packet)
        return
      case 'COLUMNS_END':
        if (!isEndOfRows(packet)) throw new ProtocolFaultError(malformed)
        this.#remember(statusOfEnd(packet))
        this.#phase = 'ROWS'
        return
      case 'ROWS':
        this.#row(packet)
        return
    }
  }

  #refused(packet: Buffer): void {
    const error = readErrorPacket(packet)
    if (!error) throw new ProtocolFaultError(malformed)
    if (this.#phase === 'SIGN_IN') return
    // The driver keeps no number of what comes unasked.
    if (this.#phase === 'IDLE' || this.#isGoodbye) throw new ServerRefusalError(error)
    const endsRows = this.#phase === 'ROWS'
    this.#phase = 'IDLE'
    if (endsRows) this.#passAlone(packet)
  }

  #signIn(packet: Buffer): void {
    if (packet.length === 0) throw new ProtocolFaultError(malformed)
    this.#dialogue.accept(packet)
    if (!this.#dialogue.done) return
    this.#remember(statusOfOk(packet))
    this.#phase = 'IDLE'
  }

  #answer(packet: Buffer): void {
    if (packet[0] === marker.LOCAL_INFILE) throw new ProtocolFaultError('it asked for a file of the client')
    if (packet[0] === marker.OK) {
      this.#remember(statusOfOk(packet))
      this.#phase = 'IDLE'
      return
    }
    const columns = columnCountIn(packet)
    if (columns === null) throw new ProtocolFaultError(malformed)
    this.#columns = columns
    this.#columnsLeft = columns
    this.#phase = 'COLUMNS'
  }

  #column(packet: Buffer): void {
    const fault = columnFault(packet, this.#extendedMetadata)
    if (fault !== null) throw new ProtocolFaultError(fault)
    this.#columnsLeft -= 1
    if (this.#columnsLeft === 0) this.#phase = 'COLUMNS_END'
  }

  #row(packet: Buffer): void {
    if (isEndOfRows(packet)) {
      this.#remember(statusOfEnd(packet))
      this.#phase = 'IDLE'
      this.#passAlone(packet)
      return
    }
    const fault = rowFault(packet, this.#columns)
    if (fault !== null) throw new ProtocolFaultError(fault)
    this.#reader.row(packet)
  }

  /** A packet by itself, numbered as if there had been no rows before it. */
  #passAlone(packet: Buffer): void {
    const head = Buffer.alloc(headLength)
    head.writeUIntLE(packet.length, 0, 3)
    head[3] = (this.#passedSequence + 1) & 0xff
    this.#reader.driver(Buffer.concat([head, packet]))
  }

  #remember(status: number | null): void {
    if (status === null) throw new ProtocolFaultError(malformed)
    if ((status & serverStatus.MORE_RESULTS) !== 0)
      throw new ProtocolFaultError('it announced further results of a single statement')
    this.#status = status
  }
}

const inWords = (bytes: number): string =>
  bytes >= 1_048_576 ? `${Math.floor(bytes / 1_048_576)} MB` : `${Math.floor(bytes / 1_024)} KB`
