import type { StepReport } from '../connection-test.ts'
import { failed } from '../define.ts'
import type { Problem } from '../problem.ts'

/** A request that came to no answer, or to none that can be used. */
export class ApiError extends Error {
  readonly problem: Problem
  /** Milliseconds that the API wants to be left alone for; null where it says nothing. */
  readonly retryAfterMs: number | null

  constructor(found: Problem, { retryAfterMs = null, cause }: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    super(found.message, { cause })
    this.name = 'ApiError'
    this.problem = found
    this.retryAfterMs = retryAfterMs
  }

  get report(): StepReport {
    return failed(this.problem)
  }
}
