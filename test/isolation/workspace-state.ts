import { createHash } from 'node:crypto'
import { eq, getTableColumns, getTableName, isTable } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Database } from '../../src/db/database.ts'

/** Every row of one workspace in every table: the table's name and the row as JSON. */
export type WorkspaceState = ReadonlySet<string>

/** What the program changes by itself, however quiet the workspace is: the lease of a running test is renewed. */
const volatile: Readonly<Record<string, readonly string[]>> = { connection_tests: ['leaseUntil'] }

/** Rows that it adds by itself, soon after others: seals of entries, and how often something was repeated within a minute. */
const isAddedByItself = (table: string, row: Record<string, unknown>): boolean =>
  table === 'audit_seals' || (table === 'audit_log' && 'times' in (row['details'] as object))

/** The tables whose rows belong to no workspace, and why. A new table without a workspace has to be named here. */
const withoutWorkspace: Readonly<Record<string, string>> = {
  master_keys: 'Check values of the keys of the whole installation.',
}

interface WorkspaceTable {
  readonly name: string
  readonly table: SQLiteTable
  readonly workspaceId: SQLiteColumn
}

/** Throws for a table that neither belongs to workspaces nor is known not to. */
export function workspaceTables({ tables }: Pick<Database, 'tables'>): readonly WorkspaceTable[] {
  return Object.values(tables)
    .filter(table => isTable(table))
    .flatMap(table => {
      const name = getTableName(table)
      const workspaceId = (getTableColumns(table) as Record<string, SQLiteColumn>)['workspaceId']
      if (workspaceId) return [{ name, table, workspaceId }]
      if (name in withoutWorkspace) return []
      throw new Error(`The table ${name} has no workspace: say in test/isolation/workspace-state.ts why.`)
    })
}

export async function stateOf(database: Database, workspace: string): Promise<WorkspaceState> {
  const state = new Set<string>()
  for (const { name, table, workspaceId } of workspaceTables(database)) {
    const hidden = volatile[name] ?? []
    const rows: readonly Record<string, unknown>[] = await database.read
      .select()
      .from(table)
      .where(eq(workspaceId, workspace))
    for (const row of rows.filter(each => !isAddedByItself(name, each))) {
      const shown = Object.entries(row).filter(([column]) => !hidden.includes(column))
      state.add(`${name} ${JSON.stringify(Object.fromEntries(shown))}`)
    }
  }
  return state
}

export const hashOf = (state: WorkspaceState): string =>
  createHash('sha256')
    .update([...state].sort().join('\n'))
    .digest('hex')

/** Rows that were added, and rows that are gone; a changed row is both. */
export function changeOf(before: WorkspaceState, after: WorkspaceState): readonly string[] {
  return [
    ...[...before].filter(row => !after.has(row)).map(row => `- ${row}`),
    ...[...after].filter(row => !before.has(row)).map(row => `+ ${row}`),
  ]
}
