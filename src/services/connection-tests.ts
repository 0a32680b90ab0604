import type { TestEvent, TestSnapshot } from '../connectors/connection-test.ts'
import type { Page } from '../db/keyset.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import type { ConfigInput, ConnectorRef } from './connectors.ts'
import type { Viewer } from './viewer.ts'

/** Exactly one key. `edit` tests a saved connector as it would be after a patch. */
export type TestTarget =
  | { readonly saved: ConnectorRef }
  | { readonly draft: ConfigInput }
  | { readonly edit: { readonly connector: ConnectorRef; readonly config: ConfigInput } }

export interface StartTestInput {
  readonly target: TestTarget
  readonly attemptKey?: string | null
  readonly mayStartCompute: boolean
  /** ONE_SHOT: ends 5 s after its last subscriber left. PINNED: runs to its end whoever listens. */
  readonly lifetime: 'ONE_SHOT' | 'PINNED'
}

/** One event with the test as of that event. */
export interface TestProgress {
  readonly testId: string
  readonly event: TestEvent
  readonly snapshot: TestSnapshot
}

/** Runs connection tests and tells of them. Refusals are thrown as `ServiceError`s before anything is dialled. */
export interface ConnectionTestService {
  /** Starts a test, or attaches to the viewer's running one with the same target or `attemptKey`. */
  start(viewer: Viewer, input: StartTestInput): Promise<ConnectionTestRow>
  /**
   * Every event after `afterSequence`, in order, once, from any process, ending after the terminal one. When the
   * events have been pruned: one final FINISHED event. Throws `NotFoundError`. Ends when `signal` aborts.
   * A one-shot test counts its subscribers by these streams.
   */
  stream(
    viewer: Viewer,
    testId: string,
    options: { afterSequence: number; signal: AbortSignal },
  ): Promise<AsyncIterable<TestProgress>>
  /** The test once it has ended, or as it is after `timeoutMs`. */
  wait(viewer: Viewer, testId: string, options: { timeoutMs: number; signal: AbortSignal }): Promise<ConnectionTestRow>
  /** Idempotent; answers the test as it is once cancelled (or ended before). Throws `NotFoundError`. */
  cancel(viewer: Viewer, testId: string): Promise<ConnectionTestRow>
  find(viewer: Viewer, testId: string): Promise<ConnectionTestRow | null>
  findMany(viewer: Viewer, ids: readonly string[]): Promise<readonly (ConnectionTestRow | null)[]>
  /** Newest first; at most the last 50 are kept for a connector. */
  pageOfConnector(
    viewer: Viewer,
    connectorId: string,
    request: { first: number; after: string | null },
  ): Promise<Page<ConnectionTestRow>>
  /** Closes tests whose process is gone, prunes old events and tests. Runs at start and periodically. */
  sweep(now: Date): Promise<void>
  /** Cancels this process's tests and stops its timers. */
  close(): Promise<void>
}
