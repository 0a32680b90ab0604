import { secretsOf } from '../connectors/aws/identity.ts'
import type { PlannedStep, TestSnapshot } from '../connectors/connection-test.ts'
import type { RunEnvironment } from '../connectors/define.ts'
import type { TestJob } from '../connectors/host/protocol.ts'
import { createScrubber, type Scrubber } from '../connectors/scrub/scrubber.ts'
import { ConnectionTestRetention } from '../db/connection-test-retention.ts'
import type { ConnectionTestStore } from '../db/connection-test-store.ts'
import type { Database, Writer } from '../db/database.ts'
import { isForeignKeyViolation } from '../db/foreign-key-violation.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { Digester } from '../secrets/digester.ts'
import type { AuditEntry, AuditLog } from './audit.ts'
import { auditGlobalId } from './audit-line.ts'
import { fingerprint } from './connector-config.ts'
import { IdempotencyKeyReusedError, NotFoundError, RateLimitedError } from './errors.ts'
import type { FairLimits } from './fair-limits.ts'
import { newId } from './ids.ts'
import { longestRunMs } from './running-test.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import { compareWithLastPass } from './test-changes.ts'
import { advance, endTest } from './test-ending.ts'
import type { TestRecorderOptions } from './test-recorder.ts'
import { namedConnector, type TestSubject, wholeConfig } from './test-subject.ts'
import type { Viewer } from './viewer.ts'

export interface TestAttemptsOptions {
  readonly audit: Pick<AuditLog, 'record'>
  readonly database: Database
  readonly store: ConnectionTestStore
  readonly digester: Digester
  readonly limits: FairLimits
  readonly signIns: SignInGuard
  /** Running tests of one workspace, over all processes. */
  readonly maxPerWorkspace: number
  /** Of this process. */
  readonly owner: string
  readonly leaseMs: number
  readonly now: () => Date
  /** Called with faults that only cost the comparison with an earlier test. */
  readonly onFault: (error: unknown) => void
}

export interface TestAttempt {
  readonly attemptKey: string | null
  readonly environment: RunEnvironment
  /** What is tested: a saved connector, as it would be after an edit, a draft, or what is about to be saved. */
  readonly tested: 'SAVED' | 'EDIT' | 'DRAFT' | 'SAVE'
}

/** A new test, stored but not run yet. `release` gives its place back; to be called once it has ended. */
export interface NewTest extends Pick<TestRecorderOptions, 'settleSignIn' | 'compare'> {
  readonly kind: 'NEW'
  readonly workspace: WorkspaceScope
  readonly row: ConnectionTestRow
  readonly snapshot: TestSnapshot
  readonly job: TestJob
  readonly scrub: Scrubber
  readonly release: () => void
}

export type BegunTest = NewTest | { readonly kind: 'KNOWN'; readonly row: ConnectionTestRow }

const attemptRetentionMs = 24 * 60 * 60 * 1_000
const limitRetrySeconds = 2

/** Decides whether a request is a new test or one that exists: clients that reconnect must not multiply attempts. */
export class TestAttempts {
  readonly #options: TestAttemptsOptions
  readonly #retention: ConnectionTestRetention

  constructor(options: TestAttemptsOptions) {
    this.#options = options
    this.#retention = new ConnectionTestRetention(options.database)
  }

  /**
   * Answers the viewer's test with this attempt key of the last 24 hours, else the viewer's running test of the same
   * target, else stores a new one. Looking and storing are one serializable transaction, so two requests at once yield
   * one test. A subject without readable secrets yields a test that has ended already.
   * Throws `RateLimitedError`, `IdempotencyKeyReusedError` and `NotFoundError`.
   */
  async begin(viewer: Viewer, subject: TestSubject, attempt: TestAttempt): Promise<BegunTest> {
    const { database, store, digester, limits, signIns, owner, leaseMs, now, audit } = this.#options
    const { workspace } = viewer
    const { type, config, secretDigests, connectorId } = subject
    const targetHash = await this.#targetHash(viewer, subject, attempt.environment.mayStartCompute)
    await this.#refuseEarly(viewer, { targetHash, attemptKey: attempt.attemptKey })
    const draft = plannedTest(subject, attempt.environment, now())
    const row = {
      id: newId(now().getTime()),
      connectorId,
      typeName: type.name,
      fingerprint: await fingerprint(digester, workspace, type, config, secretDigests),
      typeVersion: type.version,
      config,
      secretDigests,
      startedBy: viewer.id,
      targetHash,
      attemptKey: attempt.attemptKey,
    }
    const run = await signIns.runOf({ workspace, runId: row.id }, type, draft.job.config, secretDigests)
    let release: (() => void) | undefined
    try {
      const begun = await database.write(async (tx): Promise<BegunTest> => {
        const known = await this.#findKnown(tx, viewer, row)
        if (known !== null) return { kind: 'KNOWN', row: known }
        // The transaction may be repeated; the place is taken once.
        release ??= limits.admit(workspace.id)
        await this.#assertRoom(tx, workspace)
        const longestMs = longestRunMs(draft.job.plan)
        const reserved = draft.snapshot.status === 'RUNNING' ? await signIns.reserve(tx, run, { longestMs }) : null
        if (connectorId !== null) await this.#retention.makeRoom(tx, workspace, connectorId)
        const lease = { owner, until: new Date(now().getTime() + leaseMs) }
        const stored = await store.insert(tx, workspace, row, draft.snapshot, draft.events, lease)
        await audit.record(tx, viewer, testEntry(subject, attempt, stored.id))
        return {
          kind: 'NEW',
          workspace,
          row: stored,
          ...draft,
          settleSignIn: async (settling, step, verdict) => {
            if (reserved !== null) await signIns.settle(settling, reserved, step, verdict)
          },
          compare: failed => this.#compare(workspace, stored, subject, failed, draft.scrub),
          release,
        }
      })
      if (begun.kind === 'KNOWN') release?.()
      return begun
    } catch (error) {
      release?.()
      // Deleted since it was found.
      if (isForeignKeyViolation(error)) throw new NotFoundError('connector')
      throw error
    }
  }

