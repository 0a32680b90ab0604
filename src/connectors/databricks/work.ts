import { HttpCallError } from '../cloud/http-caller.ts'
import { inAll, type Remaining } from '../cloud/remaining.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, type StepContext } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import type { Problem } from '../problem.ts'
import type { Workspace } from './open.ts'
import { DatabricksError } from './problems.ts'

/** What a step of a test may do, within its time. */
export interface Work extends Remaining {
  readonly workspace: Workspace
  /** What has been found so far: told with whatever the step comes to. */
  readonly evidence: Evidence[]
  readonly seconds: number
  note(text: string): void
}

/** What a step keeps for itself, so that a statement is stopped while the step can still tell of it. */
const reserveMs = (budgetMs: number): number => Math.min(2_500, budgetMs / 4)

export const workOf = (workspace: Workspace, { signal, budgetMs, note }: StepContext): Work => ({
  workspace,
  signal,
  until: performance.now() + budgetMs - reserveMs(budgetMs),
  evidence: [],
  seconds: budgetMs / 1_000,
  note,
})

/** The step's report, or what its error comes to. Rejects only with the signal's reason, and for bugs. */
export async function reported(work: Work, step: (work: Work) => Promise<StepReport>): Promise<StepReport> {
  try {
    return await step(work)
  } catch (error) {
    work.signal.throwIfAborted()
    const known = problemOf(error)
    if (!known) throw error
    return failed(inAll(known, work, work.seconds), work.evidence)
  }
}

/** What is known of an error; null for bugs. */
export const problemOf = (error: unknown): Problem | null =>
  error instanceof DatabricksError || error instanceof HttpCallError ? error.problem : null
