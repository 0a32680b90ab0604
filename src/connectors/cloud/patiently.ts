import { setTimeout as delay } from 'node:timers/promises'
import type { Problem } from '../problem.ts'
import type { Remaining } from './remaining.ts'

export interface Patience extends Remaining {
  readonly tries: number
  /** What will not pass, though others of its kind do; nothing when it is left out. */
  readonly isFinal?: (error: unknown) => boolean
}

const firstPauseMs = 100

/** What is over in a moment. */
const passing = ['CLOUD_THROTTLED', 'CLOUD_UNAVAILABLE', 'CONNECTION_RESET']

/**
 * Asks again, later each time, while the service is only too busy, as the error's `problem` says. For what does the same
 * however often it is asked. Throws the last failure, and the signal's reason when that aborts.
 */
export async function patiently<T>({ signal, until, tries, isFinal }: Patience, ask: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask()
    } catch (error) {
      const pauseMs = firstPauseMs * 2 ** (tried - 1)
      if (!isPassing(error) || isFinal?.(error) || tried >= tries || performance.now() + pauseMs >= until) throw error
      await delay(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

const isPassing = (error: unknown): boolean => {
  const found = error instanceof Error ? (error as { readonly problem?: Problem }).problem : undefined
  return found !== undefined && passing.includes(found.code)
}
