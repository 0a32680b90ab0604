import type { StepKey } from './connection-test.ts'

export const testChangeSubjects = [
  'FIELD',
  'SECRET',
  'CONNECTOR_TYPE',
  'ADDRESS',
  'CERTIFICATE',
  'OBSERVATION',
] as const
export type TestChangeSubject = (typeof testChangeSubjects)[number]

/** One thing that was otherwise when the connector last passed a test. Plain data: it is stored with the test. */
export interface TestChange {
  readonly subject: TestChangeSubject
  /** What it is about, for a reader: a field's label, or that of the evidence. */
  readonly label: string
  /** Form path of a field or secret. */
  readonly field: string | null
  /** The step whose evidence differs, and its endpoint where the plan has several. */
  readonly stepKey: StepKey | null
  readonly target: string | null
  /** Null where there was nothing, where it is secret, and where it is too long to be read. */
  readonly before: string | null
  readonly after: string | null
  /** RFC 3339; known of stored secrets. */
  readonly changedAt: string | null
  readonly message: string
}

/** A failed test of a connector against the last one that passed. */
export interface TestComparison {
  readonly lastPassedTestId: string
  readonly changes: readonly TestChange[]
  /** One sentence; also says so when nothing that can be seen has changed. */
  readonly summary: string
}
