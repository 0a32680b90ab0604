import type { AuditRow } from '../db/audit-store.ts'
import type { AuditActor, AuditEntry, AuditOutcome } from './audit.ts'

export interface AuditResult {
  readonly outcome: AuditOutcome
  /** Code of a refusal or failure. */
  readonly reason: string | null
}

/** Of names, which come from clients and identity providers. */
const maxTextLength = 256
const maxChangedFields = 200

/** An entry as it is stored: bounded, and of texts that both databases can hold. */
export function auditRow(
  { id, at }: Pick<AuditRow, 'id' | 'at'>,
  actor: AuditActor,
  { action, target, changedFields = [], details = {} }: AuditEntry,
  { outcome, reason }: AuditResult,
): Omit<AuditRow, 'workspaceId'> {
  const request = 'request' in actor ? actor.request : null
  const isCut = changedFields.length > maxChangedFields
  return {
    id,
    at,
    actorKind: actor.kind,
    actorId: stored('id' in actor ? actor.id : actor.kind.toLowerCase()),
    actorName: stored(actor.displayName),
    address: storedOrNull(request?.address),
    requestId: storedOrNull(request?.id),
    action,
    outcome,
    reason,
    targetKind: target?.kind ?? null,
    targetId: storedOrNull(target?.id),
    targetName: storedOrNull(target?.name),
    changedFields: changedFields.slice(0, maxChangedFields).map(stored),
    details: { ...storedDetails(details), ...(isCut && { changedFieldCount: changedFields.length }) },
  }
}

const stored = (text: string): string => text.slice(0, maxTextLength).toWellFormed().replaceAll('\0', '\u{fffd}')
const storedOrNull = (text: string | null | undefined): string | null => (text ? stored(text) : null)

const storedDetails = (details: NonNullable<AuditEntry['details']>): AuditRow['details'] =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? stored(value) : value]),
  )
