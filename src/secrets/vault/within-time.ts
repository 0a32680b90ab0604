import { untilAborted } from '../../connectors/session/until-aborted.ts'

/**
 * Runs `work` with a signal that aborts with `late()` after `ms`, or as soon as `given` does, and rejects with that then:
 * what the work shares with others, such as signing in, does not end with it. Requests that follow each other in it
 * share the time.
 */
export async function withinTime<T>(
  ms: number,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
  given?: AbortSignal,
): Promise<T> {
  if (given?.aborted) throw late()
  const stop = new AbortController()
  const giveUp = () => stop.abort(late())
  const timer = setTimeout(giveUp, ms)
  given?.addEventListener('abort', giveUp, { once: true })
  try {
    return await untilAborted(work(stop.signal), stop.signal)
  } finally {
    clearTimeout(timer)
    given?.removeEventListener('abort', giveUp)
  }
}
