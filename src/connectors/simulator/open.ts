import { setTimeout as pause } from 'node:timers/promises'
import type { Misbehaviour } from './outcomes.ts'

/**
 * Stands where other types open a connection: what takes time here, or goes wrong, does so by itself. Nothing is
 * looked up, dialled, read or written.
 */

/** Lets what has been said leave the process before it stops listening. */
const partingMs = 20
const chunkBytes = 16 * 2 ** 20
/** Far more than a process may have. Where nobody minds, it stays at that. */
const maxChunks = 128
/** Longer than any test or preview: whoever supervises the process must have ended it by then. */
const maxBurnMs = 400_000

/** Takes `delayMs`, telling the notes on the way. Rejects when `signal` aborts. */
export async function takeTime(
  { delayMs, notes }: { readonly delayMs: number; readonly notes: readonly string[] },
  { signal, note }: { readonly signal: AbortSignal; note(text: string): void },
): Promise<void> {
  const pauses = Math.max(1, notes.length)
  for (let index = 0; index < pauses; index += 1) {
    const text = notes[index]
    if (text !== undefined) note(text)
    await wait(delayMs / pauses, signal)
  }
}

/** Rejects when `signal` aborts. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (delayMs > 0) await pause(delayMs, undefined, { signal })
}

/** Does what a driver must not do. Rejects when it throws or is told to stop, else never settles. */
export async function misbehave(kind: Misbehaviour, signal: AbortSignal): Promise<never> {
  signal.throwIfAborted()
  switch (kind) {
    case 'HANG':
      break
    case 'THROW':
      throw Object.assign(new Error('an unknown error of a simulated driver'), { code: 'ESIMULATED' })
    case 'CRASH':
      await pause(partingMs)
      // A signal to itself would be refused: the sandbox lets nothing be signalled.
      process.abort()
      break
    case 'EXIT':
      await pause(partingMs)
      process.exit(0)
      break
    case 'BURN_CPU':
      await pause(partingMs)
      burn()
      break
    case 'EAT_MEMORY':
      await eat(signal)
      break
  }
  return await untilAborted(signal)
}

function burn(): void {
  const endsAt = performance.now() + maxBurnMs
  while (performance.now() < endsAt);
}

async function eat(signal: AbortSignal): Promise<void> {
  const eaten: Buffer[] = []
  while (eaten.length < maxChunks) {
    // Filled, because memory that is never written to is not taken.
    eaten.push(Buffer.alloc(chunkBytes, 1))
    await pause(5, undefined, { signal })
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  if (signal.aborted) reject(signal.reason)
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}
