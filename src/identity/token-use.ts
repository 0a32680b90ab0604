import type { ApiTokenStore } from '../db/api-token-store.ts'
import type { ApiTokenRow } from '../db/rows.ts'
import { scopeOfRow } from '../db/scope-of-row.ts'

const intervalMs = 60_000
/** Of tokens that have been used within the last minute; beyond that older ones are forgotten, and written once more. */
const maxRemembered = 10_000

export interface TokenUse {
  /** Notes that the token was used now. Neither waits nor throws. */
  note(token: ApiTokenRow): void
  /** Resolves when nothing is being written. */
  settled(): Promise<void>
}

/** Keeps when tokens were last used, to the minute: one write of a token in a minute, whether or not it succeeds. */
export function createTokenUse(
  store: Pick<ApiTokenStore, 'markUsed'>,
  now: () => Date,
  onFault: (error: unknown) => void,
): TokenUse {
  const written = new Map<string, number>()
  const running = new Set<Promise<void>>()

  const isDue = ({ id, lastUsedAt }: ApiTokenRow, at: number): boolean =>
    at - Math.max(written.get(id) ?? Number.NEGATIVE_INFINITY, lastUsedAt?.getTime() ?? Number.NEGATIVE_INFINITY) >=
    intervalMs

  return {
    note(token) {
      const usedAt = now()
      if (!isDue(token, usedAt.getTime())) return
      written.delete(token.id)
      written.set(token.id, usedAt.getTime())
      const [oldest] = written.keys()
      if (written.size > maxRemembered && oldest !== undefined) written.delete(oldest)
      const unlessSince = new Date(usedAt.getTime() - intervalMs)
      const writing = store
        .markUsed(scopeOfRow(token), token.id, usedAt, unlessSince)
        .catch(onFault)
        .finally(() => void running.delete(writing))
      running.add(writing)
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
