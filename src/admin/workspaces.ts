import { asc, eq, gt } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { UsageError } from './command.ts'

const pageSize = 500

/** The ids of all workspaces that have connectors, secrets or keys, in the order of the database. */
export async function* workspacesOf({ read, tables }: Database): AsyncGenerator<string> {
  const { connectors, secretVersions, sealedSecrets, workspaceKeys } = tables
  for (let after = ''; ; ) {
    const idsIn = (table: typeof connectors | typeof secretVersions | typeof sealedSecrets | typeof workspaceKeys) =>
      read.selectDistinct({ id: table.workspaceId }).from(table).where(gt(table.workspaceId, after))
    const page = await idsIn(connectors)
      .union(idsIn(secretVersions))
      .union(idsIn(sealedSecrets))
      .union(idsIn(workspaceKeys))
      .orderBy(asc(connectors.workspaceId))
      .limit(pageSize)
    for (const { id } of page) yield id
    const last = page.at(-1)
    if (!last || page.length < pageSize) return
    after = last.id
  }
}

/** So that a mistyped id is not taken for a workspace in which all is well. Throws `UsageError`. */
export async function assertWorkspaceKnown({ read, tables }: Database, workspaceId: string): Promise<void> {
  const { connectors, secretVersions, workspaceKeys } = tables
  for (const table of [connectors, secretVersions, workspaceKeys]) {
    if ((await read.$count(table, eq(table.workspaceId, workspaceId))) > 0) return
  }
  throw new UsageError(`The database knows no workspace ${workspaceId}.`)
}
