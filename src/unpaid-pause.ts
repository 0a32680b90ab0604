import { setTimeout as delay } from 'node:timers/promises'

const pauseMs = 250
/** Beyond that many at once, waiting would only hold their sockets. */
const maxWaiting = 1_000

let waiting = 0

/**
 * Lets a request wait for whose viewer no point is left. Who asks again as soon as it is refused asks less often by that,
 * and what it would take the server to refuse it is left to others.
 */
export async function unpaidPause(): Promise<void> {
  if (waiting >= maxWaiting) return
  waiting++
  try {
    await delay(pauseMs)
  } finally {
    waiting--
  }
}
