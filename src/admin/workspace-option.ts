import { isWorkspaceId, WorkspaceScope } from '../db/workspace-scope.ts'
import { type CommandOptions, optionText, UsageError } from './command.ts'

export const workspaceMissing = '--workspace ID is needed. The one workspace of AUTH=none is "default".'

/** The one workspace of a command that needs one. Throws `UsageError`. */
export function workspaceOption(options: CommandOptions): WorkspaceScope {
  const id = optionText(options, 'workspace')
  if (id === null) throw new UsageError(workspaceMissing)
  return workspaceNamed(id)
}

/** Throws `UsageError` for what is no id of a workspace. */
export function workspaceNamed(id: string): WorkspaceScope {
  if (!isWorkspaceId(id)) throw new UsageError(`${JSON.stringify(id)} is no id of a workspace.`)
  return WorkspaceScope.of(id)
}
