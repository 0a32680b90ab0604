import type { StepSnapshot, TestSnapshot } from '../connectors/connection-test.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import type { TestProgress } from '../services/connection-tests.ts'

/** A connection test as it is shown: as it is now, or as of one event. */
export interface TestView {
  readonly id: string
  readonly snapshot: TestSnapshot
  /** Null when the view was made from an event; then the row is read when it is asked for. */
  readonly row: ConnectionTestRow | null
}

export const viewOfRow = (row: ConnectionTestRow): TestView => ({
  id: row.id,
  // The column holds what `applyEvent` made; its type is wider because both databases store it as JSON.
  snapshot: row.snapshot as unknown as TestSnapshot,
  row,
})

export const viewOfProgress = ({ testId, snapshot }: TestProgress): TestView => ({ id: testId, snapshot, row: null })

/** A step as it is shown. Its own id is unique only in its test, and clients keep objects of all tests in one cache. */
export interface StepView extends StepSnapshot {
  readonly globalId: string
  readonly blockedByGlobalId: string | null
}

export function viewOfStep(testId: string, step: StepSnapshot): StepView {
  const globalId = (id: string) => `${testId}:${id}`
  return {
    ...step,
    globalId: globalId(step.id),
    blockedByGlobalId: step.blockedBy === null ? null : globalId(step.blockedBy),
  }
}
