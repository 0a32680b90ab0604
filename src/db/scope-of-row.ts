import { WorkspaceScope } from './workspace-scope.ts'

/**
 * The scope of a row that has been read, for work that no viewer asked for: sweeps, and tests that outlive their
 * request. What a viewer asks for is looked up in the viewer's own scope.
 */
export const scopeOfRow = ({ workspaceId }: { readonly workspaceId: string }): WorkspaceScope =>
  WorkspaceScope.of(workspaceId)
