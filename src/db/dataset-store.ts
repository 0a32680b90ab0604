import { and, asc, count, eq, getTableColumns, inArray, isNotNull, isNull, type SQL, sql } from 'drizzle-orm'
import type { Database, Writer } from './database.ts'
import { type Keyset, keyset, type Page, type PageRequest } from './keyset.ts'
import { containsPattern, isInTextList, textListValue } from './list-parameters.ts'
import { type NounOrderField, nounOrders } from './noun-orders.ts'
import type { DatasetRow } from './rows.ts'
import { isStorableText } from './storable-text.ts'
import { wholeRows } from './whole-rows.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

export interface DatasetListFilter {
  /** Part of the normalised name; null for every name. */
  readonly searchKey: string | null
  readonly connectorId: string | null
  readonly status: 'CONNECTED' | 'DISCONNECTED' | null
}

export type NewDataset = Omit<DatasetRow, 'workspaceId'>

/** What an update may change. */
export type DatasetChanges = Partial<Omit<DatasetRow, 'workspaceId' | 'id' | 'version' | 'createdAt' | 'createdBy'>> & {
  readonly workspaceId?: never
}

/** What is said of a dataset that is gone or has changed. */
export type NamedDataset = Pick<DatasetRow, 'id' | 'name' | 'version'>

export type DatasetStore = ReturnType<typeof createDatasetStore>

/** The order in which the datasets of one connector are listed. */
const byName = { field: 'NAME', direction: 'ASC' } as const

