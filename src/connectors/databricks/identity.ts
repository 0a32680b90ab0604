import { type Evidence, measuredText } from '../evidence.ts'
import { isRecord } from '../form-tree-walk.ts'

/** Who asks, as the workspace knows them. */
export interface Identity {
  /** An e-mail address, or the application id of a service principal: what grants are made to. */
  readonly name: string
  readonly displayName: string
  readonly isServicePrincipal: boolean
  /** Names of groups, of the account and of the workspace. */
  readonly groups: readonly string[]
}

/** Who is left out would count as a group without rights. */
const maxGroups = 10_000
const maxNameLength = 255

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, maxNameLength) : '')

/** Reads the answer of SCIM (RFC 7644, 3.11); null for what is none. */
export function readIdentity(answer: unknown): Identity | null {
  if (!isRecord(answer)) return null
  const { userName, applicationId, displayName, groups } = answer
  const name = text(applicationId) || text(userName)
  if (name === '') return null
  const listed = Array.isArray(groups) ? groups.slice(0, maxGroups) : []
  return {
    name,
    displayName: text(displayName) || name,
    isServicePrincipal: text(applicationId) !== '' || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name),
    groups: listed.flatMap(group => (isRecord(group) && text(group['display']) !== '' ? [text(group['display'])] : [])),
  }
}

export const identityEvidence = ({ name, displayName, isServicePrincipal, groups }: Identity): Evidence[] => [
  measuredText(
    isServicePrincipal ? 'Service principal' : 'User',
    displayName === name ? name : `${displayName} (${name})`,
  ),
  ...(groups.length > 0 ? [measuredText('Groups', groups.join(', '))] : []),
]
