import {
  boolean,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { FinalTestStatus, TestEvent } from '../connectors/connection-test.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { SecretDigests } from './secret-digests.ts'

// The tables and their columns are explained in schema.sqlite.ts; `dialectsAgree` holds both files together.

/** Bytewise collation like SQLite's, whatever the database's own: both databases compare and sort alike. */
const text = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' })
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' })
const json = <T>(name: string) => jsonb(name).$type<T>()
const flag = (name: string) => boolean(name)

export const masterKeys = pgTable('master_keys', {
  id: text('id').primaryKey(),
  checkValue: text('check_value').notNull(),
  createdAt: instant('created_at').notNull(),
})

export const workspaceKeys = pgTable(
  'workspace_keys',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    purpose: text('purpose').$type<'SECRETS' | 'DIGESTS'>().notNull(),
    state: text('state').$type<'ACTIVE' | 'RETIRED'>().notNull(),
    masterKeyId: text('master_key_id').notNull(),
    wrappedKey: text('wrapped_key').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index('workspace_keys_purpose').on(t.workspaceId, t.purpose, t.state),
    index('workspace_keys_master').on(t.masterKeyId),
  ],
)

export const secretVersions = pgTable(
  'secret_versions',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    connectorId: text('connector_id').notNull(),
    store: text('store').$type<'SEALED' | 'VAULT'>().notNull(),
    state: text('state').$type<'PENDING' | 'ACTIVE' | 'RETIRED' | 'REAPING' | 'FENCED'>().notNull(),
    copyOf: text('copy_of'),
    digests: json<SecretDigests>('digests').notNull(),
    setAt: json<{ readonly [secretPath: string]: string }>('set_at').notNull(),
    createdAt: instant('created_at').notNull(),
    stateAt: instant('state_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index('secret_versions_state').on(t.state, t.stateAt),
    index('secret_versions_connector').on(t.workspaceId, t.connectorId),
  ],
)

export const sealedSecrets = pgTable(
  'sealed_secrets',
  {
    workspaceId: text('workspace_id').notNull(),
    versionId: text('version_id').notNull(),
    keyId: text('key_id').notNull(),
    ciphertext: text('ciphertext').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.versionId] }),
    index('sealed_secrets_key').on(t.workspaceId, t.keyId),
    foreignKey({
      name: 'sealed_secrets_version_fk',
      columns: [t.workspaceId, t.versionId],
      foreignColumns: [secretVersions.workspaceId, secretVersions.id],
    }),
  ],
)

export const connectors = pgTable(
  'connectors',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    description: text('description'),
    externalKey: text('external_key'),
    typeName: text('type_name').notNull(),
    config: json<JsonObject>('config').notNull(),
    secretVersionId: text('secret_version_id'),
    version: integer('version').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by'),
    updatedAt: instant('updated_at').notNull(),
    updatedBy: text('updated_by'),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('connectors_name').on(t.workspaceId, t.nameKey),
    uniqueIndex('connectors_external_key').on(t.workspaceId, t.externalKey),
    index('connectors_created').on(t.workspaceId, t.createdAt, t.id),
    index('connectors_updated').on(t.workspaceId, t.updatedAt, t.id),
    index('connectors_secret_version').on(t.workspaceId, t.secretVersionId),
    index('connectors_type').on(t.workspaceId, t.typeName, t.nameKey, t.id),
    foreignKey({
      name: 'connectors_secret_version_fk',
      columns: [t.workspaceId, t.secretVersionId],
      foreignColumns: [secretVersions.workspaceId, secretVersions.id],
    }),
  ],
)

export const datasets = pgTable(
  'datasets',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    connectorId: text('connector_id'),
    typeName: text('type_name').notNull(),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    description: text('description'),
    query: json<JsonObject>('query').notNull(),
    version: integer('version').notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by'),
    updatedAt: instant('updated_at').notNull(),
    updatedBy: text('updated_by'),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('datasets_name').on(t.workspaceId, t.nameKey),
    index('datasets_connector').on(t.workspaceId, t.connectorId, t.nameKey, t.id),
    index('datasets_created').on(t.workspaceId, t.createdAt, t.id),
    index('datasets_updated').on(t.workspaceId, t.updatedAt, t.id),
    foreignKey({
      name: 'datasets_connector_fk',
      columns: [t.workspaceId, t.connectorId],
      foreignColumns: [connectors.workspaceId, connectors.id],
    }),
  ],
)

