import type { Viewer } from './services/viewer.ts'

/** Names a viewer among those of all workspaces. A length in front, because both parts may hold anything. */
export const viewerKey = ({ id, workspace }: Viewer): string => `${workspace.id.length}:${workspace.id}${id}`
