import type { Problem } from '../problem.ts'
import type { ServerOpening } from './server-opening.ts'
import type { ServerSession } from './server-protocol.ts'

/**
 * The way in for a query: a test's, step by step and within the same budgets. Answers the problem of the first step that
 * fails. Rejects with the signal's reason.
 */
export async function openSession<S extends ServerSession>(
  opening: ServerOpening<S>,
  signal: AbortSignal,
): Promise<Problem | null> {
  for (const key of opening.keys) {
    const budgetMs = opening.budgetMs(key)
    const budget = AbortSignal.timeout(budgetMs)
    try {
      const report = await opening.steps[key]({ signal: AbortSignal.any([signal, budget]), budgetMs })
      if (report.status === 'FAILED') return report.problem
    } catch (error) {
      signal.throwIfAborted()
      if (!budget.aborted) throw error
      return opening.timedOut(key, budgetMs / 1_000)
    }
  }
  return null
}
