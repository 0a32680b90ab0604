import type { Listing } from '../browse.ts'
import type { QueryEnd, QueryOutcome, ResultColumn, Row } from '../define.ts'
import type { Problem } from '../problem.ts'
import type { ListingJob, QueryJob, StepMessage, TestJob } from './protocol.ts'

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
export type QueryPart = { readonly kind: 'COLUMNS'; readonly columns: readonly ResultColumn[] } | RowsPart | QueryEnd

/**
 * Rows as a child wrote them, which nobody has read yet. A child digests what hostile servers send, so of `json` no more
 * is promised than that it is well-formed UTF-8, and that its size and `count`, over all parts, keep to the limits. Whoever
 * passes it on unread passes on somebody's claim: it may go where a reader parses it by itself, as a body or a file of its
 * own, and never into a document in which Patchbay speaks.
 */
export interface RowsPart {
  readonly kind: 'ROWS'
  /** How many rows there are, by the child's word: what they are is checked when they are read. */
  readonly count: number
  /** The rows' JSON texts (lists of values, in column order) with a comma between two of them. In memory that stays until its release. */
  readonly json: Buffer
  /**
   * The rows, parsed anew each time and checked: as many as was said, one value for each column, nested no deeper than
   * `maxJsonDepth`. Otherwise CONNECTOR_HOST_FAILED, with which the stream then ends as well, and the child is ended.
   */
  read(): RowsRead
  /**
   * Gives the memory of `json` back, to be used for other rows: from now on nobody may use it. Who does not leaves it to
   * the garbage collector, which has the more to do.
   */
  release(): void
}

export type RowsRead =
  | { readonly kind: 'ROWS'; readonly rows: readonly Row[] }
  | { readonly kind: 'PROBLEM'; readonly problem: Problem }

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
  /** A page of a list. Rejects with the signal's reason when it aborts; every other failure is the listing's problem. */
  list(job: ListingJob, options: JobOptions): Promise<Listing>
  /** Kills every child; running jobs end as FAILED. */
  close(): Promise<void>
}
