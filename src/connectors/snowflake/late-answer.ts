import { type Problem, problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'

const lateCodes: readonly ProblemCode[] = ['CLOUD_TIMED_OUT', 'SIGN_IN_TIMED_OUT', 'WAREHOUSE_STILL_STARTING']

/** A question may take all that a step has left, less what that keeps for itself: told is the time of the whole step. */
export function inStepTime(found: Problem, budgetMs: number): Problem {
  if (!lateCodes.includes(found.code)) return found
  const { code, params, detail, fields, remedies } = found
  return problem(code, { params: { ...params, seconds: budgetMs / 1_000 }, detail, fields, remedies })
}
