import { and, count, eq, getTableColumns, ne, or, type SQL, sql } from 'drizzle-orm'
import type { Database, Writer } from './database.ts'
import { type Keyset, keyset, type Page, type PageRequest } from './keyset.ts'
import { containsPattern, isInTextList, textListValue } from './list-parameters.ts'
import { type NounOrderField, nounOrders } from './noun-orders.ts'
import type { ConnectorRow, SecretVersionRow, StoredConnector } from './rows.ts'
import { isStorableText } from './storable-text.ts'
import { wholeRows } from './whole-rows.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

/** By the normalised name where a name is meant. */
export type ConnectorKey = { readonly id: string } | { readonly nameKey: string } | { readonly externalKey: string }

export interface ConnectorListFilter {
  /** Part of the normalised name; null for every name. */
  readonly searchKey: string | null
  readonly typeNames: readonly string[] | null
}

export type NewConnector = Omit<ConnectorRow, 'workspaceId'>

/** What an update may change; `undefined` never occurs. */
export type ConnectorChanges = Partial<
  Omit<ConnectorRow, 'workspaceId' | 'id' | 'version' | 'createdAt' | 'createdBy' | 'typeName'>
> & { readonly workspaceId?: never }

export type ConnectorStore = ReturnType<typeof createConnectorStore>

