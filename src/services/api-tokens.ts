import type { ApiTokenStatus } from '../db/api-token-store.ts'
import type { Page } from '../db/keyset.ts'
import type { ApiTokenRow } from '../db/rows.ts'
import type { Role } from './roles.ts'
import type { Scope, Viewer } from './viewer.ts'

/** One of the two. */
export type ApiTokenRights =
  | { readonly scopes: readonly Scope[]; readonly role?: never }
  | { readonly role: Role; readonly scopes?: never }

export interface CreateApiTokenInput {
  readonly name: string
  readonly rights: ApiTokenRights
  /** 1 to 365; 90 unless given. */
  readonly expiresInDays?: number | null
}

/** The only time that the token itself is seen. */
export interface CreatedApiToken {
  readonly token: ApiTokenRow
  readonly secret: string
}

export interface ApiTokenFilter {
  readonly status?: ApiTokenStatus | null
  readonly createdByViewer?: boolean | null
}

export interface ApiTokenPageRequest {
  /** 1 to 100. */
  readonly first: number
  readonly after: string | null
}

/**
 * Rules about API tokens. Refusals are thrown as `ServiceError`s. A viewer sees and revokes the tokens that it has made,
 * and with `workspace:admin` those of everybody in its workspace; to others they do not exist.
 */
export interface ApiTokenService {
  create(viewer: Viewer, input: CreateApiTokenInput): Promise<CreatedApiToken>
  /** One that has been revoked before stays as it is. */
  revoke(viewer: Viewer, id: string): Promise<ApiTokenRow>
  /** In the order of `ids`. */
  findMany(viewer: Viewer, ids: readonly string[]): Promise<readonly (ApiTokenRow | null)[]>
  /** The newest first. */
  page(viewer: Viewer, request: ApiTokenPageRequest, filter: ApiTokenFilter): Promise<Page<ApiTokenRow>>
  count(viewer: Viewer, filter: ApiTokenFilter): Promise<number>
  status(token: ApiTokenRow): ApiTokenStatus
  mayRevoke(viewer: Viewer, token: ApiTokenRow): boolean
}
