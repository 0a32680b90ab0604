import { WorkspaceScope } from '../src/db/workspace-scope.ts'
import { soleViewer, type Viewer } from '../src/services/viewer.ts'

/** A viewer of a workspace who may do everything there, unless told otherwise. */
export const viewerOf = (workspaceId: string, overrides: Partial<Viewer> = {}): Viewer => ({
  ...soleViewer,
  id: 'ada',
  displayName: 'Ada',
  workspace: WorkspaceScope.of(workspaceId),
  ...overrides,
})
