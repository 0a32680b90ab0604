import { isWorkspaceId } from '../../db/workspace-scope.ts'
import { workspacePlaceholder } from './settings.ts'

/** Throws `TypeError` for what is no such id. */
export function assertWorkspaceId(id: string): void {
  if (!isWorkspaceId(id)) throw new TypeError('The id of a workspace cannot stand in a path.')
}

/** A name, path or file of the settings with the workspace's id in it. Throws `TypeError` for what is no such id. */
export function inWorkspace(template: string, workspaceId: string): string {
  assertWorkspaceId(workspaceId)
  return template.replaceAll(workspacePlaceholder, workspaceId)
}
