import type { StepReport } from '../connection-test.ts'
import { type Problem, problem } from '../problem.ts'
import { inMegabytes } from './network-guard-errors.ts'

/** What the guard of this process has stopped so far. One job runs at a time, so that it needs no owner. */
let refusals = 0
let overruns = 0
let lastBudget = 0

/** The guard refused a connection or another way out. */
export function recordRefusal(): void {
  refusals += 1
}

/** The guard cut a connection on which a server had sent more than `maxBytes`. */
export function recordOverrun(maxBytes: number): void {
  overruns += 1
  lastBudget = maxBytes
}

/** Tells what the guard stopped from the moment on at which this was made. */
export class GuardWatch {
  readonly #refusals = refusals
  readonly #overruns = overruns

  /**
   * The problem that is really behind `reported`, which null stands for when nobody could name it. What a driver makes
   * of a connection that was cut says nothing; what it makes of one that was refused is believed when it has a name.
   */
  explain(reported: Problem | null): Problem | null {
    if (overruns > this.#overruns) {
      const limit = inMegabytes(lastBudget)
      return problem('RESULT_TOO_LARGE', { params: { limit }, detail: `The server sent more than ${limit}.` })
    }
    const isNameless = reported === null || reported.code === 'UNCLASSIFIED'
    return isNameless && refusals > this.#refusals ? problem('EGRESS_DENIED') : reported
  }

  /** The same for a step's report: one that did not fail stays as it is. */
  explainReport(report: StepReport): StepReport {
    return report.status === 'FAILED' ? { ...report, problem: this.explain(report.problem) } : report
  }
}
