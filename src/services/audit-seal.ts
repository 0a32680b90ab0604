import type { AuditRow } from '../db/audit-store.ts'
import type { Digester } from '../secrets/digester.ts'

/** Of the seal before the first one. */
export const firstSeal = ''

/**
 * The seal of an entry at its place in the chain of its workspace: a keyed digest of all of it, of the place and of the
 * seal before, so that nothing can be altered, dropped, added or moved without the key.
 */
export const sealOf = (
  digester: Digester,
  entry: AuditRow,
  { sequence, previous }: { readonly sequence: number; readonly previous: string },
): Promise<string> =>
  digester.digest(entry.workspaceId, 'audit-seal', { sequence, previous, entry: { ...entry, at: timeOf(entry) } })

/** Whoever edits rows may leave something there that is no time. */
const timeOf = ({ at }: AuditRow): number | string => (Number.isNaN(at.getTime()) ? 'none' : at.getTime())
