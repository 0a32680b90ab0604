import { and, desc, eq, inArray, isNotNull, isNull, lt, ne, or } from 'drizzle-orm'
import { hasPassed, isTest } from './connection-test-store.ts'
import type { Database, Writer } from './database.ts'
import { scopeOfRow } from './scope-of-row.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

/** Tests kept for one connector, beside the last one that passed: later ones are compared with it. */
export const keptPerConnector = 50

/** Removes what has been kept long enough. Running tests are never removed. */
export class ConnectionTestRetention {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Removes the connector's oldest ended tests so that a new one fits in; never the last one that passed. */
  async makeRoom(tx: Writer, workspace: WorkspaceScope, connectorId: string): Promise<void> {
    const tests = this.#tests
    const ofConnector = and(eq(tests.workspaceId, workspace.id), eq(tests.connectorId, connectorId))
    const surplus = await tx
      .select({ id: tests.id })
      .from(tests)
      .where(ofConnector)
      .orderBy(desc(tests.startedAt), desc(tests.id))
      .limit(keptPerConnector)
      .offset(keptPerConnector - 1)
    if (surplus.length === 0) return
    const [lastPassed] = await tx
      .select({ id: tests.id })
      .from(tests)
      .where(hasPassed(tests, workspace, connectorId))
      .orderBy(desc(tests.startedAt), desc(tests.id))
      .limit(1)
    const ids = surplus.map(row => row.id).filter(id => id !== lastPassed?.id)
    if (ids.length === 0) return
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
    await this.#database.write(tx =>
      tx
        .delete(tests)
        .where(and(stillDraft, or(...found.map(row => isTest(tests, { workspace: scopeOfRow(row), id: row.id }))))),
    )
    return found.length
  }

  get #tests() {
    return this.#database.tables.connectionTests
  }
}
