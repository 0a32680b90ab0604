import { type BrowseContext, type CatalogEntry, type FieldOption, type Listing, notListed } from '../browse.ts'
import { ListingProblemError } from '../listing-problem-error.ts'
import { type Problem, problem } from '../problem.ts'
import { scrubListing } from '../scrub/scrub-listing.ts'
import { isOver, type Remaining } from './remaining.ts'
import type { StagedRun } from './scrubbed-steps.ts'

/** What one listing opens. */
export interface ListingSession extends StagedRun {
  close(): Promise<void> | void
}

export interface ListingWork<Item> {
  /** Lists, once the way in has been passed. May throw `ListingProblemError`. */
  list(remaining: Remaining): Promise<Listing<Item>>
  /** What is known of an error; null for bugs. */
  problemOf(error: unknown): Problem | null
}

/** What a listing keeps for itself, so that what it has opened can be closed within its time. */
const reserveMs = (budgetMs: number): number => Math.min(1_500, budgetMs / 4)

/**
 * Passes the way in, lists, and closes what was opened, in a little less than the listing's time. What the run has been
 * given on its way, such as tokens, is not told. Rejects with the context's reason when that aborts, and for bugs.
 */
export async function listWithin<Item extends FieldOption | CatalogEntry>(
  session: ListingSession,
  { signal, budgetMs }: Pick<BrowseContext, 'signal' | 'budgetMs'>,
  work: ListingWork<Item>,
): Promise<Listing<Item>> {
  const workMs = budgetMs - reserveMs(budgetMs)
  const late = AbortSignal.timeout(Math.max(1, Math.floor(workMs)))
  const remaining = { signal: AbortSignal.any([signal, late]), until: performance.now() + workMs }
  const timedOut = () => problem('LISTING_TIMED_OUT', { params: { seconds: budgetMs / 1_000 } })
  try {
    const blocked = await session.stages.pass(remaining.signal)
    const listing = blocked ? notListed(blocked) : await work.list(remaining)
    return scrubListing(session.scrub, withoutLateCalls(listing, remaining, timedOut))
  } catch (error) {
    signal.throwIfAborted()
    if (late.aborted) return notListed(timedOut())
    const known = error instanceof ListingProblemError ? error.problem : work.problemOf(error)
    if (!known) throw error
    return scrubListing(session.scrub, withoutLateCalls(notListed(known), remaining, timedOut))
  } finally {
    await session.close()
  }
}

/** A call that has had all that was left tells of the listing's time, not of its own. */
function withoutLateCalls<Item>(listing: Listing<Item>, remaining: Remaining, timedOut: () => Problem): Listing<Item> {
  const isLate = listing.problem?.code === 'CLOUD_TIMED_OUT' && isOver(remaining)
  return isLate ? { ...listing, problem: timedOut() } : listing
}
