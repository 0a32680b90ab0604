import { type ApiTokenStore, apiTokenStatus } from '../db/api-token-store.ts'
import type { Database } from '../db/database.ts'
import type { ApiTokenRow } from '../db/rows.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import { apiTokenHash } from './api-token-hash.ts'
import { apiTokenText, newApiTokenParts } from './api-token-text.ts'
import type { ApiTokenRights, CreateApiTokenInput, CreatedApiToken } from './api-tokens.ts'
import type { AuditActor, AuditLog } from './audit.ts'
import { LimitReachedError, ValidationError } from './errors.ts'
import { InputCheck } from './input-check.ts'
import { cleanName, nameFault } from './names.ts'
import { roles } from './roles.ts'
import { grantedScopes, type Scope, scopes } from './viewer.ts'

export const defaultTokenDays = 90
export const maxTokenDays = 365
export const maxTokenNameLength = 100
export const maxActiveTokens = 1000

const dayMs = 24 * 60 * 60 * 1000

export interface ApiTokenDependencies {
  readonly database: Database
  readonly apiTokenStore: ApiTokenStore
  readonly audit: Pick<AuditLog, 'record'>
  /** Whether requests with API tokens are let in at all. */
  readonly takesTokens: boolean
  readonly now?: () => Date
}

/** Who makes a token: a viewer, or an operator. */
export interface ApiTokenIssuer {
  readonly actor: AuditActor
  readonly id: string
  readonly displayName: string
  /** The most that it can give. */
  readonly scopes: ReadonlySet<Scope>
  /** Of the API token that it uses; null for who uses none. */
  readonly tokenId: string | null
}

/** Throws `ValidationError` or `LimitReachedError`. */
export async function issueApiToken(
  { database, apiTokenStore, audit, now = () => new Date() }: Omit<ApiTokenDependencies, 'takesTokens'>,
  workspace: WorkspaceScope,
  issuer: ApiTokenIssuer,
  input: CreateApiTokenInput,
): Promise<CreatedApiToken> {
  const { name, granted, days } = validated(issuer, input)
  const createdAt = now()
  const { id, secret } = newApiTokenParts()
  const row = {
    id,
    name,
    secretHash: apiTokenHash(secret),
    scopes: granted,
    createdAt,
    createdById: issuer.id,
    createdBy: issuer.displayName,
    expiresAt: new Date(createdAt.getTime() + days * dayMs),
    lastUsedAt: null,
    revokedAt: null,
    revokedBy: null,
  }
  const token = await database.write(async tx => {
    const { tokenId } = issuer
    // It was good when the request came; whoever revokes it must not be left with tokens that it made after that.
    if (tokenId !== null && !isActive(await apiTokenStore.findInTransaction(tx, workspace, tokenId), now())) {
      throw tokenIsOver(rightsPath(input.rights))
    }
    const active = await apiTokenStore.countActive(tx, workspace, createdAt)
    if (active >= maxActiveTokens) throw new LimitReachedError('API tokens that can be used', maxActiveTokens)
    const inserted = await apiTokenStore.insert(tx, workspace, row)
    await audit.record(tx, issuer.actor, {
      action: 'CREATE_API_TOKEN',
      target: { kind: 'API_TOKEN', id, name },
      changedFields: ['name', 'scopes', 'expiresAt'],
      details: { scopes: granted.join(' '), expiresAt: row.expiresAt.toISOString() },
    })
    return inserted
  })
  return { token, secret: apiTokenText({ id, secret }) }
}

function validated(issuer: ApiTokenIssuer, input: CreateApiTokenInput) {
  const name = cleanName(input.name)
  const days = input.expiresInDays ?? defaultTokenDays
  const granted = grantedBy(input.rights)
  const check = new InputCheck()
  check.field('name', nameFault(name, maxTokenNameLength))
  check.path(rightsPath(input.rights), rightsFault(granted, issuer.scopes))
  check.field('expiresInDays', daysFault(days))
  return check.valid({ name, granted, days })
}

const rightsPath = ({ role }: ApiTokenRights): readonly string[] => ['rights', role === undefined ? 'scopes' : 'role']

const isActive = (token: ApiTokenRow | null, now: Date): boolean =>
  token !== null && apiTokenStatus(token, now) === 'ACTIVE'

function tokenIsOver(path: readonly string[]): ValidationError {
  const message = 'The API token that you use is over, so it can give nothing any more.'
  return new ValidationError([{ path: path.join('.'), inputPath: path, message }])
}

/** What the token will say that it may do: with all that is implied, in the order of the documentation. */
function grantedBy(rights: ApiTokenRights): readonly Scope[] {
  const given = grantedScopes(rights.role === undefined ? rights.scopes : roles[rights.role])
  return scopes.filter(scope => given.has(scope))
}

function rightsFault(granted: readonly Scope[], held: ReadonlySet<Scope>): string | null {
  if (granted.length === 0) return 'Must name at least one scope.'
  const missing = granted.filter(scope => !held.has(scope))
  return missing.length === 0
    ? null
    : `You cannot give what you do not have: ${missing.join(', ')}. Ask for less, or ask somebody who has it.`
}

const daysFault = (days: number): string | null =>
  Number.isInteger(days) && days >= 1 && days <= maxTokenDays ? null : `Must be from 1 to ${maxTokenDays} days.`
