import type { PlannedStep, StepReport } from '../connection-test.ts'
import type { StepMessage } from './protocol.ts'

/** Follows a test by its messages, so that the parent believes only a child that walks the plan it was given. */
export class TestTranscript {
  readonly #plan: readonly PlannedStep[]
  /** Steps before this index have finished. */
  #index = 0
  #running = false

  constructor(plan: readonly PlannedStep[]) {
    this.#plan = plan
  }

  get length(): number {
    return this.#plan.length
  }

  get complete(): boolean {
    return this.#index === this.#plan.length
  }

  /** Whether `message` may come next; if so, it counts. `cancelling`: the parent has asked for the cancellation. */
  accept(message: StepMessage, cancelling: boolean): boolean {
    const step = this.#plan[this.#index]
    if (!step || message.stepId !== step.id) return false
    switch (message.kind) {
      case 'STEP_STARTED':
        if (this.#running) return false
        this.#running = true
        return true
      case 'STEP_PROGRESSED':
        return this.#running
      case 'STEP_FINISHED': {
        if (!this.#mayFinish(message.report, message.durationMs, cancelling)) return false
        this.#running = false
        this.#index += 1
        return true
      }
    }
  }

  /** The messages that end every open step as cancelled, for a child that can no longer say so itself. */
  cancelRest(): readonly StepMessage[] {
    const open = this.#plan.slice(this.#index)
    this.#index = this.#plan.length
    return open.map(step => ({
      kind: 'STEP_FINISHED',
      stepId: step.id,
      durationMs: null,
      report: { status: 'CANCELLED', evidence: [], problem: null },
    }))
  }

  #mayFinish(report: StepReport, durationMs: number | null, cancelling: boolean): boolean {
    if (report.status === 'CANCELLED' && !cancelling) return false
    if (report.blockedBy != null && !this.#plan.slice(0, this.#index).some(step => step.id === report.blockedBy))
      return false
    if (this.#running) return durationMs !== null
    // A step that never ran cannot have found anything out.
    return durationMs === null && (report.status === 'SKIPPED' || report.status === 'CANCELLED')
  }
}
