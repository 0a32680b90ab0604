import type { StepKey, StepReport } from '../connection-test.ts'
import type { Step, StepContext } from '../define.ts'
import type { Problem } from '../problem.ts'
import { passSteps } from '../session/pass-steps.ts'

export const stageKeys = ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'SIGN_IN'] as const
type StageKey = (typeof stageKeys)[number]
type StageStep = (context: StageContext) => Promise<StepReport>

/** One endpoint of a plan that has several: all of its steps, which rely on those before them. */
export interface Stage {
  /** The steps' target. */
  readonly target: string
  /** SIGN_IN is missing where nobody is asked before what the plan has next. */
  readonly steps: { readonly [K in Exclude<StageKey, 'SIGN_IN'>]: StageStep } & { readonly SIGN_IN?: StageStep }
  timedOut(key: StepKey, seconds: number): Problem
  /** What the step may take outside of a test's plan. */
  budgetMs(key: StepKey): number
  close(): void
}

export type StageContext = Pick<StepContext, 'signal' | 'budgetMs'>

const noStage: Step = async ({ target }) => {
  throw new Error(`No stage has a step for "${target}".`)
}

/** Milliseconds that a step's calls may take: a little less than its own, so that it can tell what it waited for. */
export const callsMs = (budgetMs: number): number => budgetMs - Math.min(200, budgetMs / 10)

/** Finds the stage that a step of the plan belongs to, and remembers it: a step that timed out is told by its key alone. */
export class Stages {
  readonly all: readonly Stage[]
  #running: Stage | null = null

  constructor(all: readonly Stage[]) {
    this.all = all
  }

  /** The step `key` of whichever stage the context's target is; `otherwise` for every other target, and for none. */
  step(key: StageKey, otherwise: Step = noStage): Step {
    return async context => {
      this.#running = this.all.find(({ target }) => target === context.target) ?? null
      return (this.#running?.steps[key] ?? otherwise)(context)
    }
  }

  /** For a step that is none of a stage's. */
  leave(): void {
    this.#running = null
  }

  /** The problem of the step that is running; null when it is none of a stage's. */
  timedOut(key: StepKey, seconds: number): Problem | null {
    return this.#running?.timedOut(key, seconds) ?? null
  }

  /** All steps of all stages, for a query. As `passSteps`. */
  pass(signal: AbortSignal): Promise<Problem | null> {
    const steps = this.all.flatMap(stage =>
      stageKeys.flatMap(key => {
        const run = stage.steps[key]
        return run ? [{ budgetMs: stage.budgetMs(key), run, timedOut: (s: number) => stage.timedOut(key, s) }] : []
      }),
    )
    return passSteps(steps, signal)
  }

  close(): void {
    for (const stage of this.all) stage.close()
  }
}
