import { BSON, type Document, type Long } from 'mongodb'

/** One command of a client, however it was wrapped. */
export interface MongoRequest {
  readonly requestId: number
  /** `LEGACY` is the OP_QUERY that a first hello may still come in. */
  readonly form: 'MESSAGE' | 'LEGACY'
  /** In the client's own spelling: `isMaster`, `hello`, `find`. */
  readonly name: string
  /** Decoded without any conversion of numbers' widths that would lose something: a Long stays one. */
  readonly command: Document
  readonly database: string
  /** The client wants no answer. */
  readonly isUnanswered: boolean
}

export interface MessageOptions {
  readonly responseTo?: number
  readonly requestId?: number
  readonly flags?: number
  /** Announced in place of the real length. */
  readonly length?: number
  readonly opCode?: number
  /** What stands before the document: 0 for the body. */
  readonly sectionKind?: number
}

export const opCodes = { reply: 1, query: 2004, compressed: 2012, message: 2013 } as const
const headLength = 16
const readOptions = { promoteLongs: false, promoteValues: false, promoteBuffers: true, useBigInt64: false } as const

/** The head of every message: total length, id, id of what it answers, kind. */
export function head(length: number, opCode: number, { responseTo = 0, requestId = 1 }: MessageOptions = {}): Buffer {
  const bytes = Buffer.alloc(headLength)
  bytes.writeInt32LE(length, 0)
  bytes.writeInt32LE(requestId, 4)
  bytes.writeInt32LE(responseTo, 8)
  bytes.writeInt32LE(opCode, 12)
  return bytes
}

const encode = (document: Document): Buffer => Buffer.from(BSON.serialize(document, { ignoreUndefined: true }))

/** A document with elements that are bytes already: type, name, NUL, value. */
export function rawDocument(elements: Iterable<Buffer>): Buffer {
  const content = Buffer.concat([...elements])
  const length = Buffer.alloc(4)
  length.writeInt32LE(content.length + 5)
  return Buffer.concat([length, content, Buffer.alloc(1)])
}

/** One element of a raw document. */
export const rawElement = (type: number, name: string, value: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`), value])

/** The answer to a find with one document, as bytes. */
export function rawFindAnswer(document: Buffer, namespace: string): Buffer {
  const text = Buffer.from(`${namespace}\0`)
  const textLength = Buffer.alloc(4)
  textLength.writeInt32LE(text.length)
  const ok = Buffer.alloc(8)
  ok.writeDoubleLE(1)
  const cursor = rawDocument([
    rawElement(4, 'firstBatch', rawDocument([rawElement(3, '0', document)])),
    rawElement(18, 'id', Buffer.alloc(8)),
    rawElement(2, 'ns', Buffer.concat([textLength, text])),
  ])
  return rawDocument([rawElement(3, 'cursor', cursor), rawElement(1, 'ok', ok)])
}

/** An OP_MSG with one document, or with bytes in the place of one. */
export function message(content: Document | Buffer, options: MessageOptions = {}): Buffer {
  const body = Buffer.isBuffer(content) ? content : encode(content)
  const before = Buffer.alloc(5)
  before.writeUInt32LE(options.flags ?? 0, 0)
  before.writeUInt8(options.sectionKind ?? 0, 4)
  const length = options.length ?? headLength + before.length + body.length
  return Buffer.concat([head(length, options.opCode ?? opCodes.message, options), before, body])
}

/** An OP_REPLY with one document: what answers an OP_QUERY. */
export function legacyReply(content: Document | Buffer, options: MessageOptions = {}): Buffer {
  const body = Buffer.isBuffer(content) ? content : encode(content)
  const before = Buffer.alloc(20)
  before.writeInt32LE(8, 0)
  before.writeInt32LE(1, 16)
  const length = options.length ?? headLength + before.length + body.length
  return Buffer.concat([head(length, opCodes.reply, options), before, body])
}

/** The answer to a request, in the form that the request came in. */
export function answerTo(request: MongoRequest, document: Document | Buffer, options: MessageOptions = {}): Buffer {
  const form = request.form === 'LEGACY' ? legacyReply : message
  return form(document, { responseTo: request.requestId, ...options })
}

/** Throws for anything that a client of today would not send. */
export function readRequest(bytes: Buffer): MongoRequest {
  const opCode = bytes.readInt32LE(12)
  const requestId = bytes.readInt32LE(4)
  if (opCode === opCodes.query) {
    const endOfName = bytes.indexOf(0, headLength + 4)
    const command = decode(bytes.subarray(endOfName + 1 + 8))
    const database = bytes.toString('utf8', headLength + 4, endOfName).split('.')[0] ?? ''
    return { requestId, form: 'LEGACY', name: nameOf(command), command, database, isUnanswered: false }
  }
  if (opCode !== opCodes.message) throw new Error(`A client sent an operation ${opCode}.`)
  const flags = bytes.readUInt32LE(headLength)
  const command = decode(bytes.subarray(headLength + 5))
  const database = String(command['$db'] ?? '')
  return { requestId, form: 'MESSAGE', name: nameOf(command), command, database, isUnanswered: (flags & 2) !== 0 }
}

function decode(bytes: Buffer): Document {
  const length = bytes.readInt32LE(0)
  return plainNumbers(BSON.deserialize(bytes.subarray(0, length), readOptions)) as Document
}

const nameOf = (command: Document): string => Object.keys(command)[0] ?? ''

/** Numbers that hold no more than JavaScript's become such; a Long beyond them stays what it is. */
function plainNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainNumbers)
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value) || value instanceof Date) return value
  const { _bsontype: type } = value as { _bsontype?: string }
  if (type === 'Int32' || type === 'Double') return (value as { value: number }).value
  if (type === 'Long') return safeLong(value as Long)
  if (type === 'BSONSymbol') return String(value)
  if (type !== undefined) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainNumbers(each)]))
}

function safeLong(value: Long): Long | number {
  const number = value.toNumber()
  return Number.isSafeInteger(number) ? number : value
}
