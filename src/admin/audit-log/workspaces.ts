import type { AuditStore } from '../../db/audit-store.ts'
import { isWorkspaceId, WorkspaceScope } from '../../db/workspace-scope.ts'
import { UsageError } from '../command.ts'

/** The workspaces that have an audit log. Rows under an id that no workspace can have are nobody's, and told of. */
export async function* auditedWorkspaces(
  store: AuditStore,
  onForeign: (id: string) => void,
): AsyncGenerator<WorkspaceScope> {
  for (let id = await store.workspaceAfter(''); id !== null; id = await store.workspaceAfter(id)) {
    if (isWorkspaceId(id)) yield WorkspaceScope.of(id)
    else onForeign(id)
  }
}

/** Throws `UsageError` for what is no id of a workspace. */
export function workspaceNamed(id: string): WorkspaceScope {
  if (!isWorkspaceId(id)) throw new UsageError(`"${id}" is not the id of a workspace.`)
  return WorkspaceScope.of(id)
}
