import {
  applyEvent,
  type FinalTestStatus,
  type StepReport,
  type StepSnapshot,
  type TestEvent,
  type TestSnapshot,
} from '../connectors/connection-test.ts'
import type { Problem } from '../connectors/problem.ts'
import type { TestComparison } from '../connectors/test-comparison.ts'

/** Why a test is over: its steps say the result, somebody cancelled it, or it could not be carried through. */
export type TestEnding =
  | { readonly kind: 'BY_STEPS' }
  | { readonly kind: 'CANCELLED' }
  | { readonly kind: 'ERRORED'; readonly problem: Problem }

/** An event that has not got its place in the sequence yet. */
export type EventBody = TestEvent extends infer E ? (E extends TestEvent ? Omit<E, 'sequence' | 'at'> : never) : never

/** A test and the events that led to it. */
export interface Advance {
  readonly snapshot: TestSnapshot
  readonly events: readonly TestEvent[]
}

/** The test after `bodies`, which get the next numbers. */
export function advance(before: TestSnapshot | null, bodies: readonly EventBody[], at: Date): Advance {
  const events: TestEvent[] = []
  let snapshot = before
  for (const body of bodies) {
    // A body of one type with the two common fields is an event of that type.
    const event = { ...body, sequence: (snapshot?.sequence ?? 0) + 1, at: at.toISOString() } as TestEvent
    snapshot = applyEvent(snapshot, event)
    events.push(event)
  }
  if (snapshot === null) throw new Error('A test begins with its plan.')
  return { snapshot, events }
}

/** Whether nothing can happen to the step any more. */
export const isFinished = (step: StepSnapshot) => step.status !== 'PENDING' && step.status !== 'RUNNING'

/** Ends a running test: closes the steps that are not finished, then says the result. */
export function endTest(
  test: TestSnapshot,
  ending: TestEnding,
  now: Date,
  comparison: TestComparison | null = null,
): Advance {
  const closed = advance(test, closeSteps(test, ending, now), now)
  const finish: EventBody = {
    type: 'FINISHED',
    status: finalStatus(closed.snapshot, ending),
    durationMs: since(test.startedAt, now),
    problem: ending.kind === 'ERRORED' ? ending.problem : null,
    ...(comparison && { comparison }),
  }
  const finished = advance(closed.snapshot, [finish], now)
  return { snapshot: finished.snapshot, events: [...closed.events, ...finished.events] }
}

/** A required step that ended without a claim that later steps could build on. */
export const isBlocking = (step: StepSnapshot) =>
  step.required && (step.status === 'FAILED' || step.status === 'SKIPPED')

/** Whether a test that ends like this has failed, which only its own steps can say. */
export const endsAsFailed = (test: TestSnapshot, ending: TestEnding): boolean =>
  ending.kind !== 'ERRORED' && test.steps.some(isBlocking)

function closeSteps(test: TestSnapshot, ending: TestEnding, now: Date): EventBody[] {
  const blockedBy = test.steps.find(isBlocking)?.id ?? null
  const bodies: EventBody[] = []
  for (const step of test.steps) {
    if (isFinished(step)) continue
    const wasStopped = step.status === 'RUNNING' || ending.kind === 'CANCELLED'
    const report: StepReport = {
      status: wasStopped ? 'CANCELLED' : 'SKIPPED',
      blockedBy: wasStopped ? null : blockedBy,
      evidence: [],
      problem: null,
    }
    const durationMs = step.startedAt === null ? null : since(step.startedAt, now)
    bodies.push({ type: 'STEP_FINISHED', stepId: step.id, durationMs, ...report })
  }
  return bodies
}

/** A required step that could not be measured is no pass either: what comes after it never ran. */
function finalStatus({ steps }: TestSnapshot, ending: TestEnding): FinalTestStatus {
  if (ending.kind === 'ERRORED') return 'ERRORED'
  if (steps.some(isBlocking)) return 'FAILED'
  if (steps.some(step => step.status === 'CANCELLED')) return 'CANCELLED'
  return steps.every(step => step.status === 'PASSED') ? 'PASSED' : 'PASSED_WITH_WARNINGS'
}

const since = (instant: string, now: Date) => Math.max(0, now.getTime() - Date.parse(instant))
