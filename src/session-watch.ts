import type { Database } from './db/database.ts'
import type { AuthenticationFault, Session } from './identity/authenticator.ts'

export interface SessionWatchOptions {
  readonly listen: Database['listen']
  /** From the beginning of a watch to the first question. */
  readonly firstMs?: number
  /** Between two questions whether a session is still good. */
  readonly intervalMs?: number
  /** How long a session goes on that cannot be judged, as while the database is away. */
  readonly graceMs?: number
}

/** Why a session is over: what a request with the same credential would be refused for. */
export type SessionEnd = Extract<AuthenticationFault, 'EXPIRED' | 'INVALID' | 'UNAVAILABLE'>

/** A promise to the 5 s within which streams of a revoked credential end, with a second for the answer. */
const defaultIntervalMs = 4_000
const defaultGraceMs = 30_000
/** Who takes longer has not answered. */
const answerMs = 3_000
/** A credential may have been revoked between its check and the beginning of its stream. */
const defaultFirstMs = 500
/** Timers may run a little early by the wall clock. */
const afterExpiryMs = 20
const maxTimerMs = 2 ** 31 - 1

const topicPrefix = 'api-token:'

/**
 * Asks of every session with something that lasts (streams, WebSockets) whether it is still good: every few seconds, when
 * it expires, and as soon as its API token is revoked. One watcher serves everything of a session, and all sessions of
 * an API token; without anything that lasts there is none.
 */
export class SessionWatch {
  readonly #watchers = new Map<string | Session, Watcher>()
  readonly #options: Required<Omit<SessionWatchOptions, 'listen'>>
  readonly #stopListening: () => void

  constructor(options: SessionWatchOptions) {
    const { listen, firstMs = defaultFirstMs, intervalMs = defaultIntervalMs, graceMs = defaultGraceMs } = options
    this.#options = { firstMs, intervalMs, graceMs }
    this.#stopListening = listen(topic => {
      if (topic.startsWith(topicPrefix)) this.#watchers.get(`token:${topic.slice(topicPrefix.length)}`)?.ask()
    })
  }

  /** Watchers at the moment. */
  get count(): number {
    return this.#watchers.size
  }

  /** Calls `onEnd` once, when the session is over. Call what is returned when that no longer matters. */
  watch(session: Session, onEnd: (end: SessionEnd) => void): () => void {
    const { viewer } = session
    // Nobody can take back what everybody has.
    if (viewer.kind === 'LOCAL') return () => {}
    // Tokens are good or not for all their sessions alike; each of a user's may rest on another key and end.
    const key = viewer.kind === 'API_TOKEN' ? viewer.id : session
    const watcher = this.#watchers.get(key) ?? this.#begin(key, session)
    // A function of its own, so that two of the same do not count as one.
    const listener = (end: SessionEnd) => onEnd(end)
    watcher.listeners.add(listener)
    return () => {
      if (watcher.listeners.delete(listener) && watcher.listeners.size === 0) this.#forget(key, watcher)
    }
  }

  /** Ends all watching. */
  close(): void {
    this.#stopListening()
    for (const [key, watcher] of this.#watchers) this.#forget(key, watcher)
  }

  #begin(key: string | Session, session: Session): Watcher {
    const watcher: Watcher = new Watcher(session, this.#options, end => {
      this.#forget(key, watcher)
      for (const listener of [...watcher.listeners]) listener(end)
    })
    this.#watchers.set(key, watcher)
    return watcher
  }

  #forget(key: string | Session, watcher: Watcher): void {
    watcher.stop()
    // Another one may have begun in its place.
    if (this.#watchers.get(key) === watcher) this.#watchers.delete(key)
  }
}

class Watcher {
  readonly listeners = new Set<(end: SessionEnd) => void>()
  readonly #session: Session
  readonly #options: Required<Omit<SessionWatchOptions, 'listen'>>
  readonly #onEnd: (end: SessionEnd) => void
  #timer: NodeJS.Timeout | undefined
  #isAsking = false
  /** Whether something happened while an answer was on its way, which may be of before. */
  #mustAskAgain = false
  #isStopped = false
  /** By the monotonic clock. */
  #lastGood = performance.now()

  constructor(
    session: Session,
    options: Required<Omit<SessionWatchOptions, 'listen'>>,
    onEnd: (end: SessionEnd) => void,
  ) {
    this.#session = session
    this.#options = options
    this.#onEnd = onEnd
    this.#schedule(options.firstMs)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Asks at once. */
  ask(): void {
    if (this.#isAsking) this.#mustAskAgain = true
    else void this.#ask()
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer)
    this.#isAsking = true
    const asked = performance.now()
    const answer = await inTime(this.#session)
    this.#isAsking = false
    if (this.#isStopped) return
    if (answer === true) this.#lastGood = asked
    const end = this.#endAfter(answer)
    if (end !== null) {
      this.#onEnd(end)
      return
    }
    const askNow = this.#mustAskAgain
    this.#mustAskAgain = false
    this.#schedule(askNow ? 0 : this.#options.intervalMs - (performance.now() - asked))
  }

  #endAfter(answer: boolean | null): SessionEnd | null {
    const { expiresAt } = this.#session.viewer
    const isExpired = expiresAt !== null && expiresAt.getTime() <= Date.now()
    if (answer === true) return null
    // That it has expired is certain, whoever cannot be asked.
    if (isExpired) return 'EXPIRED'
    if (answer === false) return 'INVALID'
    return performance.now() - this.#lastGood >= this.#options.graceMs ? 'UNAVAILABLE' : null
  }

  #schedule(delayMs: number): void {
    const { expiresAt } = this.#session.viewer
    const toExpiry = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt.getTime() - Date.now()
    const due = toExpiry > 0 ? Math.min(delayMs, toExpiry + afterExpiryMs) : delayMs
    this.#timer = setTimeout(() => this.ask(), Math.min(Math.max(due, 0), maxTimerMs)).unref()
  }
}

/** Null when there is no answer, or not soon enough. */
async function inTime(session: Session): Promise<boolean | null> {
  const late = Promise.withResolvers<null>()
  const timer = setTimeout(() => late.resolve(null), answerMs)
  try {
    return await Promise.race([session.isStillGood(), late.promise])
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
