import type { Problem } from '../connectors/problem.ts'

/** The source did not answer a preview's query. The problem says why. */
export class PreviewFailedError extends Error {
  readonly code = 'PREVIEW_FAILED'
  readonly problem: Problem
  readonly durationMs: number

  constructor(problem: Problem, durationMs: number) {
    super(problem.message)
    this.problem = problem
    this.durationMs = durationMs
  }
}
