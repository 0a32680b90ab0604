import { type BrowseContext, type Listing, notListed } from '../browse.ts'
import { openSession } from '../session/open-session.ts'
import { untilAborted } from '../session/until-aborted.ts'
import type { MysqlConfig } from './form.ts'
import { MysqlOpening } from './open.ts'
import { type Run, Work } from './work.ts'

/** A page of names with what belongs to them; a server that sends more than this is not answering our questions. */
const maxBytes = 16 * 1_048_576
/** The shortest that MySQL knows. */
const lockWaitSeconds = 1
const noLimit = '18446744073709551615'

/** What a list is made with. */
export interface Lister {
  readonly work: Work
  readonly run: Run
  readonly config: MysqlConfig
  /** By `performance.now()`: when what only adds to the list should be over. */
  readonly extrasUntil: number
}

/**
 * The way in that queries take, a read-only transaction for the list, and the way out. What goes wrong is the listing's
 * problem. Rejects with the signal's reason.
 */
export async function listInSession<Item>(
  config: MysqlConfig,
  { signal, budgetMs, environment }: BrowseContext,
  list: (lister: Lister) => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  const opening = new MysqlOpening(config, environment.network, maxBytes)
  const work = new Work(opening, config)
  const startedAt = performance.now()
  const ask = async (): Promise<Listing<Item>> => {
    const leftMs = Math.max(1, budgetMs - (performance.now() - startedAt))
    const statementMs = Math.min(leftMs, config.limits.statementTimeoutSeconds * 1_000)
    const extrasUntil = performance.now() + leftMs / 2
    try {
      return await work.read({ signal, budgetMs: statementMs }, async run => {
        // Whatever the server makes of a sign-in (init_connect): names are to come as they are.
        await run(`SET NAMES ${config.charset === 'utf8mb3' ? 'utf8' : 'utf8mb4'}`, {})
        // A table that somebody is changing must not hold up the others. And what is not there must be missing at the source.
        await run(`SET SESSION lock_wait_timeout = ${lockWaitSeconds}, SESSION sql_select_limit = ${noLimit}`, {})
        return list({ work, run, config, extrasUntil })
      })
    } catch (error) {
      signal.throwIfAborted()
      return notListed(opening.broken ?? work.problemOf(work.failure ?? error, 'CATALOG'))
    }
  }
  try {
    const blocked = await openSession(opening, signal)
    return blocked ? notListed(blocked) : await untilAborted(ask(), signal)
  } finally {
    await opening.close({ busy: work.busy })
  }
}
