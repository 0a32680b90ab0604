import { isWorkspaceId } from '../db/workspace-scope.ts'
import { type CommandOptions, optionText, UsageError } from './command.ts'

/** The one workspace of a command that needs one. Throws `UsageError`. */
export function workspaceOption(options: CommandOptions): string {
  const id = optionText(options, 'workspace')
  if (id === null) throw new UsageError('--workspace ID is needed. The one workspace of AUTH=none is "default".')
  if (!isWorkspaceId(id)) throw new UsageError(`${JSON.stringify(id)} is no id of a workspace.`)
  return id
}
