import type { StepKey, StepReport } from '../connection-test.ts'
import type { Step, StepContext } from '../define.ts'
import type { Problem } from '../problem.ts'
import { passSteps } from '../session/pass-steps.ts'

export const stageKeys = ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'SIGN_IN'] as const

/** One endpoint of a plan that has several: all of its steps, which rely on those before them. */
export interface Stage {
  /** The steps' target. */
  readonly target: string
  readonly steps: { readonly [K in (typeof stageKeys)[number]]: (context: StageContext) => Promise<StepReport> }
  timedOut(key: StepKey, seconds: number): Problem
  /** What the step may take outside of a test's plan. */
  budgetMs(key: StepKey): number
  close(): void
}

export type StageContext = Pick<StepContext, 'signal' | 'budgetMs'>

/** Finds the stage that a step of the plan belongs to, and remembers it: a step that timed out is told by its key alone. */
export class Stages {
  readonly all: readonly Stage[]
  #running: Stage | null = null

  constructor(all: readonly Stage[]) {
    this.all = all
  }

  /** The step `key` of whichever stage the context's target is; of `otherwise` for every other target, and for none. */
  step(key: (typeof stageKeys)[number], otherwise: Step): Step {
    return async context => {
      this.#running = this.all.find(({ target }) => target === context.target) ?? null
      return this.#running ? this.#running.steps[key](context) : otherwise(context)
    }
  }

  /** The problem of the step that is running; null when it is none of a stage's. */
  timedOut(key: StepKey, seconds: number): Problem | null {
    return this.#running?.timedOut(key, seconds) ?? null
  }

  /** All steps of all stages, for a query. As `passSteps`. */
  pass(signal: AbortSignal): Promise<Problem | null> {
    const steps = this.all.flatMap(stage =>
      stageKeys.map(key => ({
        budgetMs: stage.budgetMs(key),
        run: stage.steps[key],
        timedOut: (seconds: number) => stage.timedOut(key, seconds),
      })),
    )
    return passSteps(steps, signal)
  }

  close(): void {
    for (const stage of this.all) stage.close()
  }
}
