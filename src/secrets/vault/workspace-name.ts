import { workspacePlaceholder } from './settings.ts'

const workspaceIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/** Whether it can stand in a path, the name of a role and the name of a file without meaning anything there. */
export function isWorkspaceId(id: string): boolean {
  return workspaceIdPattern.test(id)
}

/** Throws `TypeError` for what is no such id. */
export function assertWorkspaceId(id: string): void {
  if (!isWorkspaceId(id)) throw new TypeError('The id of a workspace cannot stand in a path.')
}

/** A name, path or file of the settings with the workspace's id in it. Throws `TypeError` for what is no such id. */
export function inWorkspace(template: string, workspaceId: string): string {
  assertWorkspaceId(workspaceId)
  return template.replaceAll(workspacePlaceholder, workspaceId)
}
