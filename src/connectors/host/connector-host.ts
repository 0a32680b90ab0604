import type { QueryEnd, QueryOutcome, ResultColumn, Row } from '../define.ts'
import type { Problem } from '../problem.ts'
import type { QueryJob, StepMessage, TestJob } from './protocol.ts'

/**
 * How a test ended as a process. `COMPLETED`: every step reported (also when cancelled: the rest were CANCELLED).
 * `FAILED`: the child crashed, hung past its deadline or could not be had; some steps may never have reported.
 */
export type TestOutcome = { readonly kind: 'COMPLETED' } | { readonly kind: 'FAILED'; readonly problem: Problem }

export interface JobOptions {
  /** A child serves one workspace at a time. */
  readonly workspaceId: string
  /** Asks the child to stop; it is killed if it has not within a grace time. */
  readonly signal: AbortSignal
  /** Hard deadline of the job itself, without the wait for a child: the child is killed (SIGKILL) when it passes. */
  readonly deadlineMs: number
}

/** What a query tells, in this order: its columns, rows, how it ended. Without columns when it fails before it has any. */
export type QueryPart =
  | { readonly kind: 'COLUMNS'; readonly columns: readonly ResultColumn[] }
  | { readonly kind: 'ROWS'; readonly rows: readonly Row[] }
  | QueryEnd

/** Runs driver code in sandboxed child processes. */
export interface ConnectorHost {
  /**
   * `onStep` is called in the order of the plan. A test whose `signal` aborts always ends as COMPLETED, with the rest of
   * its steps told as CANCELLED. Rejects only with what `onStep` throws.
   */
  test(job: TestJob, onStep: (message: StepMessage) => void, options: JobOptions): Promise<TestOutcome>
  /** The whole result at once. Rejects with the signal's reason when it aborts; every other failure is a PROBLEM. */
  query(job: QueryJob, options: JobOptions): Promise<QueryOutcome>
  /**
   * The result part by part, for any size of it: the source is read only as fast as the parts are taken, and at most
   * `rowWindowBytes` are held in between. The last part is COMPLETE or PROBLEM. Begins with the first read; leaving the
   * loop cancels the query. Rejects with the signal's reason when it aborts. The deadline holds however slow the reader is.
   */
  stream(job: QueryJob, options: JobOptions): AsyncGenerator<QueryPart, void, void>
  /** Kills every child; running jobs end as FAILED. */
  close(): Promise<void>
}
