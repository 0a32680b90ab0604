import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { encrypt, type TlsOptions, type TlsOutcome } from '../network/tls.ts'
import { askHello, type Reply } from './wire.ts'

/** Opens a further connection to the server. */
export type Redial = (signal: AbortSignal) => Promise<Socket>

/** How long a peer may leave a handshake unanswered before it is asked in clear text what it is. */
const silentHandshakeMs = 1_500
/** For one question on a second connection. */
const secondQuestionMs = 1_500

/** Node's codes of answers to a handshake that come from no TLS server. */
const notTls =
  /^(ECONNRESET|EPIPE|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|UNEXPECTED_MESSAGE|.*RECORD))/

/**
 * Encrypts; where nothing like TLS comes back, asks in clear text on another connection what is there. Rejects only with
 * the signal's reason.
 */
export async function handshakeOrAnswer(
  socket: Socket,
  redial: Redial,
  { signal, ...options }: TlsOptions,
): Promise<TlsOutcome | Extract<Reply, { kind: 'DOCUMENT' | 'WRONG_PROTOCOL' }>> {
  const attempt = new AbortController()
  const either = AbortSignal.any([signal, attempt.signal])
  const handshake = encrypt(socket, { ...options, signal: either })
  handshake.catch(() => {})
  const silent = delay(silentHandshakeMs, null, { signal: either }).catch(() => null)
  try {
    const first = await Promise.race([handshake, silent])
    if (first?.kind === 'ENCRYPTED' || (first && !notTls.test(first.error.code ?? ''))) return first
    const answer = await askInClear(redial, signal)
    if (answer?.kind === 'DOCUMENT' || answer?.kind === 'WRONG_PROTOCOL') return answer
    return first ?? (await handshake)
  } finally {
    attempt.abort()
  }
}

/** Null: nothing came back. */
async function askInClear(redial: Redial, signal: AbortSignal): Promise<Reply | null> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(secondQuestionMs)])
  let socket: Socket | null = null
  try {
    socket = await redial(patience)
    return await askHello(socket, patience)
  } catch {
    signal.throwIfAborted()
    return null
  } finally {
    socket?.destroy()
  }
}

/** Whether a handshake gets anywhere; nothing is sent but the handshake. Rejects only with the signal's reason. */
export async function speaksTls(redial: Redial, { signal, ...options }: TlsOptions): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(secondQuestionMs)])
  try {
    const outcome = await encrypt(await redial(patience), { ...options, client: null, signal: patience })
    if (outcome.kind === 'ENCRYPTED') outcome.socket.destroy()
    return outcome.kind === 'ENCRYPTED' || /ALERT/.test(outcome.error.code ?? '')
  } catch {
    signal.throwIfAborted()
    return false
  }
}
