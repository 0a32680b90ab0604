import type { PlannedStep } from '../connection-test.ts'
import type { ConnectorType, Step, TestRun } from '../define.ts'
import type { Form, FormValue } from '../form.ts'
import type { StepMessage, TestJob } from './protocol.ts'
import { cancelled, StepRunner, stepFinished } from './step-runner.ts'

const closeBudgetMs = 2_000
/** For a step that was left behind to notice that what it waited for has been closed: the process can then be used again. */
const settleBudgetMs = 200

/** How a run ended: whether something of it may still be going on, because a step or `close` did not end in time. */
export interface TestRunEnd {
  readonly leftovers: boolean
}

/**
 * Walks a test's plan: the one loop that decides what every step's status is.
 *
 * - A step is PASSED only if it ran and said so. A budget that runs out, and a thrown error, are FAILED.
 * - After a required step that FAILED or could not be measured, the rest is SKIPPED with `blockedBy`.
 * - When `signal` aborts, the running step and the rest are CANCELLED at once.
 * - No driver is waited for: a step that does not settle is left behind at its budget, `close` after 2 s.
 *
 * Rejects only for bugs of the type: its modules do not load, `startTest` throws, a planned step has no function.
 */
export async function runTest(
  type: ConnectorType,
  job: TestJob,
  emit: (message: StepMessage) => void,
  signal: AbortSignal,
): Promise<TestRunEnd> {
  const { startTest } = await type.loadSteps()
  // The parent sends what the type's own form let through.
  const run = startTest(job.config as FormValue<Form>, job.environment)
  const runner = new StepRunner(run, job, emit, signal)
  let closed = false
  try {
    const steps = job.plan.map(step => ({ step, perform: performerOf(run, step, type) }))
    let blockedBy: string | null = null
    for (const { step, perform } of steps) {
      if (signal.aborted) {
        emit(stepFinished(step, null, cancelled))
      } else if (blockedBy !== null) {
        emit(stepFinished(step, null, { status: 'SKIPPED', blockedBy, evidence: [], problem: null }))
      } else {
        const { status } = await runner.run(step, perform)
        if (step.required && (status === 'FAILED' || status === 'SKIPPED')) blockedBy = step.id
      }
    }
  } finally {
    closed = await closeInTime(run)
  }
  return { leftovers: !closed || !(await runner.settled(settleBudgetMs)) }
}

/** A bug of a connector type, told apart from everything that a data source can do. */
export class StepWithoutFunctionError extends Error {
  constructor(type: ConnectorType, step: PlannedStep) {
    super(`The plan of ${type.name} has a step ${step.key}, but its run has no function for it.`)
    this.name = 'StepWithoutFunctionError'
  }
}

function performerOf(run: TestRun, step: PlannedStep, type: ConnectorType): Step {
  const perform = run.steps[step.key]
  if (!perform) throw new StepWithoutFunctionError(type, step)
  return perform
}

/** Whether the run's `close` ended within its time. */
async function closeInTime(run: TestRun): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, closeBudgetMs, false)
  Promise.resolve()
    .then(() => run.close())
    .then(
      () => resolve(true),
      () => resolve(false),
    )
  const inTime = await promise
  clearTimeout(timer)
  return inTime
}