  /** Whether a new test of this workspace would be refused now. */
  isFull({ id }: WorkspaceScope): boolean {
    return this.#options.limits.refusal(id) !== null
  }

  /**
   * What cannot be admitted and is not known already is refused before it costs much, a transaction above all: whoever
   * asks without end must not slow down others.
   */
  async #refuseEarly(
    { workspace, id: viewerId }: Viewer,
    { attemptKey, targetHash }: Pick<ConnectionTestRow, 'targetHash' | 'attemptKey'>,
  ): Promise<void> {
    const { database, store, limits, now } = this.#options
    const refusal = limits.refusal(workspace.id)
    if (refusal === null) return
    const { read } = database
    const known =
      (attemptKey !== null && (await store.findAttempt(read, workspace, viewerId, attemptKey))) ||
      (await store.findRunning(read, workspace, viewerId, targetHash, now()))
    if (!known) throw refusal
  }

  async #compare(
    workspace: WorkspaceScope,
    row: ConnectionTestRow,
    subject: TestSubject,
    failed: TestSnapshot,
    scrub: Scrubber,
  ) {
    try {
      return await compareWithLastPass(this.#options.store, workspace, row, subject, failed, scrub)
    } catch (error) {
      // The end of the test matters more.
      this.#options.onFault(error)
      return null
    }
  }

  async #findKnown(
    tx: Writer,
    { workspace, id: viewerId }: Viewer,
    wanted: Pick<ConnectionTestRow, 'targetHash' | 'attemptKey'>,
  ): Promise<ConnectionTestRow | null> {
    const { store, now } = this.#options
    const { attemptKey, targetHash } = wanted
    const earlier = attemptKey === null ? null : await store.findAttempt(tx, workspace, viewerId, attemptKey)
    if (earlier !== null) {
      const isRemembered = earlier.startedAt.getTime() > now().getTime() - attemptRetentionMs
      if (isRemembered && earlier.targetHash !== targetHash) throw new IdempotencyKeyReusedError('attemptKey')
      if (isRemembered) return earlier
      await store.setAttemptKey(tx, { workspace, id: earlier.id }, null)
    }
    const running = await store.findRunning(tx, workspace, viewerId, targetHash, now())
    // So that the same request finds it also after its end.
    if (running?.attemptKey === null && attemptKey !== null)
      await store.setAttemptKey(tx, { workspace, id: running.id }, attemptKey)
    return running
  }

  /** Equal for what the same viewer would see the same way. Holds secrets as keyed digests only. */
  #targetHash(viewer: Viewer, subject: TestSubject, mayStartCompute: boolean): Promise<string> {
    const { connectorId, type, config, secretDigests } = subject
    return this.#options.digester.digest(viewer.workspace.id, 'connection-test-target', {
      viewerId: viewer.id,
      connectorId,
      type: type.name,
      typeVersion: type.version,
      config,
      secretDigests,
      mayStartCompute,
    })
  }

  /** Of all processes together; what this process itself may run is counted without the database. */
  async #assertRoom(tx: Writer, workspace: WorkspaceScope): Promise<void> {
    const { store, maxPerWorkspace, now } = this.#options
    const running = await store.countRunning(tx, workspace, now())
    if (running >= maxPerWorkspace) throw new RateLimitedError(limitRetrySeconds, 'TOO_MANY_RUNNING')
  }
}

/** Told of where a test is stored; of an attempt that finds a running one there is no test. */
function testEntry(subject: TestSubject, { tested, environment }: TestAttempt, testId: string): AuditEntry {
  const connector = namedConnector(subject)
  const test = { kind: 'CONNECTION_TEST', id: testId } as const
  return {
    action: 'TEST_CONNECTION',
    target: connector ? { kind: 'CONNECTOR', id: connector.id, name: connector.name ?? null } : test,
    details: {
      connectorType: subject.type.name,
      tested,
      test: auditGlobalId('CONNECTION_TEST', testId),
      mayStartCompute: environment.mayStartCompute,
    },
  }
}

/** The test as it begins, with its plan as the first event. */
function plannedTest(subject: TestSubject, environment: RunEnvironment, now: Date) {
  const { type, secrets } = subject
  const values = 'values' in secrets ? secrets.values : {}
  const config = wholeConfig(subject, values)
  const scrub = createScrubber([...Object.values(values), ...secretsOf(environment.operatorAws)])
  // The config has passed the type's form, whose exact type the registry has forgotten.
  const plan: readonly PlannedStep[] = type.plan(config as Parameters<typeof type.plan>[0])
  const steps = plan.map(step => ({ ...step, title: scrub.text(step.title) }))
  const planned = advance(null, [{ type: 'PLANNED', steps }], now)
  const job: TestJob = { kind: 'TEST', typeName: type.name, config, plan, environment }
  if ('values' in secrets) return { ...planned, job, scrub }
  const ended = endTest(planned.snapshot, { kind: 'ERRORED', problem: secrets.problem }, now)
  return { snapshot: ended.snapshot, events: [...planned.events, ...ended.events], job, scrub }
}
