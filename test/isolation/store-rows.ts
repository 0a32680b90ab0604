import type { Database } from '../../src/db/database.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute))
const stamps = { createdAt: at(0), createdBy: 'Ada', updatedAt: at(0), updatedBy: 'Ada' }

const connector = (id: string, secretVersionId: string | null) => ({
  id,
  name: `Connector ${id}`,
  nameKey: `connector ${id}`,
  description: null,
  externalKey: `key of ${id}`,
  typeName: 'SIMULATOR',
  config: { host: 'south.example.com' },
  secretVersionId,
  version: 1,
  ...stamps,
})

const dataset = (id: string, connectorId: string | null) => ({
  id,
  connectorId,
  typeName: 'SIMULATOR',
  name: `Dataset ${id}`,
  nameKey: `dataset ${id}`,
  description: null,
  query: { rows: 3 },
  version: 1,
  ...stamps,
})

const version = (id: string, state: 'PENDING' | 'ACTIVE' | 'RETIRED' | 'REAPING', connectorId = 'c1') => ({
  id,
  connectorId,
  store: 'SEALED' as const,
  state,
  copyOf: null,
  digests: { password: id },
  setAt: {},
  createdAt: at(0),
  stateAt: at(0),
})

const test = (id: string, minute: number, more: object = {}) => ({
  id,
  connectorId: 'c1',
  typeName: 'SIMULATOR',
  status: 'PASSED' as const,
  snapshot: { status: 'PASSED' },
  fingerprint: 'fingerprint',
  config: {},
  secretDigests: {},
  typeVersion: 1,
  startedBy: 'ada',
  targetHash: 'target',
  attemptKey: null,
  leaseOwner: null,
  leaseUntil: null,
  cancelRequested: false,
  startedAt: at(minute),
  finishedAt: at(minute + 1),
  ...more,
})

const running = { status: 'RUNNING' as const, leaseOwner: 'process', leaseUntil: at(600), finishedAt: null }

const event = (testId: string, sequence: number) => ({
  testId,
  sequence,
  event: { type: 'PLANNED' as const, steps: [], sequence, at: at(0).toISOString() },
  createdAt: at(0),
})

const entry = (id: string, action: string) => ({
  id,
  at: at(0),
  actorKind: 'USER' as const,
  actorId: 'ada',
  actorName: 'Ada',
  address: null,
  requestId: null,
  action,
  outcome: 'DONE' as const,
  reason: null,
  targetKind: 'CONNECTOR',
  targetId: 'c1',
  targetName: 'Connector c1',
  changedFields: [],
  details: {},
})

/** Twins of it have to be added by hand: other keys are made for a workspace by the program. */
export const workspaceKey = {
  id: 'key',
  purpose: 'SECRETS' as const,
  state: 'ACTIVE' as const,
  masterKeyId: 'master',
  wrappedKey: 'wrapped',
  createdAt: at(0),
}

/** Fills a workspace with one of everything, always the same. Ids of API tokens alone are unique over all workspaces. */
export async function addRows({ tables, write }: Database, workspaceId: string): Promise<void> {
  const inWorkspace = <Row extends object>(rows: readonly Row[]) => rows.map(row => ({ workspaceId, ...row }))
  await write(async tx => {
    await tx.insert(tables.workspaceKeys).values({ workspaceId, ...workspaceKey })
    await tx
      .insert(tables.secretVersions)
      .values(
        inWorkspace([
          version('v1', 'ACTIVE'),
          version('v2', 'PENDING'),
          version('v3', 'RETIRED', 'c9'),
          version('v4', 'REAPING'),
        ]),
      )
    await tx
      .insert(tables.sealedSecrets)
      .values(inWorkspace([{ versionId: 'v1', keyId: 'key', ciphertext: 'ciphertext' }]))
    await tx
      .insert(tables.connectors)
      .values(inWorkspace([connector('c1', 'v1'), connector('c2', null), connector('c3', null)]))
    await tx
      .insert(tables.datasets)
      .values(inWorkspace([dataset('d1', 'c1'), dataset('d2', 'c1'), dataset('d3', null), dataset('d4', 'c2')]))
    await tx
      .insert(tables.connectionTests)
      .values(
        inWorkspace([
          test('t1', 1),
          test('t2', 2, { status: 'FAILED', fingerprint: 'other' }),
          test('t3', 3, { ...running, connectorId: null, attemptKey: 'attempt' }),
          test('t4', 4, { connectorId: null }),
          test('t5', 5, { ...running, connectorId: null, targetHash: 'lost', leaseOwner: 'gone', leaseUntil: at(6) }),
        ]),
      )
    await tx.insert(tables.connectionTestEvents).values(inWorkspace([event('t1', 1), event('t1', 2), event('t3', 1)]))
    await tx
      .insert(tables.idempotencyKeys)
      .values(
        inWorkspace([
          { viewerId: 'ada', operation: 'create', key: 'key', requestHash: 'hash', resultId: 'c1', createdAt: at(0) },
        ]),
      )
    await tx.insert(tables.signInAccounts).values(
      inWorkspace([
        {
          account: 'account',
          failures: 1,
          failedSince: at(0),
          failedAt: at(0),
          provenBy: null,
          provenAt: null,
          keptUntil: at(5),
        },
      ]),
    )
    await tx
      .insert(tables.signInAttempts)
      .values(inWorkspace([{ runId: 't3', account: 'account', heldUntil: at(30), lostAt: null }]))
    const token = {
      name: 'Nightly',
      secretHash: 'hash',
      scopes: [],
      createdById: 'ada',
      createdBy: 'Ada',
      lastUsedAt: null,
    }
    const life = { createdAt: at(0), expiresAt: at(600), revokedAt: null, revokedBy: null }
    await tx.insert(tables.apiTokens).values(inWorkspace([{ id: `token of ${workspaceId}`, ...token, ...life }]))
    await tx
      .insert(tables.auditLog)
      .values(
        inWorkspace([
          entry('a1', 'CREATE_CONNECTOR'),
          entry('a2', 'UPDATE_CONNECTOR'),
          entry('a3', 'DELETE_CONNECTOR'),
        ]),
      )
    await tx.insert(tables.auditSeals).values(inWorkspace([{ sequence: 1, entryId: 'a1', seal: 'seal' }]))
  })
}
