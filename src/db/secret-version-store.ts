import { and, eq, lte, notExists, or, type SQL, sql } from 'drizzle-orm'
import type { Database, Writer } from './database.ts'
import type { ConnectorRow, SecretVersionRow } from './rows.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

/** Names one secret version. */
export interface SecretVersionAddress {
  readonly workspace: WorkspaceScope
  readonly id: string
}

export type NewSecretVersion = Omit<SecretVersionRow, 'workspaceId'>

type State = SecretVersionRow['state']

/** How long versions stay in a store's quarantine before they may be forgotten. */
export interface Quarantine {
  readonly store: SecretVersionRow['store']
  readonly fencedBefore: Date
}

export type SecretVersionStore = ReturnType<typeof createSecretVersionStore>

/** Intent rows of the secret protocol, and which of them a connector points at. */
export function createSecretVersionStore({ read, tables: { secretVersions, connectors } }: Database) {
  const is = ({ workspace, id }: SecretVersionAddress) =>
    and(eq(secretVersions.workspaceId, workspace.id), eq(secretVersions.id, id))
  const isConnector = (workspace: WorkspaceScope, id: string) =>
    and(eq(connectors.workspaceId, workspace.id), eq(connectors.id, id))
  const isIn = (state: State, since: Date) => and(eq(secretVersions.state, state), lte(secretVersions.stateAt, since))

  /** In no order, so that those that cannot be removed keep no others from their turn. */
  const some = (wanted: SQL | undefined, limit: number) =>
    read.select().from(secretVersions).where(wanted).orderBy(sql`random()`).limit(limit)

  return {
    async find(address: SecretVersionAddress): Promise<SecretVersionRow | null> {
      const [row] = await read.select().from(secretVersions).where(is(address))
      return row ?? null
    },

    async insert(tx: Writer, workspace: WorkspaceScope, version: NewSecretVersion): Promise<void> {
      await tx
        .insert(secretVersions)
        .values({ ...version, workspaceId: workspace.id })
        .returning({ id: secretVersions.id })
    },

    /** From one state to the next; answers the row as it is then, null when it was not in that state. */
    async advance(
      tx: Writer,
      address: SecretVersionAddress,
      [from, to]: readonly [from: State, to: State],
      stateAt: Date,
    ): Promise<SecretVersionRow | null> {
      const [row] = await tx
        .update(secretVersions)
        .set({ state: to, stateAt })
        .where(and(is(address), eq(secretVersions.state, from)))
        .returning()
      return row ?? null
    },

    /** Whether there was such a version in that state. */
    async remove(tx: Writer, address: SecretVersionAddress, state: State): Promise<boolean> {
      const removed = await tx
        .delete(secretVersions)
        .where(and(is(address), eq(secretVersions.state, state)))
        .returning({ id: secretVersions.id })
      return removed.length > 0
    },

    /** The version that the connector points at, provided that it is ACTIVE. */
    async activeOfConnector(workspace: WorkspaceScope, connectorId: string): Promise<SecretVersionRow | null> {
      const [found] = await read
        .select({ version: secretVersions })
        .from(connectors)
        .innerJoin(
          secretVersions,
          and(
            eq(secretVersions.workspaceId, connectors.workspaceId),
            eq(secretVersions.id, connectors.secretVersionId),
          ),
        )
        .where(and(isConnector(workspace, connectorId), eq(secretVersions.state, 'ACTIVE')))
      return found?.version ?? null
    },

    async pointerOfConnector(
      workspace: WorkspaceScope,
      connectorId: string,
    ): Promise<Pick<ConnectorRow, 'version' | 'secretVersionId'> | null> {
      const [row] = await read
        .select({ version: connectors.version, secretVersionId: connectors.secretVersionId })
        .from(connectors)
        .where(isConnector(workspace, connectorId))
      return row ?? null
    },

    /** Points the connector at another version and changes nothing else. False when it did not point at `from`. */
    async repointConnector(
      tx: Writer,
      workspace: WorkspaceScope,
      connectorId: string,
      { from, to }: { readonly from: string; readonly to: string },
    ): Promise<boolean> {
      const pointed = await tx
        .update(connectors)
        .set({ secretVersionId: to })
        .where(and(isConnector(workspace, connectorId), eq(connectors.secretVersionId, from)))
        .returning({ id: connectors.id })
      return pointed.length > 0
    },

    /** Whether any connector of any workspace has its secrets in the store. */
    async isAnyActiveIn(store: SecretVersionRow['store']): Promise<boolean> {
      const rows = await read
        .select({ id: secretVersions.id })
        .from(secretVersions)
        .where(and(eq(secretVersions.state, 'ACTIVE'), eq(secretVersions.store, store)))
        .limit(1)
      return rows.length > 0
    },

    /** Makes what nobody will use any more REAPING, in every workspace: never what a connector points at. */
    async claimExpired(
      tx: Writer,
      { pendingSince, retiredSince }: { readonly pendingSince: Date; readonly retiredSince: Date },
      stateAt: Date,
    ): Promise<void> {
      const user = tx
        .select({ one: sql`1` })
        .from(connectors)
        .where(
          and(
            eq(connectors.workspaceId, secretVersions.workspaceId),
            eq(connectors.secretVersionId, secretVersions.id),
          ),
        )
      await tx
        .update(secretVersions)
        .set({ state: 'REAPING', stateAt })
        .where(and(or(isIn('PENDING', pendingSince), isIn('RETIRED', retiredSince)), notExists(user)))
        .returning({ id: secretVersions.id })
    },

    /** Up to `limit` of those that have been claimed, in every workspace. */
    someReaping(limit: number): Promise<readonly SecretVersionRow[]> {
      return some(eq(secretVersions.state, 'REAPING'), limit)
    },

    /** Up to `limit` of those whose quarantine is over, in every workspace. */
    async someFenced(quarantines: readonly Quarantine[], limit: number): Promise<readonly SecretVersionRow[]> {
      if (quarantines.length === 0) return []
      const isOver = ({ store, fencedBefore }: Quarantine) =>
        and(eq(secretVersions.store, store), isIn('FENCED', fencedBefore))
      return some(or(...quarantines.map(isOver)), limit)
    },
  }
}
