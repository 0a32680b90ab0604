import { foreignKey, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { FinalTestStatus, TestEvent } from '../connectors/connection-test.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { SecretDigests } from './secret-digests.ts'

const instant = (name: string) => integer(name, { mode: 'timestamp_ms' })
const json = <T>(name: string) => text(name, { mode: 'json' }).$type<T>()
const flag = (name: string) => integer(name, { mode: 'boolean' })

/** Master keys that this database has been used with; `checkValue` proves at start that the right one was given. */
export const masterKeys = sqliteTable('master_keys', {
  id: text('id').primaryKey(),
  checkValue: text('check_value').notNull(),
  createdAt: instant('created_at').notNull(),
})

/** Keys of a workspace, wrapped by a master key. `purpose`: SECRETS seals values, DIGESTS keys fingerprints and hashes. */
export const workspaceKeys = sqliteTable(
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

/** One immutable set of secret values of one connector: the intent row of the secret protocol, whatever the store. */
export const secretVersions = sqliteTable(
  'secret_versions',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    connectorId: text('connector_id').notNull(),
    store: text('store').$type<'SEALED' | 'VAULT'>().notNull(),
    state: text('state').$type<'PENDING' | 'ACTIVE' | 'RETIRED' | 'REAPING' | 'FENCED'>().notNull(),
    /** The version whose values this one repeats, in another store; to clients it stays that one. */
    copyOf: text('copy_of'),
    digests: json<SecretDigests>('digests').notNull(),
    /** When each secret got its present value, by secret path, RFC 3339. */
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

/** Ciphertexts of the embedded secret store. The foreign key keeps a late writer from leaving one behind that nothing speaks of. */
export const sealedSecrets = sqliteTable(
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

export const connectors = sqliteTable(
  'connectors',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    name: text('name').notNull(),
    /** Normalised name: unique in the workspace, and what names are ordered by. */
    nameKey: text('name_key').notNull(),
    description: text('description'),
    externalKey: text('external_key'),
    typeName: text('type_name').notNull(),
    /** The form's output without its secrets. */
    config: json<JsonObject>('config').notNull(),
    secretVersionId: text('secret_version_id'),
    /** Optimistic lock, from 1. */
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

export const datasets = sqliteTable(
  'datasets',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    /** Null once the connector was deleted and the dataset kept. */
    connectorId: text('connector_id'),
    /** The type whose query form `query` follows. */
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

export const connectionTests = sqliteTable(
  'connection_tests',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    /** Null for a draft, and once the connector was deleted. */
    connectorId: text('connector_id'),
    typeName: text('type_name').notNull(),
    status: text('status').$type<'RUNNING' | FinalTestStatus>().notNull(),
    /** The snapshot after the last event, kept in step with it so that lists need not fold events. */
    snapshot: json<JsonObject>('snapshot').notNull(),
    /** Keyed digest of type, type version, configuration and secret values: what the result speaks of. */
    fingerprint: text('fingerprint').notNull(),
    /** The tested configuration without secrets, to tell later which fields have changed. */
    config: json<JsonObject>('config').notNull(),
    secretDigests: json<SecretDigests>('secret_digests').notNull(),
    /** Of the connector type; null for tests from before it was recorded. */
    typeVersion: integer('type_version'),
    /** Who started it: the same viewer with the same target attaches instead of starting another. */
    startedBy: text('started_by').notNull(),
    targetHash: text('target_hash').notNull(),
    attemptKey: text('attempt_key'),
    /** The process that runs it, and until when it may be believed alive. */
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

export const connectionTestEvents = sqliteTable(
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

/** What a create mutation answered, so that a repeated request gets the same answer. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    workspaceId: text('workspace_id').notNull(),
    viewerId: text('viewer_id').notNull(),
    operation: text('operation').notNull(),
    key: text('key').notNull(),
    /** Keyed digest of the input. */
    requestHash: text('request_hash').notNull(),
    /** The id of what was created. */
    resultId: text('result_id').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.viewerId, t.operation, t.key] }),
    index('idempotency_keys_created').on(t.createdAt),
  ],
)

/** What failed sign-ins have made known of an account of a data source: enough to keep it from being locked. */
export const signInAccounts = sqliteTable(
  'sign_in_accounts',
  {
    workspaceId: text('workspace_id').notNull(),
    /** Keyed digest of service and user name: neither stands here in clear. */
    account: text('account').notNull(),
    /** Refused sign-ins in a row. */
    failures: integer('failures').notNull(),
    /** The first and the last of them. */
    failedSince: instant('failed_since'),
    failedAt: instant('failed_at'),
    /** Fingerprint of the configuration that last signed in, and when; null once a sign-in was refused. */
    provenBy: text('proven_by'),
    provenAt: instant('proven_at'),
    /** When all this is forgotten. */
    keptUntil: instant('kept_until').notNull(),
  },
  t => [primaryKey({ columns: [t.workspaceId, t.account] }), index('sign_in_accounts_kept').on(t.keptUntil)],
)

/** Sign-ins under way whose outcome is awaited, so that two at once do not slip past what one may not. */
export const signInAttempts = sqliteTable(
  'sign_in_attempts',
  {
    workspaceId: text('workspace_id').notNull(),
    /** The connection test, or the preview. */
    runId: text('run_id').notNull(),
    account: text('account').notNull(),
    /** When the run is over at the latest, also if its process dies; what is not known by then counts as nothing. */
    heldUntil: instant('held_until').notNull(),
    /** When its run ended without a word of the outcome; null while it is under way. */
    lostAt: instant('lost_at'),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.runId, t.account] }),
    index('sign_in_attempts_account').on(t.workspaceId, t.account, t.heldUntil),
    index('sign_in_attempts_held').on(t.heldUntil),
  ],
)

