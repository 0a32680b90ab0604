/** What a viewer may do. Every field of the API is opened by one of these. */
export const scopes = [
  'connectors:read',
  'connectors:write',
  'connectors:test',
  'connectors:delete',
  'datasets:read',
  'datasets:write',
  'datasets:query',
  'datasets:delete',
] as const
export type Scope = (typeof scopes)[number]

/** Who makes a request, and in which workspace. The workspace is never taken from a request's arguments. */
export interface Viewer {
  readonly id: string
  readonly displayName: string
  readonly workspaceId: string
  readonly scopes: ReadonlySet<Scope>
}

/** The one viewer of `AUTH=none`: whoever can reach the server may do everything in the one workspace. */
export const soleViewer: Viewer = {
  id: 'local',
  displayName: 'Local user',
  workspaceId: 'default',
  scopes: new Set(scopes),
}
