import type { AuditRow } from '../db/audit-store.ts'
import {
  type AuditAction,
  type AuditActorKind,
  type AuditOutcome,
  type AuditTargetKind,
  auditTargetKinds,
} from '../services/audit.ts'
import { auditObjectTypes, auditTargetId } from '../services/audit-line.ts'
import type { Builder } from './builder.ts'
import { describedValues } from './enum-values.ts'
import { decodeGlobalId } from './global-id.ts'
import type { SchemaParts } from './nouns.ts'
import { type Connection, connection, implementConnection, pageArgs, pageComplexity, pageRequest } from './page.ts'

const actions: Record<AuditAction, string> = {
  SIGN_IN: 'Somebody was recognised by a credential; as a refusal, was not.',
  CREATE_CONNECTOR: 'A connector was created.',
  UPDATE_CONNECTOR: 'A connector was changed.',
  DELETE_CONNECTOR: 'A connector was deleted.',
  TEST_CONNECTION: 'A connection test was started, also one that a save asked for.',
  CANCEL_CONNECTION_TEST: 'A connection test was cancelled.',
  BROWSE_CATALOG: 'What a data source holds was listed.',
  LIST_FIELD_OPTIONS: 'Values for a field of a form were listed from a data source.',
  CREATE_DATASET: 'A dataset was created.',
  UPDATE_DATASET: 'A dataset was changed, also by losing its connector.',
  DELETE_DATASET: 'A dataset was deleted.',
  PREVIEW_DATASET: 'A query was run on a data source.',
  READ_SECRET: 'Stored secrets of a connector were read, by Patchbay itself; `details` say what for.',
  MOVE_SECRET: 'Stored secrets of a connector were moved to another store.',
  ROTATE_KEY: 'A key that protects stored secrets was replaced.',
  CREATE_API_TOKEN: 'An API token was created.',
  REVOKE_API_TOKEN: 'An API token was revoked.',
  READ_AUDIT_LOG: 'The audit log was read; several times within a minute are one entry.',
  EXPORT_AUDIT_LOG: 'The audit log was exported.',
  USE_FIELD: 'A field of this API was asked for without the scope that opens it.',
}
const outcomes: Record<AuditOutcome, string> = {
  DONE: 'It was done. What changes no row is told of before it is done.',
  REFUSED: 'It was refused; `reason` says why.',
  FAILED: 'It was allowed, and failed; `reason` says why.',
}
const actorKinds: Record<AuditActorKind, string> = {
  LOCAL: 'Whoever could reach a server without authentication.',
  USER: 'A user of an identity provider.',
  API_TOKEN: 'An API token.',
  OPERATOR: 'Somebody at the command line of a server.',
  SYSTEM: 'Patchbay itself.',
}
const targetKinds: Record<AuditTargetKind, string> = {
  CONNECTOR: 'A connector.',
  DATASET: 'A dataset.',
  CONNECTION_TEST: 'A connection test.',
  API_TOKEN: 'An API token.',
  FIELD: 'A field of this API.',
}

