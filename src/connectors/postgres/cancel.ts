import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type EncryptedOutcome, encrypt, type TlsOptions } from '../network/tls.ts'
import { requestTls } from './greet.ts'
import { cancelRequest } from './wire.ts'

export interface CancelOptions {
  /** Opens a second connection the way that the session's own went. */
  readonly dial: () => Promise<Socket>
  readonly processId: number
  readonly secretKey: number
  readonly tls: { readonly options: TlsOptions; readonly trusts: (outcome: EncryptedOutcome) => boolean } | null
  readonly signal: AbortSignal
}

/**
 * Sends a CancelRequest and waits until the server has taken it, which it shows by hanging up. Rejects when that was
 * not possible; the session's statement then runs on until the server notices that its client is gone.
 */
export async function requestCancel({ dial, processId, secretKey, tls, signal }: CancelOptions): Promise<void> {
  const plain = await dial()
  let socket: Socket = plain
  plain.on('error', () => {})
  try {
    if (tls) {
      const greeting = await requestTls(plain, signal)
      if (greeting.kind !== 'TLS_OFFERED') throw new Error('The server offers no encryption for cancelling.')
      const outcome = await encrypt(plain, tls.options)
      if (outcome.kind === 'FAILED') throw outcome.error
      socket = outcome.socket
      if (!tls.trusts(outcome)) throw new Error('The server that would cancel is not the one that was verified.')
    }
    const closed = once(socket, 'close', { signal })
    socket.resume()
    socket.write(cancelRequest(processId, secretKey))
    await closed
  } finally {
    socket.destroy()
    plain.destroy()
  }
}
