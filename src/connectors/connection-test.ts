import type { Evidence } from './evidence.ts'
import type { Problem } from './problem.ts'
import type { TestComparison } from './test-comparison.ts'

export const stepKeys = [
  'RESOLVE',
  'EGRESS',
  'TUNNEL',
  'CONNECT',
  'GREET',
  'SECURE',
  'TOPOLOGY',
  'SIGN_IN',
  'OPEN',
  'READ',
  'LEAST_PRIVILEGE',
] as const
export type StepKey = (typeof stepKeys)[number]

export const stepStatuses = ['PENDING', 'RUNNING', 'PASSED', 'WARNING', 'FAILED', 'SKIPPED', 'CANCELLED'] as const
export type StepStatus = (typeof stepStatuses)[number]

export const testStatuses = ['RUNNING', 'PASSED', 'PASSED_WITH_WARNINGS', 'FAILED', 'CANCELLED', 'ERRORED'] as const
export type TestStatus = (typeof testStatuses)[number]
export type FinalTestStatus = Exclude<TestStatus, 'RUNNING'>

/** One rung of a type's test plan, before it runs. */
export interface PlannedStep {
  /** Unique in the test: the key, with the target when a key repeats (`CONNECT:sts.eu-west-1.amazonaws.com`). */
  readonly id: string
  readonly key: StepKey
  /** The endpoint, when the plan has several. */
  readonly target: string | null
  readonly title: string
  /** Whether the steps after it make no sense once it failed. */
  readonly required: boolean
  readonly budgetMs: number
}

export interface StepSnapshot extends PlannedStep {
  readonly status: StepStatus
  /** Id of the failed step that made this one impossible. */
  readonly blockedBy: string | null
  /** RFC 3339. */
  readonly startedAt: string | null
  readonly durationMs: number | null
  readonly note: string | null
  readonly evidence: readonly Evidence[]
  readonly problem: Problem | null
}

/** A test as of one event. */
export interface TestSnapshot {
  readonly sequence: number
  readonly status: TestStatus
  readonly steps: readonly StepSnapshot[]
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly durationMs: number | null
  /** Why the test as a whole ended as ERRORED; a step's own problem is on the step. */
  readonly problem: Problem | null
  /** Only of a failed test of a connector that had passed before. */
  readonly comparison?: TestComparison
}

interface EventBase {
  /** From 1, without gaps. */
  readonly sequence: number
  /** RFC 3339. */
  readonly at: string
}

export type TestEvent = EventBase &
  (
    | { readonly type: 'PLANNED'; readonly steps: readonly PlannedStep[] }
    | { readonly type: 'STEP_STARTED'; readonly stepId: string }
    | { readonly type: 'STEP_PROGRESSED'; readonly stepId: string; readonly note: string }
    | ({ readonly type: 'STEP_FINISHED'; readonly stepId: string; readonly durationMs: number | null } & StepReport)
    | {
        readonly type: 'FINISHED'
        readonly status: FinalTestStatus
        readonly durationMs: number
        readonly problem: Problem | null
        readonly comparison?: TestComparison
      }
  )

/** What a step says when it is done. */
export interface StepReport {
  readonly status: 'PASSED' | 'WARNING' | 'FAILED' | 'SKIPPED' | 'CANCELLED'
  readonly blockedBy?: string | null
  readonly note?: string | null
  readonly evidence: readonly Evidence[]
  readonly problem: Problem | null
}

/** The test as it is after `event`; `before` is null only for the first event, which must be PLANNED. */
export function applyEvent(before: TestSnapshot | null, event: TestEvent): TestSnapshot {
  if (event.sequence !== (before?.sequence ?? 0) + 1) {
    throw new Error(`Event ${event.sequence} does not follow event ${before?.sequence ?? 0}.`)
  }
  if (event.type === 'PLANNED') {
    return {
      sequence: event.sequence,
      status: 'RUNNING',
      steps: event.steps.map(pendingStep),
      startedAt: event.at,
      finishedAt: null,
      durationMs: null,
      problem: null,
    }
  }
  if (before === null) throw new Error('A test begins with its plan.')
  const test = { ...before, sequence: event.sequence }
  switch (event.type) {
    case 'STEP_STARTED':
      return withStep(test, event.stepId, { status: 'RUNNING', startedAt: event.at })
    case 'STEP_PROGRESSED':
      return withStep(test, event.stepId, { note: event.note })
    case 'STEP_FINISHED':
      return withStep(test, event.stepId, {
        status: event.status,
        durationMs: event.durationMs,
        blockedBy: event.blockedBy ?? null,
        evidence: event.evidence,
        problem: event.problem,
        ...(event.note != null && { note: event.note }),
      })
    case 'FINISHED':
      return {
        ...test,
        status: event.status,
        finishedAt: event.at,
        durationMs: event.durationMs,
        problem: event.problem,
        ...(event.comparison && { comparison: event.comparison }),
      }
  }
}

function pendingStep(step: PlannedStep): StepSnapshot {
  return {
    ...step,
    status: 'PENDING',
    blockedBy: null,
    startedAt: null,
    durationMs: null,
    note: null,
    evidence: [],
    problem: null,
  }
}

function withStep(test: TestSnapshot, stepId: string, change: Partial<StepSnapshot>): TestSnapshot {
  if (!test.steps.some(step => step.id === stepId)) throw new Error(`The plan has no step "${stepId}".`)
  return { ...test, steps: test.steps.map(step => (step.id === stepId ? { ...step, ...change } : step)) }
}