export const connectionTests = pgTable(
  'connection_tests',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    connectorId: text('connector_id'),
    typeName: text('type_name').notNull(),
    status: text('status').$type<'RUNNING' | FinalTestStatus>().notNull(),
    snapshot: json<JsonObject>('snapshot').notNull(),
    fingerprint: text('fingerprint').notNull(),
    config: json<JsonObject>('config').notNull(),
    secretDigests: json<SecretDigests>('secret_digests').notNull(),
    typeVersion: integer('type_version'),
    startedBy: text('started_by').notNull(),
    targetHash: text('target_hash').notNull(),
    attemptKey: text('attempt_key'),
    leaseOwner: text('lease_owner'),
    leaseUntil: instant('lease_until'),
    cancelRequested: flag('cancel_requested').notNull(),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('connection_tests_attempt').on(t.workspaceId, t.startedBy, t.attemptKey),
    index('connection_tests_connector').on(t.workspaceId, t.connectorId, t.startedAt, t.id),
    index('connection_tests_target').on(t.workspaceId, t.startedBy, t.targetHash, t.status),
    index('connection_tests_lease').on(t.status, t.leaseUntil),
    index('connection_tests_finished').on(t.finishedAt),
    foreignKey({
      name: 'connection_tests_connector_fk',
      columns: [t.workspaceId, t.connectorId],
      foreignColumns: [connectors.workspaceId, connectors.id],
    }),
  ],
)

export const connectionTestEvents = pgTable(
  'connection_test_events',
  {
    workspaceId: text('workspace_id').notNull(),
    testId: text('test_id').notNull(),
    sequence: integer('sequence').notNull(),
    event: json<TestEvent>('event').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.testId, t.sequence] }),
    index('connection_test_events_created').on(t.createdAt),
    foreignKey({
      name: 'connection_test_events_test_fk',
      columns: [t.workspaceId, t.testId],
      foreignColumns: [connectionTests.workspaceId, connectionTests.id],
    }).onDelete('cascade'),
  ],
)

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    workspaceId: text('workspace_id').notNull(),
    viewerId: text('viewer_id').notNull(),
    operation: text('operation').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    resultId: text('result_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.viewerId, t.operation, t.key] }),
    index('idempotency_keys_created').on(t.createdAt),
  ],
)

export const signInAccounts = pgTable(
  'sign_in_accounts',
  {
    workspaceId: text('workspace_id').notNull(),
    account: text('account').notNull(),
    failures: integer('failures').notNull(),
    failedSince: instant('failed_since'),
    failedAt: instant('failed_at'),
    provenBy: text('proven_by'),
    provenAt: instant('proven_at'),
    keptUntil: instant('kept_until').notNull(),
  },
  t => [primaryKey({ columns: [t.workspaceId, t.account] }), index('sign_in_accounts_kept').on(t.keptUntil)],
)

export const signInAttempts = pgTable(
  'sign_in_attempts',
  {
    workspaceId: text('workspace_id').notNull(),
    runId: text('run_id').notNull(),
    account: text('account').notNull(),
    heldUntil: instant('held_until').notNull(),
    lostAt: instant('lost_at'),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.account] }),
    index('sign_in_attempts_account').on(t.workspaceId, t.account, t.heldUntil),
    index('sign_in_attempts_held').on(t.heldUntil),
  ],
)

export const apiTokens = pgTable(
  'api_tokens',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    secretHash: text('secret_hash').notNull(),
    scopes: json<readonly string[]>('scopes').notNull(),
    createdAt: instant('created_at').notNull(),
    createdById: text('created_by_id').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
    lastUsedAt: instant('last_used_at'),
    revokedAt: instant('revoked_at'),
    revokedBy: text('revoked_by'),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex('api_tokens_id').on(t.id),
    index('api_tokens_created').on(t.workspaceId, t.createdAt, t.id),
  ],
)

export const auditLog = pgTable(
  'audit_log',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    at: instant('at').notNull(),
    actorKind: text('actor_kind').$type<'LOCAL' | 'USER' | 'API_TOKEN' | 'OPERATOR' | 'SYSTEM'>().notNull(),
    actorId: text('actor_id').notNull(),
    actorName: text('actor_name').notNull(),
    address: text('address'),
    requestId: text('request_id'),
    action: text('action').notNull(),
    outcome: text('outcome').$type<'DONE' | 'REFUSED' | 'FAILED'>().notNull(),
    reason: text('reason'),
    targetKind: text('target_kind'),
    targetId: text('target_id'),
    targetName: text('target_name'),
    changedFields: json<readonly string[]>('changed_fields').notNull(),
    details: json<{ readonly [name: string]: string | number | boolean }>('details').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index('audit_log_action').on(t.workspaceId, t.action, t.id),
    index('audit_log_actor').on(t.workspaceId, t.actorId, t.id),
    index('audit_log_target').on(t.workspaceId, t.targetId, t.id),
  ],
)

export const auditSeals = pgTable(
  'audit_seals',
  {
    workspaceId: text('workspace_id').notNull(),
    sequence: integer('sequence').notNull(),
    entryId: text('entry_id').notNull(),
    seal: text('seal').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.sequence] }),
    uniqueIndex('audit_seals_entry').on(t.workspaceId, t.entryId),
    foreignKey({
      name: 'audit_seals_entry_fk',
      columns: [t.workspaceId, t.entryId],
      foreignColumns: [auditLog.workspaceId, auditLog.id],
    }),
  ],
)
