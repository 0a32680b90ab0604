import { and, count, eq, gt, isNotNull, isNull, lte, or, type SQL, sql } from 'drizzle-orm'
import type { Database, Writer } from './database.ts'
import { keyset, type Page, type PageRequest } from './keyset.ts'
import { isInTextList, textListValue } from './list-parameters.ts'
import type { ApiTokenRow } from './rows.ts'
import { isStorableText } from './storable-text.ts'
import type { WorkspaceScope } from './workspace-scope.ts'

/** Of these three every token has one, in this order of precedence. */
export type ApiTokenStatus = 'REVOKED' | 'EXPIRED' | 'ACTIVE'

export interface ApiTokenListFilter {
  readonly status: ApiTokenStatus | null
  /** Id of the viewer who made it; null for everybody's. */
  readonly createdById: string | null
}

/** The status of a token at an instant, as `ofStatus` finds it. */
export function apiTokenStatus(
  { revokedAt, expiresAt }: Pick<ApiTokenRow, 'revokedAt' | 'expiresAt'>,
  now: Date,
): ApiTokenStatus {
  if (revokedAt !== null) return 'REVOKED'
  return expiresAt.getTime() <= now.getTime() ? 'EXPIRED' : 'ACTIVE'
}

export type ApiTokenStore = ReturnType<typeof createApiTokenStore>

/** Rows of API tokens. Every function but `findToSignIn` sees and changes only the workspace that it is given. */
export function createApiTokenStore({ dialect, read, write, tables: { apiTokens } }: Database) {
  const byId = read
    .select()
    .from(apiTokens)
    .where(eq(apiTokens.id, sql.placeholder('id')))
    .prepare()
  const byIds = read
    .select()
    .from(apiTokens)
    .where(
      and(
        eq(apiTokens.workspaceId, sql.placeholder('workspaceId')),
        isInTextList(dialect, apiTokens.id, sql.placeholder('ids')),
      ),
    )
    .prepare()
  const inWorkspace = (workspace: WorkspaceScope) => eq(apiTokens.workspaceId, workspace.id)
  const isToken = (workspace: WorkspaceScope, id: string) => and(inWorkspace(workspace), eq(apiTokens.id, id))

  const ofStatus = (status: ApiTokenStatus | null, now: Date): SQL | undefined => {
    if (status === null) return undefined
    if (status === 'REVOKED') return isNotNull(apiTokens.revokedAt)
    return and(
      isNull(apiTokens.revokedAt),
      status === 'EXPIRED' ? lte(apiTokens.expiresAt, now) : gt(apiTokens.expiresAt, now),
    )
  }
  const matching = (workspace: WorkspaceScope, { status, createdById }: ApiTokenListFilter, now: Date) =>
    and(
      inWorkspace(workspace),
      createdById === null ? undefined : eq(apiTokens.createdById, createdById),
      ofStatus(status, now),
    )
  const listOf = ({ status, createdById }: ApiTokenListFilter) =>
    keyset<ApiTokenRow>({
      list: 'apiTokens',
      orderBy: newestFirst,
      filter: [status, createdById],
      column: apiTokens.createdAt,
      idColumn: apiTokens.id,
      keyOf: row => row.createdAt,
    })

  return {
    /** The token of any workspace: only for who does not yet know whose it is, and has still to check its secret. */
    async findToSignIn(id: string): Promise<ApiTokenRow | null> {
      const [row] = await byId.execute({ id })
      return row ?? null
    },

    /** In the order of `ids`. */
    async findMany(workspace: WorkspaceScope, ids: readonly string[]): Promise<readonly (ApiTokenRow | null)[]> {
      const rows = await byIds.execute({ workspaceId: workspace.id, ids: textListValue(ids) })
      const found = new Map(rows.map(row => [row.id, row]))
      return ids.map(id => found.get(id) ?? null)
    },

    /** The newest first. */
    async page(
      workspace: WorkspaceScope,
      { first, after }: Omit<PageRequest<never>, 'orderBy'>,
      filter: ApiTokenListFilter,
      now: Date,
    ): Promise<Page<ApiTokenRow>> {
      const list = listOf(filter)
      const rows = await read
        .select()
        .from(apiTokens)
        .where(and(matching(workspace, filter, now), after === null ? undefined : list.after(after)))
        .orderBy(...list.orderBy)
        .limit(first + 1)
      return list.page(rows, first)
    },

    async count(workspace: WorkspaceScope, filter: ApiTokenListFilter, now: Date): Promise<number> {
      return read.$count(apiTokens, matching(workspace, filter, now))
    },

    /** How many can be used, as the transaction sees it. */
    async countActive(tx: Writer, workspace: WorkspaceScope, now: Date): Promise<number> {
      const [row] = await tx
        .select({ count: count() })
        .from(apiTokens)
        .where(matching(workspace, { status: 'ACTIVE', createdById: null }, now))
      return row?.count ?? 0
    },

    async insert(tx: Writer, workspace: WorkspaceScope, row: Omit<ApiTokenRow, 'workspaceId'>): Promise<ApiTokenRow> {
      const values = { ...row, workspaceId: workspace.id }
      await tx.insert(apiTokens).values(values).returning({ id: apiTokens.id })
      return values
    },

    /** The token as the transaction sees it. */
    async findInTransaction(tx: Writer, workspace: WorkspaceScope, id: string): Promise<ApiTokenRow | null> {
      if (!isStorableText(id)) return null
      const [row] = await tx.select().from(apiTokens).where(isToken(workspace, id))
      return row ?? null
    },

    async revoke(
      tx: Writer,
      workspace: WorkspaceScope,
      id: string,
      revoked: { readonly revokedAt: Date; readonly revokedBy: string },
    ): Promise<void> {
      await tx
        .update(apiTokens)
        .set(revoked)
        .where(and(isToken(workspace, id), isNull(apiTokens.revokedAt)))
        .returning({ id: apiTokens.id })
    },

    /** Nothing is written when it is already known to have been used after `unlessSince`. */
    async markUsed(workspace: WorkspaceScope, id: string, usedAt: Date, unlessSince: Date): Promise<void> {
      const isStale = or(isNull(apiTokens.lastUsedAt), lte(apiTokens.lastUsedAt, unlessSince))
      await write(tx =>
        tx
          .update(apiTokens)
          .set({ lastUsedAt: usedAt })
          .where(and(isToken(workspace, id), isStale))
          .returning({ id: apiTokens.id }),
      )
    },
  }
}

const newestFirst = { field: 'CREATED_AT', direction: 'DESC' } as const