function defineEntry(builder: Builder) {
  const actorKind = builder.enumType('AuditActorKind', {
    description: 'What somebody is who acts.',
    values: describedValues(actorKinds),
  })
  const targetKind = builder.enumType('AuditTargetKind', {
    description: 'What something is that is acted on.',
    values: describedValues(targetKinds),
  })
  const action = builder.enumType('AuditAction', {
    description: 'What can be done or refused. New ones are added over time.',
    values: describedValues(actions),
  })
  const outcome = builder.enumType('AuditOutcome', {
    description: 'What became of it.',
    values: describedValues(outcomes),
  })
  const actor = builder.objectRef<AuditRow>('AuditActor').implement({
    description: 'Who acted, as known then.',
    fields: t => ({
      kind: t.field({ type: actorKind, description: 'What it is.', resolve: row => row.actorKind }),
      id: t.exposeID('actorId', { description: 'Stays the same for the same person or token; not the id of a node.' }),
      name: t.exposeString('actorName', { description: 'The name to show.' }),
    }),
  })
  const target = builder.objectRef<AuditRow>('AuditTarget').implement({
    description: 'What was acted on, as known then.',
    fields: t => ({
      kind: t.field({
        type: targetKind,
        description: 'What it is.',
        resolve: row => row.targetKind as AuditTargetKind,
      }),
      id: t.id({
        nullable: true,
        description:
          'Its global id, also once it is gone; of a field, its name, such as `Query.connectors`. Null where there was none, as for a draft.',
        resolve: auditTargetId,
      }),
      name: t.exposeString('targetName', { nullable: true, description: 'Its name then, where it had one.' }),
    }),
  })
  const entry = builder.objectRef<AuditRow>('AuditEntry').implement({
    description: 'Something that was done, or refused. Entries are never changed and never deleted.',
    fields: t => ({
      id: t.exposeID('id', { description: 'Sorts by time; the same in exports. Not the id of a node.' }),
      at: t.field({ type: 'DateTime', description: 'When.', resolve: row => row.at }),
      actor: t.field({ type: actor, description: 'Who.', resolve: row => row }),
      action: t.field({ type: action, description: 'What.', resolve: row => row.action as AuditAction }),
      outcome: t.field({ type: outcome, description: 'What became of it.', resolve: row => row.outcome }),
      reason: t.exposeString('reason', {
        nullable: true,
        description: 'Code of the refusal or failure, as in `ErrorCode`; null when it was done.',
      }),
      target: t.field({
        type: target,
        nullable: true,
        description: 'What it was done to; null where there is no such thing.',
        resolve: row => (row.targetKind !== null && isTargetKind(row.targetKind) ? row : null),
      }),
      changedFields: t.stringList({
        description:
          'Names of what was changed: `name`, `config.host`, `config.auth.password.password`, `query.sql`. Never a value.',
        resolve: row => [...row.changedFields],
      }),
      details: t.field({
        type: 'JSON',
        description:
          'More facts, by name: `version` of what was changed, `connectorType`, `purpose` of a read secret, `times` of what was repeated.',
        resolve: row => row.details,
      }),
      address: t.exposeString('address', { nullable: true, description: 'Network address of the client.' }),
      requestId: t.exposeString('requestId', {
        nullable: true,
        description: 'Of the request, as in the logs of the server.',
      }),
    }),
  })
  return { entry, action, outcome }
}

const isTargetKind = (kind: string): boolean => auditTargetKinds.some(known => known === kind)

export function defineAuditLog({ builder }: SchemaParts): void {
  const { entry, action, outcome } = defineEntry(builder)
  const list = builder.objectRef<Connection<AuditRow>>('AuditEntryConnection')
  implementConnection(builder, 'AuditEntry', list, entry)
  const filter = builder.inputType('AuditFilter', {
    description: 'Narrows the audit log. What is left out does not narrow.',
    fields: t => ({
      actions: t.field({ type: [action], required: false, description: 'Only these actions.' }),
      outcomes: t.field({ type: [outcome], required: false, description: 'Only these outcomes.' }),
      actorId: t.id({ required: false, description: 'Only what this actor did: `AuditActor.id`.' }),
      targetId: t.id({
        required: false,
        description: 'Only what was done to this: its global id, or the name of a field.',
      }),
      from: t.field({ type: 'DateTime', required: false, description: 'Not what was before this.' }),
      to: t.field({ type: 'DateTime', required: false, description: 'Only what was before this.' }),
    }),
  })
  builder.queryField('auditLog', t =>
    t.field({
      type: list,
      description: 'What was done and refused in the workspace, newest first. Reading it is an entry too.',
      authScopes: { scope: 'audit:read' },
      args: {
        ...pageArgs(t.arg),
        filter: t.arg({ type: filter, required: false, description: 'Narrows the list.' }),
      },
      complexity: pageComplexity,
      resolve: async (_root, args, { services, viewer }) => {
        const request = pageRequest(args)
        const { actions = null, outcomes = null, actorId = null, targetId, from = null, to = null } = args.filter ?? {}
        const target = targetId == null ? null : toTarget(targetId)
        const wanted = { actions, outcomes, actorId, target, from, to }
        return connection(request, () => services.auditLog.page(viewer, request, wanted))
      },
    }),
  )
}

/** What a global id names; no target has an empty id, so what names nothing finds nothing. */
function toTarget(text: string): { readonly kind: AuditTargetKind; readonly id: string } {
  const decoded = decodeGlobalId(text)
  const kind = auditTargetKinds.find(each => decoded !== null && auditObjectTypes[each] === decoded.typeName)
  if (decoded && kind) return { kind, id: decoded.id }
  return { kind: 'FIELD', id: /^[A-Z]\w*\.\w+$/.test(text) ? text : '' }
}
