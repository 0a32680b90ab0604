import type { Socket } from 'node:net'
import { Transform, type TransformCallback } from 'node:stream'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { countValues } from './bson-elements.ts'
import { TooManyValuesError } from './query-errors.ts'

/** How much one answer may be. */
export interface AnswerLimits {
  readonly bytes: number
  /** Fields and items of its document, on all levels: the driver makes a list of them before anybody else sees one. */
  readonly values: number
}

/** The head of every message: length, id, id of the question, kind. */
const headLength = 16
const operations = { reply: 1, message: 2013 } as const

/** What stands between the head and the only document. */
const preludeLengths: ReadonlyMap<number, number> = new Map([
  // Flags, cursor, offset, count.
  [operations.reply, 20],
  // Flags, kind of section.
  [operations.message, 5],
])

const minDocumentLength = 5

/**
 * Lets the driver see only messages that are one: the answer to the question that was asked last, of a sound length, with
 * one document that fills it. The driver itself reads on for ever when a message says that it has no length.
 */
class MessageGuard extends Transform {
  readonly #takeQuestion: () => number | null
  readonly #limits: AnswerLimits
  /** Of one message, held back until it is whole. */
  #pieces: Buffer[] = []
  #held = 0
  /** Of the whole message; known once its head is there. */
  #length: number | null = null

  constructor(takeQuestion: () => number | null, limits: AnswerLimits) {
    super()
    this.#takeQuestion = takeQuestion
    this.#limits = limits
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      for (let at = 0; at < chunk.length; ) at = this.#hold(chunk, at)
      done()
    } catch (error) {
      done(error as Error)
    }
  }

  /** Takes as much as belongs to the head, or to the message that has one. Answers where the rest begins. */
  #hold(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + (this.#length ?? headLength) - this.#held)
    this.#pieces.push(chunk.subarray(at, end))
    this.#held += end - at
    if (this.#length === null && this.#held === headLength) this.#length = this.#judgeHead(Buffer.concat(this.#pieces))
    if (this.#held === this.#length) this.#passOn(Buffer.concat(this.#pieces))
    return end
  }

  #passOn(message: Buffer): void {
    this.#pieces = []
    this.#held = 0
    this.#length = null
    judgeMessage(message, this.#limits)
    this.push(message)
  }

  /** Answers how long the message is. */
  #judgeHead(head: Buffer): number {
    const length = head.readInt32LE(0)
    const least = headLength + preludeOf(head) + minDocumentLength
    if (length < least) throw new ProtocolFaultError('it sent a message of no sound length')
    if (length > this.#limits.bytes) throw new ProtocolFaultError('it sent a message that is far too long')
    const question = this.#takeQuestion()
    if (question === null || head.readInt32LE(8) !== question) {
      throw new ProtocolFaultError('it answered what nobody had asked')
    }
    return length
  }
}

function preludeOf(head: Buffer): number {
  const length = preludeLengths.get(head.readInt32LE(12))
  if (length === undefined) throw new ProtocolFaultError('it sent a message of a kind that answers nothing')
  return length
}

function judgeMessage(message: Buffer, limits: AnswerLimits): void {
  const isMessage = message.readInt32LE(12) === operations.message
  // No checksum was asked for, and one answer is all there is to a question.
  if (isMessage && ((message.readUInt32LE(16) & 0b11) !== 0 || message[20] !== 0)) {
    throw new ProtocolFaultError('it sent an answer in a form that nobody had asked for')
  }
  const start = headLength + preludeOf(message)
  if (message.readInt32LE(start) !== message.length - start) {
    throw new ProtocolFaultError('it sent a document that does not fit into its message')
  }
  if (countValues(message, start, limits.values) > limits.values) {
    throw new TooManyValuesError(limits.values, 'answer')
  }
}

/** Puts the guard between a connected socket and whoever pipes from it, which must send one question at a time. */
export function guardMessages(socket: Socket, limits: AnswerLimits): void {
  let question: number | null = null
  const takeQuestion = () => {
    const asked = question
    question = null
    return asked
  }
  const { write, pipe } = socket
  // The driver writes a message at once. Every overload begins with the bytes.
  socket.write = ((bytes: Uint8Array, ...rest: []) => {
    question = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readInt32LE(4)
    return write.call(socket, bytes, ...rest)
  }) as typeof socket.write
  socket.pipe = (destination, options) => {
    const guard = new MessageGuard(takeQuestion, limits)
    guard.on('error', error => socket.destroy(error))
    pipe.call(socket, guard)
    return guard.pipe(destination, options)
  }
}
