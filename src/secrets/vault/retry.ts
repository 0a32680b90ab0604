import { setTimeout as sleep } from 'node:timers/promises'
import { type RetryRule, VaultFault } from './vault-faults.ts'

export interface RetryOptions {
  /** Whether what may have been carried out already may be sent again. */
  readonly repeatable: boolean
  readonly now: () => number
  /** Of `now`: nothing is tried again that could not begin before. */
  readonly deadline: number
  readonly signal: AbortSignal
  /** Between 0 and 1. */
  readonly random?: () => number
}

/** Tries until it succeeds, its fault's rule is used up, or there is no time left; then throws the last fault. */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { repeatable, now, deadline, signal, random = Math.random } = options
  const tried = new Map<RetryRule, number>()
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof VaultFault) || error.retry === null) throw error
      const { retry, waitMs } = error
      const times = tried.get(retry) ?? 0
      if (times >= retry.times || (retry.mayBeDone && !repeatable)) throw error
      const [from, to] = retry.delayMs
      const delayMs = Math.max(waitMs ?? 0, from + random() * (to - from))
      if (now() + delayMs >= deadline) throw error
      tried.set(retry, times + 1)
      // Who ends it wants to hear what was wrong, not that it was ended.
      await sleep(delayMs, undefined, { signal }).catch(() => Promise.reject(error))
    }
  }
}
