import type { AuditRow } from '../db/audit-store.ts'
import { type AuditTargetKind, auditTargetKinds } from './audit.ts'

/** Names of object types in the ids that the API gives; a field of the API has none. */
export const auditObjectTypes: Readonly<Record<AuditTargetKind, string | null>> = {
  CONNECTOR: 'Connector',
  DATASET: 'Dataset',
  CONNECTION_TEST: 'ConnectionTest',
  API_TOKEN: 'ApiToken',
  FIELD: null,
}

/** The id of a row as the API gives it: as `encodeGlobalId` of the schema makes them. */
export const auditGlobalId = (kind: Exclude<AuditTargetKind, 'FIELD'>, id: string): string =>
  Buffer.from(`${auditObjectTypes[kind]}:${id}`).toString('base64url')

/** The id of a target as the API gives it everywhere; of a field, its name. */
export function auditTargetId({ targetKind, targetId }: Pick<AuditRow, 'targetKind' | 'targetId'>): string | null {
  const kind = auditTargetKinds.find(each => each === targetKind) ?? 'FIELD'
  return targetId !== null && kind !== 'FIELD' ? auditGlobalId(kind, targetId) : targetId
}

/** An entry as a line of an export: the same names and ids as in the API. */
export function auditLine(row: AuditRow): string {
  const { id, at, actorKind, actorId, actorName, action, outcome, reason } = row
  const { targetKind, targetName, changedFields, details, address, requestId } = row
  return `${JSON.stringify({
    id,
    at: at.toISOString(),
    actor: { kind: actorKind, id: actorId, name: actorName },
    action,
    outcome,
    reason,
    target: targetKind === null ? null : { kind: targetKind, id: auditTargetId(row), name: targetName },
    changedFields,
    details,
    address,
    requestId,
  })}\n`
}
