import type { Listing, ListingRequest } from '../browse.ts'
import type { PlannedStep, StepReport } from '../connection-test.ts'
import type { QueryEnd, QueryLimits, ResultColumn, RunEnvironment } from '../define.ts'
import type { RowsMessage } from './rows-message.ts'

/** A test to run. `config` is a form's output, secrets included: it never leaves the two processes. */
export interface TestJob {
  readonly kind: 'TEST'
  readonly typeName: string
  readonly config: unknown
  readonly plan: readonly PlannedStep[]
  readonly environment: RunEnvironment
}

export interface QueryJob {
  readonly kind: 'QUERY'
  readonly typeName: string
  readonly config: unknown
  readonly query: unknown
  readonly limits: QueryLimits
  readonly environment: RunEnvironment
}

/** A page of what a source holds. */
export interface ListingJob {
  readonly kind: 'LIST'
  readonly typeName: string
  readonly config: unknown
  readonly request: ListingRequest
  /** Milliseconds for all of it, with the way in. */
  readonly budgetMs: number
  readonly environment: RunEnvironment
}

export type Job = TestJob | QueryJob | ListingJob

export type ParentMessage =
  | { readonly kind: 'RUN'; readonly jobId: number; readonly job: Job }
  | { readonly kind: 'CANCEL'; readonly jobId: number }
  /** ROWS messages of so much weight have been taken: there is room for as many more. */
  | { readonly kind: 'CREDIT'; readonly jobId: number; readonly bytes: number }

/** What happens in a test, as the child tells it. Times are the child's monotonic milliseconds within the step. */
export type StepMessage =
  | { readonly kind: 'STEP_STARTED'; readonly stepId: string }
  | { readonly kind: 'STEP_PROGRESSED'; readonly stepId: string; readonly note: string }
  | {
      readonly kind: 'STEP_FINISHED'
      readonly stepId: string
      readonly durationMs: number | null
      readonly report: StepReport
    }

/** What a child says in JSON. */
export type ChildWords =
  | { readonly kind: 'READY' }
  /** Instead of READY: the sandbox does not stop what it must, as `reason` says. No job may run. */
  | { readonly kind: 'UNFIT'; readonly reason: string }
  | { readonly kind: 'STEP'; readonly jobId: number; readonly step: StepMessage }
  /** `leftovers`: something of the job may still be going on, so that the child must not be used again. */
  | { readonly kind: 'TEST_DONE'; readonly jobId: number; readonly leftovers: boolean }
  /** Once, before any rows. */
  | { readonly kind: 'COLUMNS'; readonly jobId: number; readonly columns: readonly ResultColumn[] }
  | { readonly kind: 'QUERY_DONE'; readonly jobId: number; readonly end: QueryEnd; readonly leftovers: boolean }
  | { readonly kind: 'LISTING_DONE'; readonly jobId: number; readonly listing: Listing; readonly leftovers: boolean }
  /** A bug in a type's code, told by error class and code only: the child reports it and exits. */
  | { readonly kind: 'JOB_FAILED'; readonly jobId: number; readonly message: string }
  /** Sent now and then where the parent cannot see the child's memory by itself. */
  | { readonly kind: 'MEMORY'; readonly residentMb: number }

/** Rows are sent only while there is room: see `rowWindowBytes`. */
export type ChildMessage = ChildWords | RowsMessage

/** The file descriptor of the child's end of the channel. */
export const channelFd = 3
