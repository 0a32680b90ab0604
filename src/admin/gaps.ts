import { setTimeout as sleep } from 'node:timers/promises'

const minGapMs = 5

/** The result of one step, after a pause as long as the step took, so that servers get at least every other turn at the database. */
export async function withGap<T>(step: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await step()
  await sleep(Math.max(minGapMs, performance.now() - start))
  return result
}