/** Rows of datasets. Every function sees and changes only the workspace that it is given. */
export function createDatasetStore({ dialect, tables, read }: Database) {
  const { datasets } = tables
  const orders = nounOrders(datasets)
  const inWorkspace = eq(datasets.workspaceId, sql.placeholder('workspaceId'))

  const byId = read
    .select()
    .from(datasets)
    .where(and(inWorkspace, eq(datasets.id, sql.placeholder('id'))))
    .prepare()
  const byIds = read
    .select()
    .from(datasets)
    .where(and(inWorkspace, isInTextList(dialect, datasets.id, sql.placeholder('ids'))))
    .prepare()
  const ofConnectors = wholeRows(dialect, datasets, prepareFirstOfConnectors(dialect, read, datasets))
  const countsOfConnectors = read
    .select({ connectorId: datasets.connectorId, count: count() })
    .from(datasets)
    .where(and(inWorkspace, isInTextList(dialect, datasets.connectorId, sql.placeholder('connectorIds'))))
    .groupBy(datasets.connectorId)
    .prepare()

  const listOf = (orderBy: PageRequest<NounOrderField>['orderBy'], filter: DatasetListFilter): Keyset<DatasetRow> =>
    keyset<DatasetRow>({
      list: 'datasets',
      orderBy,
      filter: [filter.searchKey, filter.connectorId, filter.status],
      idColumn: datasets.id,
      ...orders[orderBy.field],
    })

  const matching = ({ searchKey, connectorId, status }: DatasetListFilter): SQL | undefined =>
    and(
      inWorkspace,
      connectorId === null ? undefined : eq(datasets.connectorId, sql.placeholder('connectorId')),
      searchKey === null ? undefined : sql`${datasets.nameKey} like ${sql.placeholder('pattern')} escape '!'`,
      status === null
        ? undefined
        : status === 'CONNECTED'
          ? isNotNull(datasets.connectorId)
          : isNull(datasets.connectorId),
    )
  const filterValues = (workspace: WorkspaceScope, { searchKey, connectorId }: DatasetListFilter) => ({
    workspaceId: workspace.id,
    connectorId,
    pattern: containsPattern(searchKey ?? ''),
  })

  const preparePage = (list: Keyset<DatasetRow>, filter: DatasetListFilter, afterCursor: boolean) =>
    wholeRows(
      dialect,
      datasets,
      read
        .select()
        .from(datasets)
        .where(and(matching(filter), afterCursor ? list.afterPlaceholders : undefined))
        .orderBy(...list.orderBy)
        .limit(sql.placeholder('limit'))
        .prepare(),
    )
  // One prepared statement for each shape of list: fewer than 150.
  const pages = new Map<string, ReturnType<typeof preparePage>>()

  const named = { id: datasets.id, name: datasets.name, version: datasets.version }
  const isDataset = (workspace: WorkspaceScope, id: string) =>
    and(eq(datasets.workspaceId, workspace.id), eq(datasets.id, id))

  return {
    async find(workspace: WorkspaceScope, id: string): Promise<DatasetRow | null> {
      if (!isStorableText(id)) return null
      const [row] = await byId.execute({ workspaceId: workspace.id, id })
      return row ?? null
    },

    /** In the order of `ids`. */
    async findMany(workspace: WorkspaceScope, ids: readonly string[]): Promise<readonly (DatasetRow | null)[]> {
      const rows = await byIds.execute({ workspaceId: workspace.id, ids: textListValue(ids) })
      const found = new Map(rows.map(row => [row.id, row]))
      return ids.map(id => found.get(id) ?? null)
    },

    async page(
      workspace: WorkspaceScope,
      { first, after, orderBy }: PageRequest<NounOrderField>,
      filter: DatasetListFilter,
    ): Promise<Page<DatasetRow>> {
      const list = listOf(orderBy, filter)
      const position = after === null ? null : list.position(after)
      const shape = [
        orderBy.field,
        orderBy.direction,
        position !== null,
        filter.searchKey !== null,
        filter.connectorId !== null,
        filter.status,
      ].join()
      const query = pages.get(shape) ?? preparePage(list, filter, position !== null)
      pages.set(shape, query)
      const rows = await query({ ...filterValues(workspace, filter), ...position, limit: first + 1 })
      return list.page(rows, first)
    },

    async count(workspace: WorkspaceScope, filter: DatasetListFilter): Promise<number> {
      const query = read.select({ count: count() }).from(datasets).where(matching(filter)).prepare()
      const [row] = await query.execute(filterValues(workspace, filter))
      return row?.count ?? 0
    },

    /** How many datasets each connector has, in the order of `connectorIds`, by one query. */
    async countsOfConnectors(workspace: WorkspaceScope, connectorIds: readonly string[]): Promise<readonly number[]> {
      const rows = await countsOfConnectors.execute({
        workspaceId: workspace.id,
        connectorIds: textListValue(connectorIds),
      })
      const counts = new Map(rows.map(row => [row.connectorId, row.count]))
      return connectorIds.map(id => counts.get(id) ?? 0)
    },

    /** The first datasets by name of each connector, in the order of `connectorIds`, by one query. */
    async firstPagesOfConnectors(
      workspace: WorkspaceScope,
      connectorIds: readonly string[],
      first: number,
    ): Promise<readonly Page<DatasetRow>[]> {
      const rows = await ofConnectors({
        workspaceId: workspace.id,
        connectorIds: textListValue([...new Set(connectorIds)]),
        limit: first + 1,
      })
      const byConnector = Map.groupBy(rows, row => row.connectorId)
      return connectorIds.map(connectorId =>
        listOf(byName, { searchKey: null, connectorId, status: null }).page(byConnector.get(connectorId) ?? [], first),
      )
    },

    /** Every dataset of a connector, read inside or outside a transaction. */
    async idsOfConnector(
      reader: Pick<Database['read'], 'select'>,
      workspace: WorkspaceScope,
      connectorId: string,
    ): Promise<readonly string[]> {
      const rows = await reader
        .select({ id: datasets.id })
        .from(datasets)
        .where(and(eq(datasets.workspaceId, workspace.id), eq(datasets.connectorId, connectorId)))
      return rows.map(row => row.id)
    },

    /** Answers the row as it is stored. */
    async insert(tx: Writer, workspace: WorkspaceScope, values: NewDataset): Promise<DatasetRow> {
      const row = { ...values, workspaceId: workspace.id }
      await tx.insert(datasets).values(row)
      return row
    },

    /** The dataset as the transaction sees it. */
    async findInTransaction(tx: Writer, workspace: WorkspaceScope, id: string): Promise<DatasetRow | null> {
      const [row] = await tx.select().from(datasets).where(isDataset(workspace, id))
      return row ?? null
    },

    /** Null when the dataset is gone or no longer at `expectedVersion`. */
    async update(
      tx: Writer,
      workspace: WorkspaceScope,
      id: string,
      expectedVersion: number,
      changes: DatasetChanges,
    ): Promise<DatasetRow | null> {
      const [row] = await tx
        .update(datasets)
        .set({ ...changes, version: expectedVersion + 1 })
        .where(and(isDataset(workspace, id), eq(datasets.version, expectedVersion)))
        .returning()
      return row ?? null
    },

    /** Answers what it was; null when there was no such dataset. */
    async remove(tx: Writer, workspace: WorkspaceScope, id: string): Promise<DatasetRow | null> {
      if (!isStorableText(id)) return null
      const [removed] = await tx.delete(datasets).where(isDataset(workspace, id)).returning()
      return removed ?? null
    },

    /** Answers what they were. */
    async removeOfConnector(
      tx: Writer,
      workspace: WorkspaceScope,
      connectorId: string,
      ids: readonly string[],
    ): Promise<readonly NamedDataset[]> {
      const removed: NamedDataset[] = []
      const ofConnector = and(eq(datasets.workspaceId, workspace.id), eq(datasets.connectorId, connectorId))
      for (let start = 0; start < ids.length; start += maxBoundIds) {
        const some = ids.slice(start, start + maxBoundIds)
        const gone = await tx
          .delete(datasets)
          .where(and(ofConnector, inArray(datasets.id, some)))
          .returning(named)
        removed.push(...gone)
      }
      return removed
    },

    /** Leaves the connector's datasets without a connector; answers them as they are then. */
    async detachFromConnector(
      tx: Writer,
      workspace: WorkspaceScope,
      connectorId: string,
      change: Pick<DatasetRow, 'updatedAt' | 'updatedBy'>,
    ): Promise<readonly NamedDataset[]> {
      return tx
        .update(datasets)
        .set({ ...change, connectorId: null, version: sql`${datasets.version} + 1` })
        .where(and(eq(datasets.workspaceId, workspace.id), eq(datasets.connectorId, connectorId)))
        .returning(named)
    },
  }
}

