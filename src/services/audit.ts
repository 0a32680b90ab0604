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

export type AuditTargetKind = 'CONNECTOR' | 'DATASET' | 'CONNECTION_TEST' | 'API_TOKEN' | 'FIELD'

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

/** Entries are only ever added. */
export interface AuditLog {
  /** Tells of a change in the transaction that makes it: there is never one without the other. */
  record(tx: Writer, actor: AuditActor, entry: AuditEntry): Promise<void>
  /** Tells of what changes no row, in a transaction of its own, before it happens. Throws when that cannot be written. */
  note(actor: AuditActor, entry: AuditEntry): Promise<void>
  /**
   * Tells of a refusal (`reason`: its code) or a failure. The same again within a minute is counted, and told once at
   * the end of the minute, so that nobody can fill the log. Never throws: what was refused stays refused.
   */
  refused(actor: AuditActor, entry: AuditEntry, reason: string, outcome?: 'REFUSED' | 'FAILED'): Promise<void>
}
