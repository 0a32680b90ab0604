import { and, asc, count, desc, eq, gt, inArray, isNotNull, isNull, lt, ne, or, type SQL } from 'drizzle-orm'
import type { TestEvent, TestSnapshot } from '../connectors/connection-test.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { Database, Writer } from './database.ts'
import { type Keyset, keyset, type Page } from './keyset.ts'
import type { ConnectionTestRow } from './rows.ts'

/** Names one test. */
export interface TestAddress {
  readonly workspaceId: string
  readonly id: string
}

/** A test as it begins: its snapshot and events say the rest. */
export type NewConnectionTest = Omit<
  ConnectionTestRow,
  'status' | 'snapshot' | 'cancelRequested' | 'startedAt' | 'finishedAt' | 'leaseOwner' | 'leaseUntil'
>

/** Which process runs a test, and until when it may be believed alive. */
export interface Lease {
  readonly owner: string
  readonly until: Date
}

/** The snapshot of a row, which is stored as plain JSON. */
export const snapshotOf = (row: Pick<ConnectionTestRow, 'snapshot'>) => row.snapshot as unknown as TestSnapshot

/** Tests kept for one connector. */
export const keptPerConnector = 50

/** SQL on connection tests and their events. Only the process whose lease a test carries may add events to it. */
export class ConnectionTestStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find({ workspaceId, id }: TestAddress): Promise<ConnectionTestRow | null> {
    const [row] = await this.findMany(workspaceId, [id])
    return row ?? null
  }

  /** One for each id, in order. */
  async findMany(workspaceId: string, ids: readonly string[]): Promise<readonly (ConnectionTestRow | null)[]> {
    const { read, tables } = this.#database
    const tests = tables.connectionTests
    if (ids.length === 0) return []
    const rows = await read
      .select()
      .from(tests)
      .where(and(eq(tests.workspaceId, workspaceId), inArray(tests.id, [...ids])))
    const byId = new Map(rows.map(row => [row.id, row]))
    return ids.map(id => byId.get(id) ?? null)
  }

  /** Newest first. Throws `BadCursorError`. */
  async pageOfConnector(
    workspaceId: string,
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
    const ofConnector = and(eq(tests.workspaceId, workspaceId), eq(tests.connectorId, connectorId))
    const rows = await this.#database.read
      .select()
      .from(tests)
      .where(after === null ? ofConnector : and(ofConnector, list.after(after)))
      .orderBy(...list.orderBy)
      .limit(first + 1)
    return list.page(rows, first)
  }

  /** Events after `sequence`, in order. */
  async eventsAfter({ workspaceId, id }: TestAddress, sequence: number, limit: number): Promise<readonly TestEvent[]> {
    const events = this.#database.tables.connectionTestEvents
    const rows = await this.#database.read
      .select({ event: events.event })
      .from(events)
      .where(and(eq(events.workspaceId, workspaceId), eq(events.testId, id), gt(events.sequence, sequence)))
      .orderBy(asc(events.sequence))
      .limit(limit)
    return rows.map(row => row.event)
  }

  /** The viewer's test with this attempt key, ended or not. */
  async findAttempt(tx: Writer, workspaceId: string, viewerId: string, key: string): Promise<ConnectionTestRow | null> {
    const tests = this.#database.tables.connectionTests
    const [row] = await tx
      .select()
      .from(tests)
      .where(and(eq(tests.workspaceId, workspaceId), eq(tests.startedBy, viewerId), eq(tests.attemptKey, key)))
    return row ?? null
  }

  /** Null frees the key for another test. */
  async setAttemptKey(tx: Writer, address: TestAddress, attemptKey: string | null): Promise<void> {
    await tx.update(this.#tests).set({ attemptKey }).where(this.#is(address))
  }

  /** The viewer's test of this target that a living process runs. */
  async findRunning(
    tx: Writer,
    workspaceId: string,
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
          eq(tests.workspaceId, workspaceId),
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
  async countRunning(tx: Writer, workspaceId: string, now: Date): Promise<number> {
    const tests = this.#tests
    const [row] = await tx
      .select({ running: count() })
      .from(tests)
      .where(and(eq(tests.workspaceId, workspaceId), eq(tests.status, 'RUNNING'), gt(tests.leaseUntil, now)))
    return row?.running ?? 0
  }

  /** Stores a new test with its first events, of which `snapshot` is the fold. */
  async insert(
    tx: Writer,
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
        cancelRequested: false,
        startedAt: new Date(snapshot.startedAt),
        leaseOwner: snapshot.status === 'RUNNING' ? lease.owner : null,
        leaseUntil: snapshot.status === 'RUNNING' ? lease.until : null,
      })
      .returning()
    if (!row) throw new Error('The inserted test was not answered.')
    await this.#insertEvents(tx, row, events)
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
      .where(and(this.#is(address), this.#isRunBy(owner)))
      .returning({ id: this.#tests.id })
    if (changed.length === 0) return false
    await this.#insertEvents(tx, address, events)
    return true
  }

  /** The test as it is, held until the transaction ends; null unless it runs and `owner` holds it. */
  async hold(tx: Writer, address: TestAddress, owner: string): Promise<ConnectionTestRow | null> {
    return this.#claim(tx, address, owner, this.#isRunBy(owner))
  }

  /** Takes over a test whose process is gone; null when another was quicker or the process is alive after all. */
  async takeOver(
    tx: Writer,
    address: TestAddress,
    owner: string,
    abandoned: Abandoned,
  ): Promise<ConnectionTestRow | null> {
    return this.#claim(tx, address, owner, this.#isAbandoned(abandoned))
  }

  /** Tests whose process is gone, oldest lease first. */
  async findAbandoned(abandoned: Abandoned, limit: number): Promise<readonly TestAddress[]> {
    const tests = this.#tests
    return this.#database.read
      .select({ workspaceId: tests.workspaceId, id: tests.id })
      .from(tests)
      .where(this.#isAbandoned(abandoned))
      .orderBy(asc(tests.leaseUntil))
      .limit(limit)
  }

  /** Prolongs the leases of those that `owner` still holds; answers them. */
  async renewLeases(
    { owner, until }: Lease,
    ids: readonly string[],
  ): Promise<readonly { readonly id: string; readonly cancelRequested: boolean }[]> {
    const tests = this.#tests
    return this.#database.write(tx =>
      tx
        .update(tests)
        .set({ leaseUntil: until })
        .where(and(inArray(tests.id, [...ids]), this.#isRunBy(owner)))
        .returning({ id: tests.id, cancelRequested: tests.cancelRequested }),
    )
  }

  /** Marks a running test to be cancelled by the process that runs it. */
  async requestCancel(address: TestAddress): Promise<void> {
    const tests = this.#tests
    const isRunning = and(this.#is(address), eq(tests.status, 'RUNNING'))
    await this.#database.write(tx => tx.update(tests).set({ cancelRequested: true }).where(isRunning))
  }

  /** Removes the connector's oldest ended tests so that a new one fits in. */
  async makeRoom(tx: Writer, workspaceId: string, connectorId: string): Promise<void> {
    const tests = this.#tests
    const ofConnector = and(eq(tests.workspaceId, workspaceId), eq(tests.connectorId, connectorId))
    const surplus = await tx
      .select({ id: tests.id })
      .from(tests)
      .where(ofConnector)
      .orderBy(desc(tests.startedAt), desc(tests.id))
      .limit(keptPerConnector)
      .offset(keptPerConnector - 1)
    if (surplus.length === 0) return
    const ids = surplus.map(row => row.id)
    await tx.delete(tests).where(and(ofConnector, inArray(tests.id, ids), ne(tests.status, 'RUNNING')))
  }

  /** Removes the events of up to `limit` tests that ended before `endedBefore`; answers how many tests. */
  async pruneEvents(endedBefore: Date, limit: number): Promise<number> {
    const { read, tables } = this.#database
    const { connectionTests: tests, connectionTestEvents: events } = tables
    const found = await read
      .selectDistinct({ workspaceId: events.workspaceId, testId: events.testId })
      .from(events)
      .innerJoin(tests, and(eq(tests.workspaceId, events.workspaceId), eq(tests.id, events.testId)))
      .where(and(lt(events.createdAt, endedBefore), lt(tests.finishedAt, endedBefore)))
      .limit(limit)
    if (found.length === 0) return 0
    const ofFound = found.map(test => and(eq(events.workspaceId, test.workspaceId), eq(events.testId, test.testId)))
    await this.#database.write(tx => tx.delete(events).where(or(...ofFound)))
    return found.length
  }

  /** Removes up to `limit` tests of drafts that ended before `endedBefore`; answers how many. */
  async pruneDrafts(endedBefore: Date, limit: number): Promise<number> {
    const tests = this.#tests
    const found = await this.#database.read
      .select({ workspaceId: tests.workspaceId, id: tests.id })
      .from(tests)
      .where(and(isNotNull(tests.finishedAt), lt(tests.finishedAt, endedBefore), isNull(tests.connectorId)))
      .limit(limit)
    if (found.length === 0) return 0
    // Asked again, because a connector may have taken a test on in the meantime.
    const stillDraft = isNull(tests.connectorId)
    await this.#database.write(tx => tx.delete(tests).where(and(stillDraft, or(...found.map(test => this.#is(test))))))
    return found.length
  }

  get #tests() {
    return this.#database.tables.connectionTests
  }

  #is({ workspaceId, id }: TestAddress): SQL | undefined {
    return and(eq(this.#tests.workspaceId, workspaceId), eq(this.#tests.id, id))
  }

  #isRunBy(owner: string): SQL | undefined {
    return and(eq(this.#tests.status, 'RUNNING'), eq(this.#tests.leaseOwner, owner))
  }

  #isAbandoned(abandoned: Abandoned): SQL | undefined {
    const tests = this.#tests
    const isOver =
      'leaseOverAt' in abandoned
        ? lt(tests.leaseUntil, abandoned.leaseOverAt)
        : ne(tests.leaseOwner, abandoned.notOwner)
    return and(eq(tests.status, 'RUNNING'), isOver)
  }

  /** An update locks the row on both databases, so what it answers stays true until the transaction ends. */
  async #claim(
    tx: Writer,
    address: TestAddress,
    owner: string,
    condition: SQL | undefined,
  ): Promise<ConnectionTestRow | null> {
    const [row] = await tx
      .update(this.#tests)
      .set({ leaseOwner: owner })
      .where(and(this.#is(address), condition))
      .returning()
    return row ?? null
  }

  async #insertEvents(tx: Writer, { workspaceId, id }: TestAddress, events: readonly TestEvent[]): Promise<void> {
    await tx.insert(this.#database.tables.connectionTestEvents).values(
      events.map(event => ({
        workspaceId,
        testId: id,
        sequence: event.sequence,
        event,
        createdAt: new Date(event.at),
      })),
    )
  }
}

/** By the clock; or, where this is the only process on the database, whatever another owner had. */
export type Abandoned = { readonly leaseOverAt: Date } | { readonly notOwner: string }

function stateOf(snapshot: TestSnapshot) {
  return {
    status: snapshot.status,
    // Plain data: an interface only lacks the index signature.
    snapshot: snapshot as unknown as JsonObject,
    finishedAt: snapshot.finishedAt === null ? null : new Date(snapshot.finishedAt),
  }
}
