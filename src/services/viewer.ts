import { WorkspaceScope } from '../db/workspace-scope.ts'

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
  'tokens:manage',
  'audit:read',
  'workspace:admin',
] as const
export type Scope = (typeof scopes)[number]

/** Answers of what these open show what those do: who may change a connector gets to see it. */
const implied: Readonly<Partial<Record<Scope, readonly Scope[]>>> = {
  'connectors:write': ['connectors:read'],
  'connectors:test': ['connectors:read'],
  'connectors:delete': ['connectors:read'],
  'datasets:write': ['datasets:read'],
  'datasets:query': ['datasets:read'],
  'datasets:delete': ['datasets:read'],
  'workspace:admin': ['tokens:manage'],
}

/** What a viewer has who was given these: with the scopes that they imply. */
export function grantedScopes(given: Iterable<Scope>): ReadonlySet<Scope> {
  return new Set([...given].flatMap(scope => [scope, ...(implied[scope] ?? [])]))
}

/** How a viewer was recognised: not at all, by a JSON Web Token of an identity provider, or by an API token. */
export type ViewerKind = 'LOCAL' | 'USER' | 'API_TOKEN'

/** Who makes a request, and in which workspace. The workspace is never taken from a request's arguments. */
export interface Viewer {
  /** `local`, `user:<subject>` or `token:<id>`; stays the same for the same person or token. */
  readonly id: string
  readonly kind: ViewerKind
  readonly displayName: string
  readonly workspace: WorkspaceScope
  readonly scopes: ReadonlySet<Scope>
  /** When what it was recognised by runs out; null for never. */
  readonly expiresAt: Date | null
  /** The request that it makes, for the audit log; null where there is none. */
  readonly request: ViewerRequest | null
}

export interface ViewerRequest {
  /** Also in masked errors and in the log. */
  readonly id: string
  /** Network address of the client, as the server sees it. */
  readonly address: string | null
}

/** The one viewer of `AUTH=none`: whoever can reach the server may do everything in the one workspace. */
export const soleViewer: Viewer = {
  id: 'local',
  kind: 'LOCAL',
  displayName: 'Local user',
  workspace: WorkspaceScope.of('default'),
  scopes: new Set(scopes),
  expiresAt: null,
  request: null,
}
