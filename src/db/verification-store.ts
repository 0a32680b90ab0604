import { and, eq, getTableColumns, inArray, isNull, or, sql } from 'drizzle-orm'
import type { FinalTestStatus } from '../connectors/connection-test.ts'
import type { Database, Writer } from './database.ts'
import { isInTextList, textListValue } from './list-parameters.ts'
import type { ConnectionTestRow } from './rows.ts'
import { isStorableText } from './storable-text.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

/** Statuses that say something about the connector. A cancelled or interrupted test does not. */
const conclusiveStatuses = ['PASSED', 'PASSED_WITH_WARNINGS', 'FAILED'] as const satisfies readonly FinalTestStatus[]

export const isConclusive = (status: ConnectionTestRow['status']): boolean =>
  conclusiveStatuses.some(conclusive => conclusive === status)

export type VerificationStore = ReturnType<typeof createVerificationStore>

/** What connection tests tell of connectors. Every function sees and changes only the workspace that it is given. */
export function createVerificationStore({ dialect, tables, read }: Database) {
  const { connectionTests: tests } = tables
  const isTest = (workspace: WorkspaceScope, id: string) => and(eq(tests.workspaceId, workspace.id), eq(tests.id, id))

  const tested = sql`(${tests.connectorId} || ' ' || ${tests.fingerprint})`
  const isCurrent = isInTextList(dialect, tested, sql.placeholder('current'))
  const ranked = read
    .select({
      id: tests.id,
      position: sql<number>`row_number() over (
        partition by ${tests.connectorId}
        order by ${isCurrent} desc,
          ${tests.startedAt} desc, ${tests.id} desc
      )`.as('position'),
    })
    .from(tests)
    .where(
      and(
        eq(tests.workspaceId, sql.placeholder('workspaceId')),
        isInTextList(dialect, tests.connectorId, sql.placeholder('connectorIds')),
        inArray(tests.status, [...conclusiveStatuses]),
      ),
    )
    .as('ranked')
  const latest = read
    .select(getTableColumns(tests))
    .from(tests)
    .innerJoin(ranked, and(eq(ranked.id, tests.id), sql`${ranked.position} = 1`))
    .where(eq(tests.workspaceId, sql.placeholder('workspaceId')))
    .prepare()

  return {
    async find(workspace: WorkspaceScope, testId: string): Promise<ConnectionTestRow | null> {
      if (!isStorableText(testId)) return null
      const [row] = await read.select().from(tests).where(isTest(workspace, testId))
      return row ?? null
    },

    /**
     * For each connector that has one, its latest conclusive test of its current fingerprint, else its latest
     * conclusive test; by connector id. A test of an edit that was not saved hides no result of what is saved.
     */
    async latestOfConnectors(
      workspace: WorkspaceScope,
      current: readonly { readonly connectorId: string; readonly fingerprint: string }[],
    ): Promise<ReadonlyMap<string, ConnectionTestRow>> {
      if (current.length === 0) return new Map()
      const rows = await latest.execute({
        workspaceId: workspace.id,
        connectorIds: textListValue(current.map(({ connectorId }) => connectorId)),
        current: textListValue(current.map(({ connectorId, fingerprint }) => `${connectorId} ${fingerprint}`)),
      })
      return new Map(rows.flatMap(row => (row.connectorId === null ? [] : [[row.connectorId, row] as const])))
    },

    /** Makes a draft's test one of the connector's. False when the test is gone or another connector's. */
    async attach(tx: Writer, workspace: WorkspaceScope, testId: string, connectorId: string): Promise<boolean> {
      const attachable = or(isNull(tests.connectorId), eq(tests.connectorId, connectorId))
      const rows = await tx
        .update(tests)
        .set({ connectorId })
        .where(and(isTest(workspace, testId), attachable))
        .returning({ id: tests.id })
      return rows.length > 0
    },

    /** Leaves the connector's tests, running ones too, without a connector: they end, and are pruned, as drafts' are. */
    async detachFromConnector(tx: Writer, workspace: WorkspaceScope, connectorId: string): Promise<void> {
      const ofConnector = and(eq(tests.workspaceId, workspace.id), eq(tests.connectorId, connectorId))
      await tx.update(tests).set({ connectorId: null }).where(ofConnector).returning({ id: tests.id })
    },
  }
}
