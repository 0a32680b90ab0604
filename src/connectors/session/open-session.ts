import type { Problem } from '../problem.ts'
import { passSteps } from './pass-steps.ts'
import type { ServerOpening } from './server-opening.ts'
import type { ServerSession } from './server-protocol.ts'

/** The way in for a query: a test's, step by step and within the same budgets. As `passSteps`. */
export const openSession = <S extends ServerSession>(
  opening: ServerOpening<S>,
  signal: AbortSignal,
): Promise<Problem | null> =>
  passSteps(
    opening.keys.map(key => ({
      budgetMs: opening.budgetMs(key),
      run: opening.steps[key],
      timedOut: seconds => opening.timedOut(key, seconds),
    })),
    signal,
  )
