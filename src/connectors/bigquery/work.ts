import { HttpCallError } from '../cloud/http-caller.ts'
import { isOver, type Remaining } from '../cloud/remaining.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, type StepContext } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import type { BigquerySession } from './open.ts'
import { StatementError } from './statement.ts'

/** What a step of a test may do, within its time. */
export interface Work {
  readonly session: BigquerySession
  readonly remaining: Remaining
  /** The step's, in seconds. */
  readonly seconds: number
  /** What has been found so far: told with whatever the step comes to. */
  readonly evidence: Evidence[]
}

/** What a step keeps for itself, so that it can tell what it waited for. */
const reserveMs = (budgetMs: number): number => Math.min(1_000, budgetMs / 5)

export const workOf = (
  session: BigquerySession,
  { signal, budgetMs }: Pick<StepContext, 'signal' | 'budgetMs'>,
): Work => ({
  session,
  remaining: { signal, until: performance.now() + budgetMs - reserveMs(budgetMs) },
  seconds: budgetMs / 1_000,
  evidence: [],
})

/** The step's report, or what its error comes to. Rejects only with the signal's reason, and for bugs. */
export async function reported(work: Work, step: (work: Work) => Promise<StepReport>): Promise<StepReport> {
  try {
    return await step(work)
  } catch (error) {
    work.remaining.signal.throwIfAborted()
    if (error instanceof HttpCallError || error instanceof StatementError)
      return failed(problemOf(error, work), work.evidence)
    throw error
  }
}

/** A call that has had all that was left tells of the step's time, not of its own. */
function problemOf({ problem: found }: HttpCallError | StatementError, { remaining, seconds }: Work): Problem {
  if (found.code !== 'CLOUD_TIMED_OUT' || !isOver(remaining)) return found
  return problem('STEP_TIMED_OUT', { params: { seconds }, detail: `${found.params['service']} did not answer.` })
}
