import { eq, getTableName, type Table } from 'drizzle-orm'
import { applyEvent, type TestEvent, type TestSnapshot } from '../../src/connectors/connection-test.ts'
import type { JsonObject } from '../../src/connectors/json.ts'
import type { Database } from '../../src/db/database.ts'
import type { WorkspaceScope } from '../../src/db/workspace-scope.ts'

const at = new Date('2026-03-01T12:00:00.000Z')
const long = new Date('2026-01-01T00:00:00.000Z')
const far = new Date('2027-01-01T00:00:00.000Z')

/** Ids of tokens are unique over all workspaces. */
export const tokenIdIn = (workspaceId: string): string => `token-of-${workspaceId}`

export type SeededWorkspace = Awaited<ReturnType<typeof seedWorkspace>>

/**
 * A row or more in every table of a workspace. Ids and keys are the same in every workspace, but those of tokens, of
 * which `tokenIds` names all that were made; texts say whose they are.
 */
export async function seedWorkspace(database: Database, workspace: WorkspaceScope, tokenIds: readonly string[]) {
  const { tables } = database
  const workspaceId = workspace.id
  const mark = `of ${workspaceId}`
  const stamps = { createdAt: at, createdBy: mark, updatedAt: at, updatedBy: mark }
  const planned: TestEvent = {
    type: 'PLANNED',
    sequence: 1,
    at: at.toISOString(),
    steps: [{ id: 'CONNECT', key: 'CONNECT', target: null, title: mark, required: true, budgetMs: 1_000 }],
  }
  const snapshot = applyEvent(null, planned)
  const finished: TestEvent = {
    type: 'FINISHED',
    sequence: 2,
    at: at.toISOString(),
    status: 'ERRORED',
    durationMs: 1,
    problem: null,
  }
  const ended: TestSnapshot = applyEvent(snapshot, finished)

  const secretVersion = {
    id: 'version',
    connectorId: 'connector',
    store: 'SEALED' as const,
    state: 'ACTIVE' as const,
    copyOf: null,
    digests: { password: mark },
    setAt: {},
    createdAt: at,
    stateAt: at,
  }
  const connector = {
    id: 'connector',
    name: mark,
    nameKey: 'shared',
    description: mark,
    externalKey: 'shared',
    typeName: 'TYPE',
    config: { mark },
    secretVersionId: 'version',
    version: 1,
    ...stamps,
  }
  const dataset = {
    id: 'dataset',
    connectorId: 'connector',
    typeName: 'TYPE',
    name: mark,
    nameKey: 'shared',
    description: mark,
    query: { mark },
    version: 1,
    ...stamps,
  }
  const connectionTest = {
    id: 'ended',
    connectorId: 'connector',
    typeName: 'TYPE',
    fingerprint: 'print',
    config: { mark },
    secretDigests: {},
    typeVersion: 1,
    startedBy: 'viewer',
    targetHash: 'target',
    attemptKey: null,
  }
  const state = { snapshot: snapshot as unknown as JsonObject, cancelRequested: false, startedAt: at, workspaceId }
  const over = { status: 'PASSED' as const, finishedAt: at, leaseOwner: null, leaseUntil: null }
  const underWay = { status: 'RUNNING' as const, finishedAt: null, leaseOwner: 'process', leaseUntil: far }
  const apiToken = {
    id: tokenIdIn(workspaceId),
    name: mark,
    secretHash: mark,
    scopes: [],
    createdAt: at,
    createdById: 'viewer',
    createdBy: mark,
    expiresAt: far,
    lastUsedAt: null,
    revokedAt: null,
    revokedBy: null,
  }
  const auditEntry = {
    id: 'sealed',
    at,
    actorKind: 'USER' as const,
    actorId: 'viewer',
    actorName: mark,
    address: null,
    requestId: null,
    action: 'CONNECTOR_CREATED',
    outcome: 'DONE' as const,
    reason: null,
    targetKind: null,
    targetId: null,
    targetName: null,
    changedFields: [],
    details: {},
  }

  await database.write(async tx => {
    await tx.insert(tables.secretVersions).values([
      { ...secretVersion, workspaceId },
      { ...secretVersion, workspaceId, id: 'unused', state: 'PENDING' },
    ])
    await tx.insert(tables.workspaceKeys).values({
      workspaceId,
      id: 'key',
      purpose: 'SECRETS',
      state: 'ACTIVE',
      masterKeyId: 'master',
      wrappedKey: mark,
      createdAt: at,
    })
    await tx.insert(tables.sealedSecrets).values({ workspaceId, versionId: 'version', keyId: 'key', ciphertext: mark })
    await tx.insert(tables.connectors).values({ ...connector, workspaceId })
    await tx.insert(tables.datasets).values({ ...dataset, workspaceId })
    await tx.insert(tables.connectionTests).values([
      { ...connectionTest, ...state, ...over },
      { ...connectionTest, ...state, ...over, id: 'older', status: 'FAILED', startedAt: long },
      { ...connectionTest, ...state, ...over, id: 'draft', connectorId: null },
      { ...connectionTest, ...state, ...underWay, id: 'running', attemptKey: 'attempt' },
    ])
    await tx
      .insert(tables.connectionTestEvents)
      .values({ workspaceId, testId: 'running', sequence: 1, event: planned, createdAt: at })
    await tx.insert(tables.idempotencyKeys).values({
      workspaceId,
      viewerId: 'viewer',
      operation: 'create',
      key: 'key',
      requestHash: mark,
      resultId: 'connector',
      createdAt: at,
    })
    await tx.insert(tables.signInAccounts).values({
      workspaceId,
      account: 'account',
      failures: 2,
      failedSince: at,
      failedAt: at,
      provenBy: mark,
      provenAt: at,
      keptUntil: far,
    })
    await tx
      .insert(tables.signInAttempts)
      .values({ workspaceId, runId: 'run', account: 'account', heldUntil: far, lostAt: null })
    await tx.insert(tables.apiTokens).values({ ...apiToken, workspaceId })
    await tx.insert(tables.auditLog).values([
      { ...auditEntry, workspaceId },
      { ...auditEntry, workspaceId, id: 'unsealed' },
    ])
    await tx.insert(tables.auditSeals).values({ workspaceId, sequence: 1, entryId: 'sealed', seal: mark })
  })
  const rows = { secretVersion, connector, dataset, connectionTest, apiToken, auditEntry }
  return { workspace, tokenIds, rows, snapshot, ended, events: [planned] }
}

/** Every row of a workspace, by table; tables without any are left out. */
export async function rowsOfWorkspace(database: Database, workspaceId: string) {
  const { masterKeys: _, ...tenants } = database.tables
  const found: Record<string, readonly string[]> = {}
  for (const table of Object.values(tenants)) {
    // One type of table for the compiler: each has the column that is compared.
    const some = table as Database['tables']['connectors']
    const rows = await database.read.select().from(some).where(eq(some.workspaceId, workspaceId))
    if (rows.length > 0) found[getTableName(table as Table)] = rows.map(row => JSON.stringify(row)).toSorted()
  }
  return found
}
