import type { Socket } from 'node:net'
import { recognizeServer } from '../network/greeting.ts'
import { readSome } from '../network/read-some.ts'
import {
  isUnfinishedError,
  maxFirstMessage,
  parseErrorResponse,
  type ServerError,
  sslRequest,
  startupMessage,
} from './wire.ts'

export type Greeting =
  /** The answer to an SSLRequest. */
  | { readonly kind: 'TLS_OFFERED' }
  | { readonly kind: 'TLS_NOT_OFFERED' }
  /** The answer to a startup message; its bytes are back in the socket for the driver to read. */
  | { readonly kind: 'STARTED'; readonly error: ServerError | null }
  | { readonly kind: 'ERROR'; readonly error: ServerError }
  | { readonly kind: 'WRONG_PROTOCOL'; readonly found: string }
  /** It speaks the protocol, and breaks it. */
  | { readonly kind: 'FAULT'; readonly fault: string }
  /** The peer hung up. */
  | { readonly kind: 'CLOSED'; readonly detail: string }

const cutShort: Greeting = { kind: 'CLOSED', detail: 'The server closed the connection in the middle of its answer.' }

/** Asks the server for encryption. Sends nothing about the user. */
export async function requestTls(socket: Socket, signal: AbortSignal): Promise<Greeting> {
  return guarded(async () => {
    socket.write(sslRequest)
    const bytes = await readSome(socket, signal)
    if (bytes === null) return { kind: 'CLOSED', detail: 'The server closed the connection without an answer.' }
    // Exactly one byte: whatever came with it was put there by somebody in between (CVE-2021-23222).
    if (bytes.length === 1 && bytes[0] === 0x53) return { kind: 'TLS_OFFERED' }
    if (bytes.length === 1 && bytes[0] === 0x4e) return { kind: 'TLS_NOT_OFFERED' }
    const found = recognizeServer(bytes)
    if (found) return { kind: 'WRONG_PROTOCOL', found }
    if (bytes[0] === 0x53) return { kind: 'FAULT', fault: 'it sent data in clear text along with its offer to encrypt' }
    if (bytes[0] === 0x45) {
      const { error, closed } = await readError(bytes, socket, signal)
      if (error) return { kind: 'ERROR', error }
      if (closed) return cutShort
    }
    return { kind: 'WRONG_PROTOCOL', found: 'something else' }
  })
}

/** Starts a session in clear text and waits for the server's first message, which is left in the socket. */
export async function startInClear(
  socket: Socket,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Greeting> {
  return guarded(async () => {
    socket.write(startupMessage(parameters))
    const bytes = await readGreeting(socket, signal)
    if (bytes === null) return { kind: 'CLOSED', detail: 'The server closed the connection without an answer.' }
    const found = recognizeServer(bytes)
    if (found) return { kind: 'WRONG_PROTOCOL', found }
    const begins = [0x52, 0x4e, 0x76, 0x45].includes(bytes[0] ?? 0)
    if (begins && bytes.length < minFirstMessage) return cutShort
    // AuthenticationRequest, NoticeResponse, NegotiateProtocolVersion.
    const length = bytes.length < 5 ? 0 : bytes.readInt32BE(1)
    const isMessage = begins && bytes[0] !== 0x45 && length >= minFirstMessage - 1 && length < maxFirstMessage
    const { error, all, closed } =
      bytes[0] === 0x45 ? await readError(bytes, socket, signal) : { error: null, all: bytes, closed: false }
    if (!error && closed) return cutShort
    if (!isMessage && !error) return { kind: 'WRONG_PROTOCOL', found: 'something else' }
    // Before protocol 3: the driver could not read it either.
    if (error?.code === '') return { kind: 'ERROR', error }
    socket.unshift(all)
    return { kind: 'STARTED', error }
  })
}

/** No message that begins a session is shorter. */
const minFirstMessage = 9

/** The first bytes, as many as it takes to tell what they are: a network may deliver them one by one. */
async function readGreeting(socket: Socket, signal: AbortSignal): Promise<Buffer | null> {
  let all: Buffer | null = null
  while (all === null || (all.length < minFirstMessage && !recognizeServer(all))) {
    const more = await readSome(socket, signal)
    if (more === null) break
    all = all === null ? more : Buffer.concat([all, more])
  }
  return all
}

async function readError(
  first: Buffer,
  socket: Socket,
  signal: AbortSignal,
): Promise<{ error: ServerError | null; all: Buffer; closed: boolean }> {
  let all = first
  let error = parseErrorResponse(all)
  while (!error && isUnfinishedError(all)) {
    const more = await readSome(socket, signal)
    if (more === null) return { error, all, closed: true }
    all = Buffer.concat([all, more])
    error = parseErrorResponse(all)
  }
  return { error, all, closed: false }
}

/** A cut connection is an outcome; anything else that throws stays an exception. */
async function guarded(exchange: () => Promise<Greeting>): Promise<Greeting> {
  try {
    return await exchange()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ECONNRESET' || code === 'EPIPE') return { kind: 'CLOSED', detail: `${message} (${code})` }
    throw error
  }
}
