import type { Problem } from '../problem.ts'
import { passSteps, type StepToPass } from '../session/pass-steps.ts'
import type { Stage } from './stages.ts'

export interface PassWithinOptions {
  readonly signal: AbortSignal
  /** What is left of the step's time. */
  remainingMs(): number
}

/**
 * The way to an endpoint as a part of one step: nothing else depends on it. Answers the problem that is in the way; null
 * for none. Rejects with the signal's reason.
 */
export const passWithin = (stage: Stage, { signal, remainingMs }: PassWithinOptions): Promise<Problem | null> =>
  passSteps(wayTo(stage, remainingMs), signal)

/** A part of a step has no budget but what is left of that. */
function* wayTo(stage: Stage, remainingMs: () => number): Generator<StepToPass> {
  for (const key of ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE'] as const) {
    yield {
      budgetMs: remainingMs(),
      run: stage.steps[key],
      timedOut: seconds => stage.timedOut(key, seconds),
    }
  }
}
