import { nowMs } from './event-stream.ts'

/** How long it took, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = nowMs()
  await work()
  return nowMs() - startedAt
}

export const ms = (value: number): string => `${value.toFixed(0)} ms`
