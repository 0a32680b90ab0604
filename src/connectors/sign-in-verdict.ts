import type { Listing } from './browse.ts'
import type { StepSnapshot } from './connection-test.ts'
import type { QueryOutcome, SignInAccount } from './define.ts'
import { type ProblemCode, type ProblemDefinition, problemTable } from './problem-table.ts'

/**
 * What became of one sign-in. UNTRIED: it had not begun, or the server did not look at the credentials, as far as can be
 * told. UNKNOWN: it may have, and nobody has heard what it made of them.
 */
export type SignInVerdict = 'ACCEPTED' | 'REFUSED' | 'UNTRIED' | 'UNKNOWN'

/** By the step of a test that signs in, once it has ended. */
export function verdictOfStep(step: Pick<StepSnapshot, 'key' | 'status' | 'startedAt' | 'problem'>): SignInVerdict {
  const { key, status, startedAt, problem } = step
  if (status === 'PASSED' || status === 'WARNING') return 'ACCEPTED'
  // Cancelled, or its process died.
  if (status !== 'FAILED' || problem === null) return startedAt === null ? 'UNTRIED' : 'UNKNOWN'
  const told = signInOf(problem.code)
  // Whatever it is called: the refusal is this step's.
  if (Object.values(told).includes('REFUSED')) return 'REFUSED'
  return (key === 'TUNNEL' || key === 'SIGN_IN' ? told[key] : undefined) ?? 'UNTRIED'
}

/** By what a query ended with; null when nobody waited for its end. Rows prove every sign-in. */
export function verdictOfQuery(outcome: QueryOutcome | null, step: SignInAccount['step']): SignInVerdict {
  if (outcome === null) return 'UNKNOWN'
  return outcome.kind === 'RESULT' ? 'ACCEPTED' : (signInOf(outcome.problem.code)[step] ?? 'UNTRIED')
}

/** By a page of a list; null when nobody waited for it. What is listed proves every sign-in that nothing is said of. */
export function verdictOfListing(listing: Listing | null, step: SignInAccount['step']): SignInVerdict {
  if (listing === null) return 'UNKNOWN'
  const { items, problem } = listing
  if (problem === null) return 'ACCEPTED'
  return signInOf(problem.code)[step] ?? (items.length > 0 ? 'ACCEPTED' : 'UNTRIED')
}

function signInOf(code: ProblemCode): NonNullable<ProblemDefinition['signIn']> {
  const definition: ProblemDefinition = problemTable[code]
  return definition.signIn ?? {}
}
