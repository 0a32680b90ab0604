import type { Socket } from 'node:net'

/**
 * Waits for the next bytes. Null: the peer closed the connection instead. Rejects with the socket's error or the
 * signal's reason.
 */
export async function readSome(socket: Socket, signal: AbortSignal): Promise<Buffer | null> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>()
  const onReadable = () => {
    const chunk = socket.read() as Buffer | null
    if (chunk !== null) resolve(chunk)
  }
  const onEnd = () => resolve(null)
  const onAbort = () => reject(signal.reason)
  socket.on('readable', onReadable).once('end', onEnd).once('close', onEnd).once('error', reject)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (socket.destroyed) return null
    return await promise
  } finally {
    socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', reject)
    signal.removeEventListener('abort', onAbort)
  }
}
