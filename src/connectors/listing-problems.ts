import { cleanText, type Problem, type ProblemOptions, problem } from './problem.ts'
import type { ProblemCode } from './problem-table.ts'

/** What the listings of every type that has them may end with. */
export const listingProblems = [
  'LISTING_TIMED_OUT',
  'LISTING_UNSUPPORTED',
  'CATALOG_PATH_NOT_FOUND',
] as const satisfies readonly ProblemCode[]

/** There is no such thing, in the words of its level ("schema", "table or view"). The name comes from a client. */
export const pathNotFound = (what: string, name: string, options: Omit<ProblemOptions, 'params'> = {}): Problem =>
  problem('CATALOG_PATH_NOT_FOUND', { ...options, params: { what, name: cleanText(name, 100) } })