type Datasets = Database['tables']['datasets']

/** Below both databases' limits of parameters in one statement. */
const maxBoundIds = 1000

/**
 * The first rows by name of each connector of a list. Both forms read only these rows from the index, however many
 * datasets a connector has; a window function would read them all.
 */
function prepareFirstOfConnectors(dialect: Database['dialect'], read: Database['read'], datasets: Datasets) {
  const workspaceId = sql.placeholder('workspaceId')
  const connectorIds = sql.placeholder('connectorIds')
  const limit = sql.placeholder('limit')
  const rows = read.select(getTableColumns(datasets))
  const joined =
    dialect === 'postgres'
      ? rows
          .from(sql`json_array_elements_text(${connectorIds}::json) as list (connector_id) cross join lateral (
            select d.id from ${datasets} d
            where d.workspace_id = ${workspaceId} and d.connector_id = list.connector_id
            order by d.name_key, d.id limit ${limit}
          ) first`)
          .innerJoin(datasets, sql`${datasets.id} = first.id`)
          .where(eq(datasets.workspaceId, workspaceId))
      : rows
          // In SQLite a cross join is also an order to the planner: the list first.
          .from(sql`json_each(${connectorIds}) as list`)
          .crossJoin(datasets)
          .where(sql`${datasets}.rowid in (
            select d.rowid from ${datasets} d
            where d.workspace_id = ${workspaceId} and d.connector_id = list.value
            order by d.name_key, d.id limit ${limit}
          )`)
  return joined.orderBy(asc(datasets.connectorId), asc(datasets.nameKey), asc(datasets.id)).prepare()
}
