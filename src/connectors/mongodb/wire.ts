import { randomInt } from 'node:crypto'
import type { Socket } from 'node:net'
import { BSON, type Document } from 'mongodb'
import { recognizeServer } from '../network/greeting.ts'
import { readSome } from '../network/read-some.ts'
import { countValues } from './bson-elements.ts'

/** What came back for one question asked on a connection without credentials. */
export type Reply =
  | { readonly kind: 'DOCUMENT'; readonly document: Document }
  | { readonly kind: 'WRONG_PROTOCOL'; readonly found: string }
  /** It speaks the protocol, and breaks it. Our own words. */
  | { readonly kind: 'FAULT'; readonly fault: string }
  /** The peer hung up. */
  | { readonly kind: 'CLOSED'; readonly detail: string; readonly error: NodeJS.ErrnoException | null }

const headLength = 16
const operations = { reply: 1, query: 2004, message: 2013 } as const
/** Before the document: flags, cursor, offset and count of an OP_REPLY; flags and kind of section of an OP_MSG. */
const beforeDocument: ReadonlyMap<number, number> = new Map([
  [operations.reply, 20],
  [operations.message, 5],
])

/** A hello has a few hundred bytes, a list of databases some thousands. */
const maxReplyBytes = 2 ** 20
const maxReplyValues = 100_000

function framed(operation: number, requestId: number, ...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(headLength)
  head.writeInt32LE(headLength + parts.reduce((total, part) => total + part.length, 0), 0)
  head.writeInt32LE(requestId, 4)
  head.writeInt32LE(operation, 12)
  return Buffer.concat([head, ...parts])
}

/** In the form that servers of every age understand, so that an old one can say how old it is. */
function legacyQuery(requestId: number, command: Document): Buffer {
  const before = Buffer.concat([Buffer.alloc(4), Buffer.from('admin.$cmd\0'), Buffer.alloc(8)])
  // One document wanted.
  before.writeInt32LE(-1, before.length - 4)
  return framed(operations.query, requestId, before, BSON.serialize(command))
}

const message = (requestId: number, command: Document): Buffer =>
  framed(operations.message, requestId, Buffer.alloc(5), BSON.serialize(command))

/** Asks a server what it is. Tells it nothing about the account. Rejects only with the signal's reason. */
export const askHello = (socket: Socket, signal: AbortSignal): Promise<Reply> =>
  ask(socket, id => legacyQuery(id, { isMaster: 1, helloOk: true }), signal)

/** Runs a command in the database `admin`. Rejects only with the signal's reason. */
export const askCommand = (socket: Socket, command: Document, signal: AbortSignal): Promise<Reply> =>
  ask(socket, id => message(id, { ...command, $db: 'admin' }), signal)

async function ask(socket: Socket, request: (id: number) => Buffer, signal: AbortSignal): Promise<Reply> {
  const requestId = randomInt(1, 2 ** 31 - 1)
  try {
    socket.write(request(requestId))
    return await readReply(socket, requestId, signal)
  } catch (error) {
    signal.throwIfAborted()
    const { message: detail } = error as Error
    return { kind: 'CLOSED', detail, error: error as NodeJS.ErrnoException }
  }
}

async function readReply(socket: Socket, requestId: number, signal: AbortSignal): Promise<Reply> {
  let bytes = Buffer.alloc(0)
  for (;;) {
    const known = bytes.length < headLength ? null : lengthOf(bytes, requestId)
    if (known !== null && typeof known !== 'number') return known
    if (known !== null && bytes.length >= known) return documentOf(bytes.subarray(0, known))
    // Whoever speaks another language may say less than a head.
    const found = known === null ? recognizeServer(bytes) : null
    if (found !== null && bytes.length < headLength && !mayBecomeReply(bytes)) return { kind: 'WRONG_PROTOCOL', found }
    const more = await readSome(socket, signal)
    if (more === null) return ended(bytes)
    bytes = Buffer.concat([bytes, more])
  }
}

/** How long the whole reply is, or what it is instead. */
function lengthOf(bytes: Buffer, requestId: number): number | Reply {
  const operation = bytes.readInt32LE(12)
  if (bytes.readInt32LE(8) !== requestId || !beforeDocument.has(operation)) {
    return { kind: 'WRONG_PROTOCOL', found: recognizeServer(bytes) ?? 'something else' }
  }
  const length = bytes.readInt32LE(0)
  const least = headLength + (beforeDocument.get(operation) ?? 0)
  if (length < least) return { kind: 'FAULT', fault: 'its answer is shorter than an answer can be' }
  return length > maxReplyBytes ? { kind: 'FAULT', fault: 'its answer is far larger than it should be' } : length
}

/** The first bytes of a sound reply are its length, which is small: the third and fourth are zero or nearly so. */
const mayBecomeReply = (bytes: Buffer): boolean => bytes.length >= 4 && bytes[3] === 0

function ended(bytes: Buffer): Reply {
  const found = recognizeServer(bytes)
  if (found !== null) return { kind: 'WRONG_PROTOCOL', found }
  const detail =
    bytes.length === 0
      ? 'The server closed the connection without an answer.'
      : 'The server closed the connection in the middle of its answer.'
  return { kind: 'CLOSED', detail, error: null }
}

function documentOf(reply: Buffer): Reply {
  const operation = reply.readInt32LE(12)
  const start = headLength + (beforeDocument.get(operation) ?? 0)
  try {
    const isBody = operation === operations.reply || reply[start - 1] === 0
    if (!isBody) return { kind: 'FAULT', fault: 'its answer has no document where one must be' }
    const size = reply.readInt32LE(start)
    if (countValues(reply, start, maxReplyValues) > maxReplyValues) {
      return { kind: 'FAULT', fault: 'its answer is far larger than it should be' }
    }
    return { kind: 'DOCUMENT', document: BSON.deserialize(reply.subarray(start, start + size)) }
  } catch {
    return { kind: 'FAULT', fault: 'its answer cannot be read' }
  }
}
