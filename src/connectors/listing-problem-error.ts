import { type Problem, problem } from './problem.ts'

/** A listing that ends with this problem. */
export class ListingProblemError extends Error {
  readonly problem: Problem

  constructor(found: Problem) {
    super(found.message)
    this.name = 'ListingProblemError'
    this.problem = found
  }
}

/** The next page is asked for with what this list has never named. `detail`: what the service has said of it. */
export const pageUnknown = (detail: string | null = null): Problem =>
  problem('LISTING_UNSUPPORTED', { params: { reason: 'the page that is asked for is none of this list' }, detail })

/** The same as an error. */
export const unknownPage = (detail: string | null = null): ListingProblemError =>
  new ListingProblemError(pageUnknown(detail))
