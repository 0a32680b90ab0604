import type { BrowseContext, Listing } from '../browse.ts'
import { notListed } from '../browse.ts'
import { type Problem, problem } from '../problem.ts'
import { openSession } from '../session/open-session.ts'
import type { ServerOpening } from '../session/server-opening.ts'
import { untilAborted } from '../session/until-aborted.ts'
import type { Session } from './session.ts'
import { WorkTransaction } from './work-transaction.ts'

/** A page of names with what belongs to them; a server that sends more than this is not answering our questions. */
export const maxListingBytes = 16 * 1_048_576

/** The server gives up by itself only after it could have been told to. */
const serverGraceMs = 1_000

export interface ListingWork<Config> {
  readonly transaction: WorkTransaction<Config>
  /** For its transactions: what is left of the time. */
  readonly context: Pick<BrowseContext, 'signal' | 'budgetMs'>
}

/**
 * The way in that queries take, read-only transactions for the list, and the way out. What goes wrong is the listing's
 * problem, as `classify` says. Rejects with the signal's reason.
 */
export async function listInSession<Config, Item>(
  opening: ServerOpening<Session>,
  config: Config,
  { signal, budgetMs }: Pick<BrowseContext, 'signal' | 'budgetMs'>,
  classify: (error: unknown) => Problem,
  list: (work: ListingWork<Config>) => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  const transaction = new WorkTransaction(opening, config)
  const startedAt = performance.now()
  const ask = async (): Promise<Listing<Item>> => {
    const leftMs = Math.max(0, budgetMs - (performance.now() - startedAt))
    try {
      return await list({ transaction, context: { signal, budgetMs: leftMs + serverGraceMs } })
    } catch (error) {
      signal.throwIfAborted()
      return notListed(opening.broken ?? (isUnwritable(error) ? unwritable() : classify(transaction.failure ?? error)))
    }
  }
  try {
    const blocked = await openSession(opening, signal)
    return blocked ? notListed(blocked) : await untilAborted(ask(), signal)
  } finally {
    await opening.close({ busy: transaction.busy })
  }
}

/** A database has an encoding, and a client may name what cannot be written in it: 22P05, 22021. */
const isUnwritable = (error: unknown): boolean =>
  ['22P05', '22021'].includes(String((error as { readonly code?: unknown }).code))

const unwritable = (): Problem =>
  problem('LISTING_UNSUPPORTED', {
    params: { reason: "what was asked for has characters that the database's encoding does not have" },
  })