/** Rows of connectors. Every function sees and changes only the workspace that it is given. */
export function createConnectorStore({ dialect, tables, read }: Database) {
  const { connectors, secretVersions } = tables
  const columns = getTableColumns(connectors)
  const inWorkspace = eq(connectors.workspaceId, sql.placeholder('workspaceId'))

  const byId = read
    .select()
    .from(connectors)
    .where(and(inWorkspace, eq(connectors.id, sql.placeholder('id'))))
    .prepare()
  const byIds = read
    .select()
    .from(connectors)
    .where(and(inWorkspace, isInTextList(dialect, connectors.id, sql.placeholder('ids'))))
    .prepare()
  const secretVersionsByIds = read
    .select()
    .from(secretVersions)
    .where(
      and(
        eq(secretVersions.workspaceId, sql.placeholder('workspaceId')),
        isInTextList(dialect, secretVersions.id, sql.placeholder('ids')),
      ),
    )
    .prepare()

  const matching = (filter: ConnectorListFilter): SQL | undefined =>
    and(
      inWorkspace,
      filter.searchKey === null ? undefined : sql`${connectors.nameKey} like ${sql.placeholder('pattern')} escape '!'`,
      filter.typeNames === null
        ? undefined
        : filter.typeNames.length === 1
          ? eq(connectors.typeName, sql.placeholder('typeNames'))
          : isInTextList(dialect, connectors.typeName, sql.placeholder('typeNames')),
    )
  const filterValues = (workspace: WorkspaceScope, { searchKey, typeNames }: ConnectorListFilter) => ({
    workspaceId: workspace.id,
    pattern: containsPattern(searchKey ?? ''),
    typeNames: typeNames?.length === 1 ? typeNames[0] : textListValue(typeNames ?? []),
  })
  const shapeOf = ({ searchKey, typeNames }: ConnectorListFilter) =>
    `${searchKey !== null} ${typeNames === null ? '' : typeNames.length === 1 ? 'one' : 'many'}`

  const preparePage = (list: Keyset<ConnectorRow>, filter: ConnectorListFilter, afterCursor: boolean) =>
    wholeRows(
      dialect,
      connectors,
      read
        .select()
        .from(connectors)
        .where(and(matching(filter), afterCursor ? list.afterPlaceholders : undefined))
        .orderBy(...list.orderBy)
        .limit(sql.placeholder('limit'))
        .prepare(),
    )
  // One prepared statement for each shape of list: fewer than 50.
  const pages = new Map<string, ReturnType<typeof preparePage>>()

  const isConnector = (key: ConnectorKey) =>
    'id' in key
      ? eq(connectors.id, key.id)
      : 'nameKey' in key
        ? eq(connectors.nameKey, key.nameKey)
        : eq(connectors.externalKey, key.externalKey)

  return {
    async find(workspace: WorkspaceScope, key: ConnectorKey): Promise<ConnectorRow | null> {
      if (!Object.values(key).every(isStorableText)) return null
      const rows =
        'id' in key
          ? await byId.execute({ workspaceId: workspace.id, id: key.id })
          : await read
              .select()
              .from(connectors)
              .where(and(eq(connectors.workspaceId, workspace.id), isConnector(key)))
      return rows[0] ?? null
    },

    async findStored(workspace: WorkspaceScope, key: ConnectorKey): Promise<StoredConnector | null> {
      if (!Object.values(key).every(isStorableText)) return null
      const [found] = await read
        .select({ row: columns, secretVersion: getTableColumns(secretVersions) })
        .from(connectors)
        .leftJoin(
          secretVersions,
          and(
            eq(secretVersions.workspaceId, connectors.workspaceId),
            eq(secretVersions.id, connectors.secretVersionId),
          ),
        )
        .where(and(eq(connectors.workspaceId, workspace.id), isConnector(key)))
      return found ?? null
    },

    /** In the order of `ids`. */
    async findMany(workspace: WorkspaceScope, ids: readonly string[]): Promise<readonly (ConnectorRow | null)[]> {
      const rows = await byIds.execute({ workspaceId: workspace.id, ids: textListValue(ids) })
      const found = new Map(rows.map(row => [row.id, row]))
      return ids.map(id => found.get(id) ?? null)
    },

    async page(
      workspace: WorkspaceScope,
      { first, after, orderBy }: PageRequest<NounOrderField>,
      filter: ConnectorListFilter,
    ): Promise<Page<ConnectorRow>> {
      const list = keyset<ConnectorRow>({
        list: 'connectors',
        orderBy,
        filter: [filter.searchKey, filter.typeNames && [...filter.typeNames].sort()],
        idColumn: connectors.id,
        ...nounOrders(connectors)[orderBy.field],
      })
      const position = after === null ? null : list.position(after)
      const shape = `${orderBy.field} ${orderBy.direction} ${position !== null} ${shapeOf(filter)}`
      const query = pages.get(shape) ?? preparePage(list, filter, position !== null)
      pages.set(shape, query)
      const rows = await query({ ...filterValues(workspace, filter), ...position, limit: first + 1 })
      return list.page(rows, first)
    },

    async count(workspace: WorkspaceScope, filter: ConnectorListFilter): Promise<number> {
      const query = read.select({ count: count() }).from(connectors).where(matching(filter)).prepare()
      const [row] = await query.execute(filterValues(workspace, filter))
      return row?.count ?? 0
    },

    /** By id. */
    async secretVersions(
      workspace: WorkspaceScope,
      ids: readonly string[],
    ): Promise<ReadonlyMap<string, SecretVersionRow>> {
      if (ids.length === 0) return new Map()
      const rows = await secretVersionsByIds.execute({ workspaceId: workspace.id, ids: textListValue(ids) })
      return new Map(rows.map(row => [row.id, row]))
    },

    /** Connectors other than `exceptId` that have the name or the external key. */
    async withNameOrKey(
      workspace: WorkspaceScope,
      { nameKey, externalKey, exceptId }: { nameKey: string; externalKey: string | null; exceptId: string | null },
    ): Promise<readonly Pick<ConnectorRow, 'nameKey' | 'externalKey'>[]> {
      return read
        .select({ nameKey: connectors.nameKey, externalKey: connectors.externalKey })
        .from(connectors)
        .where(
          and(
            eq(connectors.workspaceId, workspace.id),
            exceptId === null ? undefined : ne(connectors.id, exceptId),
            or(
              eq(connectors.nameKey, nameKey),
              externalKey === null ? undefined : eq(connectors.externalKey, externalKey),
            ),
          ),
        )
    },

    /** Answers the row as it is stored. */
    async insert(tx: Writer, workspace: WorkspaceScope, values: NewConnector): Promise<ConnectorRow> {
      const row = { ...values, workspaceId: workspace.id }
      await tx.insert(connectors).values(row)
      return row
    },

    /** The connector as the transaction sees it. */
    async findInTransaction(tx: Writer, workspace: WorkspaceScope, id: string): Promise<ConnectorRow | null> {
      const [row] = await tx
        .select()
        .from(connectors)
        .where(and(eq(connectors.workspaceId, workspace.id), eq(connectors.id, id)))
      return row ?? null
    },

    /** Null when the connector is gone or no longer at `expectedVersion`. */
    async update(
      tx: Writer,
      workspace: WorkspaceScope,
      id: string,
      expectedVersion: number,
      changes: ConnectorChanges,
    ): Promise<ConnectorRow | null> {
      const [row] = await tx
        .update(connectors)
        .set({ ...changes, version: expectedVersion + 1 })
        .where(
          and(eq(connectors.workspaceId, workspace.id), eq(connectors.id, id), eq(connectors.version, expectedVersion)),
        )
        .returning()
      return row ?? null
    },

    async remove(tx: Writer, workspace: WorkspaceScope, id: string): Promise<void> {
      await tx
        .delete(connectors)
        .where(and(eq(connectors.workspaceId, workspace.id), eq(connectors.id, id)))
        .returning({ id: connectors.id })
    },
  }
}
