import { and, asc, count, desc, eq, gt, inArray, lte, type SQL } from 'drizzle-orm'
import type { TestEvent, TestSnapshot } from '../connectors/connection-test.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { Database, Reader, Writer } from './database.ts'
import { type Keyset, keyset, type Page } from './keyset.ts'
import type { ConnectionTestRow } from './rows.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

/** Names one test. */
export interface TestAddress {
  readonly workspace: WorkspaceScope
  readonly id: string
}

/** A test as it begins: its snapshot and events say the rest. */
export type NewConnectionTest = Omit<
  ConnectionTestRow,
  'workspaceId' | 'status' | 'snapshot' | 'cancelRequested' | 'startedAt' | 'finishedAt' | 'leaseOwner' | 'leaseUntil'
>

/** Which process runs a test, and until when it may be believed alive. */
export interface Lease {
  readonly owner: string
  readonly until: Date
}

/** The snapshot of a row, which is stored as plain JSON. */
export const snapshotOf = (row: Pick<ConnectionTestRow, 'snapshot'>) => row.snapshot as unknown as TestSnapshot

/** SQL on connection tests and their events. Only the process whose lease a test carries may add events to it. */
export class ConnectionTestStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find({ workspace, id }: TestAddress): Promise<ConnectionTestRow | null> {
    const [row] = await this.findMany(workspace, [id])
    return row ?? null
  }

  /** One for each id, in order. */
  async findMany(workspace: WorkspaceScope, ids: readonly string[]): Promise<readonly (ConnectionTestRow | null)[]> {
    const { read, tables } = this.#database
    const tests = tables.connectionTests
    if (ids.length === 0) return []
    const rows = await read
      .select()
      .from(tests)
      .where(and(eq(tests.workspaceId, workspace.id), inArray(tests.id, [...ids])))
    const byId = new Map(rows.map(row => [row.id, row]))
    return ids.map(id => byId.get(id) ?? null)
  }

  /** Newest first. Throws `BadCursorError`. */
  async pageOfConnector(
    workspace: WorkspaceScope,
    connectorId: string,
    { first, after }: { readonly first: number; readonly after: string | null },
  ): Promise<Page<ConnectionTestRow>> {
    const tests = this.#database.tables.connectionTests
    const list: Keyset<ConnectionTestRow> = keyset({
      list: 'connectionTests',
      orderBy: { field: 'STARTED_AT', direction: 'DESC' },
      filter: { connectorId },
      column: tests.startedAt,
      idColumn: tests.id,
      keyOf: row => row.startedAt,
    })
    const ofConnector = and(eq(tests.workspaceId, workspace.id), eq(tests.connectorId, connectorId))
    const rows = await this.#database.read
      .select()
      .from(tests)
      .where(after === null ? ofConnector : and(ofConnector, list.after(after)))
      .orderBy(...list.orderBy)
      .limit(first + 1)
    return list.page(rows, first)
  }

  /** Events after `sequence`, in order. */
  async eventsAfter({ workspace, id }: TestAddress, sequence: number, limit: number): Promise<readonly TestEvent[]> {
    const events = this.#database.tables.connectionTestEvents
    const rows = await this.#database.read
      .select({ event: events.event })
      .from(events)
      .where(and(eq(events.workspaceId, workspace.id), eq(events.testId, id), gt(events.sequence, sequence)))
      .orderBy(asc(events.sequence))
      .limit(limit)
    return rows.map(row => row.event)
  }

  /** The viewer's test with this attempt key, ended or not. */
  async findAttempt(
    tx: Reader,
    workspace: WorkspaceScope,
    viewerId: string,
    key: string,
  ): Promise<ConnectionTestRow | null> {
    const tests = this.#database.tables.connectionTests
    const [row] = await tx
      .select()
      .from(tests)
      .where(and(eq(tests.workspaceId, workspace.id), eq(tests.startedBy, viewerId), eq(tests.attemptKey, key)))
    return row ?? null
  }

  /** Null frees the key for another test. */
  async setAttemptKey(tx: Writer, address: TestAddress, attemptKey: string | null): Promise<void> {
    await tx.update(this.#tests).set({ attemptKey }).where(this.#is(address))
  }

  /** The viewer's test of this target that a living process runs. */
  async findRunning(
    tx: Reader,
    workspace: WorkspaceScope,
    viewerId: string,
    targetHash: string,
    now: Date,
  ): Promise<ConnectionTestRow | null> {
    const tests = this.#tests
    const [row] = await tx
      .select()
      .from(tests)
      .where(
        and(
          eq(tests.workspaceId, workspace.id),
          eq(tests.startedBy, viewerId),
          eq(tests.targetHash, targetHash),
          eq(tests.status, 'RUNNING'),
          gt(tests.leaseUntil, now),
          eq(tests.cancelRequested, false),
        ),
      )
      .orderBy(desc(tests.startedAt), desc(tests.id))
      .limit(1)
    return row ?? null
  }

  /** How many tests of the workspace living processes run. */
  async countRunning(tx: Writer, workspace: WorkspaceScope, now: Date): Promise<number> {
    const tests = this.#tests
    const [row] = await tx
      .select({ running: count() })
      .from(tests)
      .where(and(eq(tests.workspaceId, workspace.id), eq(tests.status, 'RUNNING'), gt(tests.leaseUntil, now)))
    return row?.running ?? 0
  }

  /** Stores a new test with its first events, of which `snapshot` is the fold. */
  async insert(
    tx: Writer,
    workspace: WorkspaceScope,
    test: NewConnectionTest,
    snapshot: TestSnapshot,
    events: readonly TestEvent[],
    lease: Lease,
  ): Promise<ConnectionTestRow> {
    const [row] = await tx
      .insert(this.#tests)
      .values({
        ...test,
        ...stateOf(snapshot),
        workspaceId: workspace.id,
        cancelRequested: false,
        startedAt: new Date(snapshot.startedAt),
        leaseOwner: snapshot.status === 'RUNNING' ? lease.owner : null,
        leaseUntil: snapshot.status === 'RUNNING' ? lease.until : null,
      })
      .returning()
    if (!row) throw new Error('The inserted test was not answered.')
    await this.#insertEvents(tx, { workspace, id: row.id }, events)
    return row
  }

  /**
   * Adds events, of which the last leads to `snapshot`; a terminal one ends the lease. False, with nothing done, when
   * the test has ended, is gone or belongs to another process.
   */
  async append(
    tx: Writer,
    address: TestAddress,
    owner: string,
    snapshot: TestSnapshot,
    events: readonly TestEvent[],
  ): Promise<boolean> {
    const changed = await tx
      .update(this.#tests)
      .set({ ...stateOf(snapshot), ...(snapshot.status !== 'RUNNING' && { leaseOwner: null, leaseUntil: null }) })
      .where(and(this.#is(address), isRunBy(this.#tests, owner)))
      .returning({ id: this.#tests.id })
    if (changed.length === 0) return false
    await this.#insertEvents(tx, address, events)
    return true
  }

  /** Marks a running test to be cancelled by the process that runs it. */
  async requestCancel(tx: Writer, address: TestAddress): Promise<void> {
    const tests = this.#tests
    const isRunning = and(this.#is(address), eq(tests.status, 'RUNNING'))
    await tx.update(tests).set({ cancelRequested: true }).where(isRunning)
  }

  /** The connector's last test that passed, of those that had begun by then. */
  async findLastPassed(
    workspace: WorkspaceScope,
    connectorId: string,
    begunBy: Date,
  ): Promise<ConnectionTestRow | null> {
    const tests = this.#tests
    const [row] = await this.#database.read
      .select()
      .from(tests)
      .where(and(hasPassed(tests, workspace, connectorId), lte(tests.startedAt, begunBy)))
      .orderBy(desc(tests.startedAt), desc(tests.id))
      .limit(1)
    return row ?? null
  }

  /** The process of a test could not say what became of its sign-ins: the rights that it still holds are kept. */
  async loseSignIns(tx: Writer, { workspace, id }: TestAddress, lostAt: Date): Promise<void> {
    const attempts = this.#database.tables.signInAttempts
    await tx
      .update(attempts)
      .set({ lostAt })
      .where(and(eq(attempts.workspaceId, workspace.id), eq(attempts.runId, id)))
      .returning({ account: attempts.account })
  }

  get #tests() {
    return this.#database.tables.connectionTests
  }

  #is(address: TestAddress): SQL | undefined {
    return isTest(this.#tests, address)
  }

  async #insertEvents(tx: Writer, { workspace, id }: TestAddress, events: readonly TestEvent[]): Promise<void> {
    await tx.insert(this.#database.tables.connectionTestEvents).values(
      events.map(event => ({
        workspaceId: workspace.id,
        testId: id,
        sequence: event.sequence,
        event,
        createdAt: new Date(event.at),
      })),
    )
  }
}

type Tests = Database['tables']['connectionTests']

export const isTest = (tests: Tests, { workspace, id }: TestAddress): SQL | undefined =>
  and(eq(tests.workspaceId, workspace.id), eq(tests.id, id))

export const isRunBy = (tests: Tests, owner: string): SQL | undefined =>
  and(eq(tests.status, 'RUNNING'), eq(tests.leaseOwner, owner))

export const hasPassed = (tests: Tests, workspace: WorkspaceScope, connectorId: string): SQL | undefined =>
  and(
    eq(tests.workspaceId, workspace.id),
    eq(tests.connectorId, connectorId),
    inArray(tests.status, ['PASSED', 'PASSED_WITH_WARNINGS']),
  )

function stateOf(snapshot: TestSnapshot) {
  return {
    status: snapshot.status,
    // Plain data: an interface only lacks the index signature.
    snapshot: snapshot as unknown as JsonObject,
    finishedAt: snapshot.finishedAt === null ? null : new Date(snapshot.finishedAt),
  }
}
