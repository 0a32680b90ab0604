import { setTimeout as delay } from 'node:timers/promises'
import { AwsCallError } from '../aws/service.ts'

export interface Patience {
  readonly signal: AbortSignal
  /** `performance.now()` at which it is over. */
  readonly until: number
  readonly tries: number
}

const firstPauseMs = 100

/** What is over in a moment. */
const passing = ['CLOUD_THROTTLED', 'CLOUD_UNAVAILABLE', 'CONNECTION_RESET']

/**
 * Asks again, later each time, while the service is only too busy. For what does the same however often it is asked.
 * Throws the last failure, and the signal's reason when that aborts.
 */
export async function patiently<T>({ signal, until, tries }: Patience, ask: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask()
    } catch (error) {
      const isPassing = error instanceof AwsCallError && passing.includes(error.problem.code)
      const pauseMs = firstPauseMs * 2 ** (tried - 1)
      if (!isPassing || tried >= tries || performance.now() + pauseMs >= until) throw error
      await delay(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}
