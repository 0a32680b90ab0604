import { AwsCallError } from '../aws/service.ts'
import { refusedPage } from '../aws/token-pages.ts'
import {
  type BrowseContext,
  type CatalogEntry,
  type FieldOption,
  type Listing,
  type ListingPage,
  notListed,
} from '../browse.ts'
import type { Problem } from '../problem.ts'
import { scrubListing } from '../scrub/scrub-listing.ts'
import type { Asking } from './browse-parts.ts'
import type { AthenaConfig } from './form.ts'
import { AthenaSession } from './open.ts'

/** What a listing may do, within its time. */
export interface Browsing extends Asking {
  readonly page: ListingPage
  /** As of `TokenList`. */
  readonly enoughAt: number
}

/** A role's session has no shorter life. */
const sessionSeconds = 900
/** The end of the time is the listing's to tell, not that of the call that ran into it. */
const afterTheEndMs = 1_000

/** The way to Athena, and a list there. `explain`: what a failure means for what was asked for. */
export async function inSession<Item extends FieldOption | CatalogEntry>(
  config: AthenaConfig,
  page: ListingPage,
  { signal, budgetMs, environment }: BrowseContext,
  list: (browsing: Browsing) => Promise<Listing<Item>>,
  explain: (found: Problem) => Problem = found => found,
): Promise<Listing<Item>> {
  const begun = performance.now()
  const session = new AthenaSession(config, environment, { purpose: 'BROWSE', sessionSeconds })
  const remaining = { signal, until: begun + budgetMs + afterTheEndMs, graceMs: 0 }
  try {
    const blocked = await session.stages.pass(signal)
    if (blocked) return notListed(session.scrub.problem(blocked))
    const listing = await list({ session, remaining, page, enoughAt: begun + budgetMs / 2 })
    return scrubListing(session.scrub, listing)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof AwsCallError)) throw error
    return notListed(session.scrub.problem(refusedPage(error.problem, page) ?? explain(error.problem)))
  } finally {
    await session.close()
  }
}
