import { isStorableText } from '../../db/storable-text.ts'
import { isWorkspaceId, WorkspaceScope } from '../../db/workspace-scope.ts'
import { scopesNamed } from '../../services/roles.ts'
import { grantedScopes, type Scope, type Viewer } from '../../services/viewer.ts'
import { AuthenticationError } from '../authenticator.ts'
import { claimAt } from './claim-at.ts'
import type { JwtSettings } from './settings.ts'
import type { JsonObject } from './token-parts.ts'

const maxSubjectLength = 255
const maxNameLength = 100

/** Who verified claims say that somebody is. Throws `AuthenticationError` INCOMPLETE. */
export function viewerOfClaims(claims: JsonObject, settings: JwtSettings): Viewer {
  const subject = subjectOf(claims)
  const workspaceId = claimAt(claims, settings.workspaceClaim)
  if (typeof workspaceId !== 'string' || !isWorkspaceId(workspaceId)) {
    throw new AuthenticationError(
      'INCOMPLETE',
      'The token has no id of a workspace in the claim of JWT_WORKSPACE_CLAIM.',
    )
  }
  return {
    id: `user:${subject}`,
    kind: 'USER',
    displayName: readable(claimAt(claims, settings.nameClaim)) ?? readable(subject) ?? subject,
    workspace: WorkspaceScope.of(workspaceId),
    scopes: grantedScopes(
      valuesOf(claimAt(claims, settings.rolesClaim)).flatMap(value => scopesOf(value, settings.roles)),
    ),
    // Verified to be a time.
    expiresAt: new Date(Number(claims['exp']) * 1_000),
    request: null,
  }
}

function subjectOf({ sub }: JsonObject): string {
  if (typeof sub !== 'string' || sub === '' || sub.length > maxSubjectLength || !isStorableText(sub)) {
    throw new AuthenticationError('INCOMPLETE', 'The token has no subject: 1 to 255 characters of text in "sub".')
  }
  return sub
}

/** A list, or a text with spaces between the values, as `scope` is one. Whatever else it is names nothing. */
function valuesOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return claim.split(' ')
  return Array.isArray(claim) ? claim.filter(value => typeof value === 'string') : []
}

/** Values that stand for nothing are the roles of other programs. */
const scopesOf = (value: string, roles: JwtSettings['roles']): readonly Scope[] =>
  (roles === null ? scopesNamed(value) : roles.get(value)) ?? []

/** On one line, and without what would change how the text around it is read. Null when nothing is left. */
function readable(claim: unknown): string | null {
  if (typeof claim !== 'string') return null
  const line = claim.replaceAll(/[\p{Z}\p{C}]+/gu, ' ').trim()
  return line === '' ? null : [...line].slice(0, maxNameLength).join('').trim()
}
