import type { Socket } from 'node:net'
import { recognizeServer } from '../network/greeting.ts'
import { readSome } from '../network/read-some.ts'
import { type Handshake, readHandshake } from './handshake.ts'
import { marker, readErrorPacket, type ServerError } from './packets.ts'

export type Greeting =
  | { readonly kind: 'HANDSHAKE'; readonly handshake: Handshake }
  /** It speaks the protocol, and will not have us. */
  | { readonly kind: 'ERROR'; readonly error: ServerError }
  | { readonly kind: 'WRONG_PROTOCOL'; readonly found: string }
  /** It speaks the protocol, and breaks it. */
  | { readonly kind: 'FAULT'; readonly fault: string }
  /** The peer hung up. */
  | { readonly kind: 'CLOSED'; readonly detail: string }

/** No greeting of a real server comes near it. */
const maxGreeting = 8_192
const headLength = 4

/** Waits for what the server says first. Rejects with the signal's reason. */
export async function readGreeting(socket: Socket, signal: AbortSignal): Promise<Greeting> {
  let all: Buffer = Buffer.alloc(0)
  for (;;) {
    const more = await nextBytes(socket, signal)
    if (typeof more === 'string') return closed(all, more)
    all = Buffer.concat([all, more])
    const greeting = judge(all)
    if (greeting) return greeting
  }
}

/** What cut the connection, as far as anything is known of it. */
async function nextBytes(socket: Socket, signal: AbortSignal): Promise<Buffer | string> {
  try {
    return (await readSome(socket, signal)) ?? ''
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ECONNRESET' || code === 'EPIPE') return `${message} (${code})`
    throw error
  }
}

function closed(all: Buffer, detail: string): Greeting {
  const found = all.length === 0 || isOurs(all) ? null : recognizeServer(all)
  if (found) return { kind: 'WRONG_PROTOCOL', found }
  const when = all.length === 0 ? 'without a greeting' : 'in the middle of its greeting'
  return { kind: 'CLOSED', detail: detail === '' ? `The server closed the connection ${when}.` : detail }
}

/** Whether the bytes can begin a greeting of this protocol, as far as they have come. */
const isOurs = (bytes: Buffer): boolean =>
  (bytes.length < headLength || bytes[3] === 0) &&
  (bytes.length <= headLength || [10, marker.ERR].includes(bytes[headLength] ?? 0))

/** Null: more bytes may tell. */
function judge(bytes: Buffer): Greeting | null {
  if (!isOurs(bytes)) return { kind: 'WRONG_PROTOCOL', found: otherServer(bytes) }
  if (bytes.length <= headLength) return null
  const length = bytes.readUIntLE(0, 3)
  if (length > maxGreeting) return { kind: 'WRONG_PROTOCOL', found: 'something else' }
  if (bytes.length < headLength + length) return null
  const packet = bytes.subarray(headLength, headLength + length)
  if (packet[0] === marker.ERR) {
    const error = readErrorPacket(packet)
    return error ? { kind: 'ERROR', error } : { kind: 'FAULT', fault: 'it sent a malformed message' }
  }
  // Whatever comes with it was put there by somebody in between, before encryption could keep it out.
  if (bytes.length > headLength + length)
    return { kind: 'FAULT', fault: 'it went on talking before anybody had answered its greeting' }
  const handshake = readHandshake(packet)
  if (handshake) return { kind: 'HANDSHAKE', handshake }
  return { kind: 'FAULT', fault: 'its greeting is not one of a server of this century' }
}

function otherServer(bytes: Buffer): string {
  // Mysqlx.Notice, by which its other port says hello: four bytes of length, then type 11.
  if (bytes.length >= 5 && bytes.readUInt32LE(0) < 64 && bytes[4] === 0x0b)
    return 'the X Protocol of a MySQL server, whose classic protocol has another port'
  return recognizeServer(bytes) ?? 'something else'
}