/** Tokens by which programs sign in. The secret part is never stored, only what it hashes to. */
export const apiTokens = sqliteTable(
  'api_tokens',
  {
    workspaceId: text('workspace_id').notNull(),
    /** Twelve characters of Base62 that stand in the token. Unique over all workspaces: a token is found before they are known. */
    id: text('id').notNull(),
    name: text('name').notNull(),
    /** SHA-256 of the secret part, hexadecimal. It is random in full, so nothing slower is needed. */
    secretHash: text('secret_hash').notNull(),
    scopes: json<readonly string[]>('scopes').notNull(),
    createdAt: instant('created_at').notNull(),
    /** Id and display name of the viewer who made it. */
    createdById: text('created_by_id').notNull(),
    createdBy: text('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** To the minute or so. */
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

/** What was done and what was refused. Rows are only ever added: triggers refuse everything else. */
export const auditLog = sqliteTable(
  'audit_log',
  {
    workspaceId: text('workspace_id').notNull(),
    id: text('id').notNull(),
    at: instant('at').notNull(),
    actorKind: text('actor_kind').$type<'LOCAL' | 'USER' | 'API_TOKEN' | 'OPERATOR' | 'SYSTEM'>().notNull(),
    actorId: text('actor_id').notNull(),
    actorName: text('actor_name').notNull(),
    /** Network address and request that it came with; null where there was none. */
    address: text('address'),
    requestId: text('request_id'),
    action: text('action').notNull(),
    outcome: text('outcome').$type<'DONE' | 'REFUSED' | 'FAILED'>().notNull(),
    /** Code of the refusal or failure; null when it was done. */
    reason: text('reason'),
    targetKind: text('target_kind'),
    /** As stored, not as a global id. */
    targetId: text('target_id'),
    targetName: text('target_name'),
    /** Names of what was changed, never values. */
    changedFields: json<readonly string[]>('changed_fields').notNull(),
    /** More facts for the reader: plain, short, and never secret. */
    details: json<{ readonly [name: string]: string | number | boolean }>('details').notNull(),
  },
  t => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    index('audit_log_action').on(t.workspaceId, t.action, t.id),
    index('audit_log_actor').on(t.workspaceId, t.actorId, t.id),
    index('audit_log_target').on(t.workspaceId, t.targetId, t.id),
  ],
)

/** A workspace's audit log in one chain, made soon after the entries: shows what was altered, dropped or moved behind Patchbay's back. */
export const auditSeals = sqliteTable(
  'audit_seals',
  {
    workspaceId: text('workspace_id').notNull(),
    /** From 1, without gaps. */
    sequence: integer('sequence').notNull(),
    entryId: text('entry_id').notNull(),
    /** Keyed digest of the whole entry and the seal before. */
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
