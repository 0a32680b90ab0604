import { setTimeout as delay } from 'node:timers/promises'
import { isOver } from '../cloud/remaining.ts'
import { computeName, meant } from './meanings.ts'
import { DatabricksError } from './problems.ts'
import type { SqlSession, SqlSessionOptions } from './sql-session.ts'
import type { Work } from './work.ts'

const pauseMs = 2_000
/** For a session that starts the compute; a socket that says nothing for two minutes is given up. */
const wakingMs = 110_000

/**
 * Opens a session. Where the compute cannot be looked at (`isSeen`) the session is what starts it, and is refused until it
 * runs. Throws as `SqlSession.open`.
 */
export async function openPatiently(
  work: Pick<Work, 'workspace' | 'signal' | 'seconds' | 'note'>,
  session: SqlSession,
  options: SqlSessionOptions,
  isSeen: boolean,
): Promise<void> {
  const { workspace, signal, seconds, note } = work
  for (;;) {
    try {
      await session.open({ ...options, ...(!isSeen && { mostMs: wakingMs }) })
      return
    } catch (error) {
      signal.throwIfAborted()
      const isStarting = error instanceof DatabricksError && error.word === 'TEMPORARILY_UNAVAILABLE' && !isSeen
      if (!isStarting) throw error
      const warehouse = computeName(workspace.config)
      if (isOver(options)) {
        throw new DatabricksError(
          meant(workspace, { code: 'WAREHOUSE_STILL_STARTING', params: { warehouse, seconds } }),
        )
      }
      note(`"${warehouse}" is starting.`)
      const leftMs = Math.max(1, options.until - performance.now())
      await delay(Math.min(pauseMs, leftMs), undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}
