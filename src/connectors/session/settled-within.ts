import { setTimeout as delay } from 'node:timers/promises'

/** Waits for `work` to end in any way, but no longer than `graceMs`. Never rejects. */
export async function settledWithin(work: Promise<unknown>, graceMs: number): Promise<void> {
  const timer = new AbortController()
  const late = delay(graceMs, undefined, { signal: timer.signal }).catch(() => {})
  await Promise.race([work.catch(() => {}), late])
  timer.abort()
}
