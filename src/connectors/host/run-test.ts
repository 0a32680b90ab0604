import type { PlannedStep, StepReport } from '../connection-test.ts'
import { type ConnectorType, failed, type Step, type TestRun } from '../define.ts'
import type { Form, FormValue } from '../form.ts'
import { type Problem, problem } from '../problem.ts'
import { describeError } from './describe-error.ts'
import { NoteLimiter } from './note-limiter.ts'
import type { StepMessage, TestJob } from './protocol.ts'
import { stepTimedOut } from './step-timeout.ts'

const closeBudgetMs = 2_000

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
  let leftovers = false
  try {
    const steps = job.plan.map(step => ({ step, perform: performerOf(run, step, type) }))
    let blockedBy: string | null = null
    for (const { step, perform } of steps) {
      if (signal.aborted) {
        emit(finished(step, null, cancelled))
      } else if (blockedBy !== null) {
        emit(finished(step, null, { status: 'SKIPPED', blockedBy, evidence: [], problem: null }))
      } else {
        const { report, settled } = await runStep(step, perform, run, job, emit, signal)
        leftovers ||= !settled
        if (step.required && (report.status === 'FAILED' || report.status === 'SKIPPED')) blockedBy = step.id
      }
    }
  } finally {
    leftovers = !(await closeInTime(run)) || leftovers
  }
  return { leftovers }
}

/** A bug of a connector type, told apart from everything that a data source can do. */
export class StepWithoutFunctionError extends Error {
  constructor(type: ConnectorType, step: PlannedStep) {
    super(`The plan of ${type.name} has a step ${step.key}, but its run has no function for it.`)
    this.name = 'StepWithoutFunctionError'
  }
}

const cancelled: StepReport = { status: 'CANCELLED', evidence: [], problem: null }

const finished = (step: PlannedStep, durationMs: number | null, report: StepReport): StepMessage => ({
  kind: 'STEP_FINISHED',
  stepId: step.id,
  durationMs,
  report,
})

function performerOf(run: TestRun, step: PlannedStep, type: ConnectorType): Step {
  const perform = run.steps[step.key]
  if (!perform) throw new StepWithoutFunctionError(type, step)
  return perform
}

/** Runs one step to its report, and tells whether the step's own code is over. */
async function runStep(
  step: PlannedStep,
  perform: Step,
  run: TestRun,
  job: TestJob,
  emit: (message: StepMessage) => void,
  signal: AbortSignal,
): Promise<{ report: StepReport; settled: boolean }> {
  const notes = new NoteLimiter(note => emit({ kind: 'STEP_PROGRESSED', stepId: step.id, note }))
  const stop = new AbortController()
  let over = false
  emit({ kind: 'STEP_STARTED', stepId: step.id })
  const startedAt = performance.now()

  const outcome = await new Promise<{ report: StepReport; settled: boolean }>(resolve => {
    const end = (report: StepReport, settled: boolean) => {
      if (over) return
      over = true
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      resolve({ report, settled })
    }
    // The outcome is decided before the step hears of it: what it throws on its abort signal no longer counts.
    const cancel = () => {
      end(cancelled, false)
      stop.abort(signal.reason)
    }
    const timer = setTimeout(() => {
      end(failed(timeoutProblem(run, step, job)), false)
      stop.abort(new DOMException(`${step.key} ran out of its budget.`, 'TimeoutError'))
    }, step.budgetMs)
    signal.addEventListener('abort', cancel, { once: true })
    const context = {
      signal: stop.signal,
      budgetMs: step.budgetMs,
      target: step.target,
      environment: job.environment,
      note: (text: string) => {
        if (!over) notes.add(text)
      },
    }
    // Called inside the chain, so that a step that throws before its first await fails like any other.
    Promise.resolve()
      .then(() => perform(context))
      .then(
        report => end(honest(step, report), true),
        (error: unknown) => end(failed(unclassified(step, describeError(error))), true),
      )
  })

  const durationMs = Math.round(performance.now() - startedAt)
  notes.flush()
  emit(finished(step, durationMs, outcome.report))
  return outcome
}

/** A report as given, unless it claims a cancellation that nobody asked for. */
function honest(step: PlannedStep, report: StepReport): StepReport {
  if (report.status !== 'CANCELLED') return report
  return failed(unclassified(step, 'the step stopped by itself'), report.evidence)
}

function timeoutProblem(run: TestRun, step: PlannedStep, job: TestJob): Problem {
  try {
    const own = run.timedOut?.(step.key, step.budgetMs / 1_000)
    if (own) return own
  } catch {
    // A type that cannot word its timeout must not turn it into something else.
  }
  return stepTimedOut(step, job.config)
}

const unclassified = (step: PlannedStep, words: string): Problem =>
  problem('UNCLASSIFIED', { detail: `${step.id}: ${words}` })

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
