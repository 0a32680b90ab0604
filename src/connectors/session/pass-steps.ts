import type { StepReport } from '../connection-test.ts'
import type { StepContext } from '../define.ts'
import type { Problem } from '../problem.ts'

/** A step of the way in, outside of a test's plan. */
export interface StepToPass {
  readonly budgetMs: number
  run(context: Pick<StepContext, 'signal' | 'budgetMs'>): Promise<StepReport>
  /** The problem when it has used up its budget. */
  timedOut(seconds: number): Problem
}

/**
 * Runs steps for a query as a test would, each within its budget. Answers the problem of the first that fails. Rejects
 * with the signal's reason.
 */
export async function passSteps(steps: Iterable<StepToPass>, signal: AbortSignal): Promise<Problem | null> {
  for (const { budgetMs, run, timedOut } of steps) {
    const budget = AbortSignal.timeout(budgetMs)
    try {
      const report = await run({ signal: AbortSignal.any([signal, budget]), budgetMs })
      if (report.status === 'FAILED') return report.problem
    } catch (error) {
      signal.throwIfAborted()
      if (!budget.aborted) throw error
      return timedOut(budgetMs / 1_000)
    }
  }
  return null
}
