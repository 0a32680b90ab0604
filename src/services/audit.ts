import type { Writer } from '../db/database.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { Viewer } from './viewer.ts'

/** What can be done or refused. */
export const auditActions = [
  'SIGN_IN',
  'CREATE_CONNECTOR',
  'UPDATE_CONNECTOR',
  'DELETE_CONNECTOR',
  'TEST_CONNECTION',
  'CANCEL_CONNECTION_TEST',
  'BROWSE_CATALOG',
  'LIST_FIELD_OPTIONS',
  'CREATE_DATASET',
  'UPDATE_DATASET',
  'DELETE_DATASET',
  'PREVIEW_DATASET',
  'READ_SECRET',
  'MOVE_SECRET',
  'ROTATE_KEY',
  'CREATE_API_TOKEN',
  'REVOKE_API_TOKEN',
  'READ_AUDIT_LOG',
  'EXPORT_AUDIT_LOG',
  /** A field of the API that the viewer has no scope for. */
  'USE_FIELD',
] as const
export type AuditAction = (typeof auditActions)[number]

export const auditTargetKinds = ['CONNECTOR', 'DATASET', 'CONNECTION_TEST', 'API_TOKEN', 'FIELD'] as const
export type AuditTargetKind = (typeof auditTargetKinds)[number]

export const auditOutcomes = ['DONE', 'REFUSED', 'FAILED'] as const
export type AuditOutcome = (typeof auditOutcomes)[number]

export const auditActorKinds = ['LOCAL', 'USER', 'API_TOKEN', 'OPERATOR', 'SYSTEM'] as const
export type AuditActorKind = (typeof auditActorKinds)[number]

/** What an entry says beside who, when and from where. Never holds a secret, nor any value of a configuration. */
export interface AuditEntry {
  readonly action: AuditAction
  readonly target?: { readonly kind: AuditTargetKind; readonly id: string | null; readonly name?: string | null }
  /** Names of changed fields: of the form with the prefix `config.`. */
  readonly changedFields?: readonly string[]
  /** Short facts, such as `connectorType`. */
  readonly details?: { readonly [name: string]: string | number | boolean }
}

/** A viewer, or whoever acts without a request: an operator at the command line, the program itself. */
export type AuditActor =
  | Viewer
  | { readonly kind: 'OPERATOR' | 'SYSTEM'; readonly workspace: WorkspaceScope; readonly displayName: string }

/** Entries are only ever added. Several at once are written together, in their order. */
export interface AuditLog {
  /** Tells of a change in the transaction that makes it: there is never one without the other. */
  record(tx: Writer, actor: AuditActor, ...entries: readonly AuditEntry[]): Promise<void>
  /** Tells of what changes no row, in a transaction of its own, before it happens. Throws when that cannot be written. */
  note(actor: AuditActor, ...entries: readonly AuditEntry[]): Promise<void>
  /** The same of what is done again and again: repetitions within a minute are counted, and told at its end. */
  noteOften(actor: AuditActor, entry: AuditEntry): Promise<void>
  /**
   * Tells of a refusal (`reason`: its code) or a failure. The same again within a minute is counted, and told once at
   * the end of the minute, so that nobody can fill the log. Never throws: what was refused stays refused.
   */
  refused(actor: AuditActor, entry: AuditEntry, reason: string, outcome?: 'REFUSED' | 'FAILED'): Promise<void>
}
