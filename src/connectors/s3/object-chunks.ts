import type { Readable } from 'node:stream'

/** Nothing has come for too long. The name by which the SDK's own timeouts are known. */
class StalledTransferError extends Error {
  constructor(idleMs: number) {
    super(`Nothing has come for ${idleMs / 1_000} s.`)
    this.name = 'TimeoutError'
  }
}

export interface ChunkOptions {
  readonly signal: AbortSignal
  /** How long nothing may come while something is waited for. */
  readonly idleMs: number
}

/**
 * What comes in a body, and no more of it than is asked for: whoever does not ask makes the sender wait. Whoever stops
 * early ends the transfer, and so does the signal, at once. Throws what the body fails with, and the signal's reason.
 */
export async function* chunksOf(body: Readable, { signal, idleMs }: ChunkOptions): AsyncGenerator<Uint8Array> {
  const stop = () => body.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      signal.throwIfAborted()
      const timer = setTimeout(() => body.destroy(new StalledTransferError(idleMs)), idleMs)
      const { value, done } = await chunks.next().finally(() => clearTimeout(timer))
      if (done) return
      yield value
    }
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    body.destroy()
  }
}

/**
 * Waits until something has come, and ends the transfer then: what a body begins with may tell that it is something else.
 * Throws as `chunksOf`.
 */
export async function untilBegun(body: Readable, options: ChunkOptions): Promise<void> {
  const chunks = chunksOf(body, options)
  await chunks.next()
  await chunks.return(undefined)
}
