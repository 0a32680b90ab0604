/** The parts of PostgreSQL's wire protocol that come before a driver can take over. */

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: length 8, code 80877103. */
export const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

/** Protocol 3.0 with exactly these parameters: nothing of the process' environment gets in. */
export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const text = Object.entries(parameters)
    .map(([key, value]) => `${key}\0${value}\0`)
    .join('')
  const body = Buffer.from(`${text}\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(body.length + 8, 0)
  head.writeInt32BE(196_608, 4)
  return Buffer.concat([head, body])
}

export function cancelRequest(processId: number, secretKey: number): Buffer {
  const message = Buffer.alloc(16)
  message.writeInt32BE(16, 0)
  message.writeInt32BE(80_877_102, 4)
  message.writeInt32BE(processId, 8)
  message.writeInt32BE(secretKey, 12)
  return message
}

export interface ServerError {
  /** SQLSTATE; empty when the server is too old or too broken to have given one. */
  readonly code: string
  readonly message: string
}

/** An ErrorResponse that begins `bytes`; null while it is incomplete, and when it is none. */
export function parseErrorResponse(bytes: Buffer): ServerError | null {
  if (bytes.length < 5) return null
  const length = bytes.readInt32BE(1)
  if (!isLength(length)) return parseOldError(bytes)
  if (bytes.length < length + 1) return null
  const fields = new Map(
    bytes
      .subarray(5, length + 1)
      .toString('utf8')
      .split('\0')
      .map(field => [field.slice(0, 1), field.slice(1)]),
  )
  return { code: fields.get('C') ?? '', message: fields.get('M') ?? '' }
}

/** Whether more bytes may make an ErrorResponse of `bytes`. */
export const isUnfinishedError = (bytes: Buffer): boolean => bytes.length < 5 || isLength(bytes.readInt32BE(1))

/** Before protocol 3 there was no length, only text up to a NUL. */
function parseOldError(bytes: Buffer): ServerError | null {
  const [message = ''] = bytes.subarray(1).toString('utf8').split('\0', 1)
  return /^[\x20-\x7e]{4}/.test(message) ? { code: '', message } : null
}

const isLength = (length: number): boolean => length > 4 && length <= maxFirstMessage

/** Longer first messages are nobody's greeting. */
export const maxFirstMessage = 65_536
