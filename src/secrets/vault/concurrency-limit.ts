/** Lets at most `limit` works run at once; the others wait in their order. Throws `tooMany()` when `maxWaiting` wait. */
export function concurrencyLimit(
  limit: number,
  maxWaiting: number,
  tooMany: () => Error,
): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async work => {
    if (running < limit) running++
    else if (waiting.length >= maxWaiting) throw tooMany()
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await work()
    } finally {
      // The place goes straight to the next, so that nobody takes it in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
