import { createApiTokenStore } from '../../src/db/api-token-store.ts'
import { createAuditStore } from '../../src/db/audit-store.ts'
import { ConnectionTestLeases } from '../../src/db/connection-test-leases.ts'
import { ConnectionTestRetention } from '../../src/db/connection-test-retention.ts'
import { ConnectionTestStore } from '../../src/db/connection-test-store.ts'
import { createConnectorStore } from '../../src/db/connector-store.ts'
import type { Database, Writer } from '../../src/db/database.ts'
import { createDatasetStore } from '../../src/db/dataset-store.ts'
import { createIdempotencyStore } from '../../src/db/idempotency-store.ts'
import { createSecretVersionStore } from '../../src/db/secret-version-store.ts'
import { createSignInStore } from '../../src/db/sign-in-store.ts'
import { createVerificationStore } from '../../src/db/verification-store.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'

export const storesOn = (database: Database) => ({
  apiTokens: createApiTokenStore(database),
  audit: createAuditStore(database),
  leases: new ConnectionTestLeases(database),
  retention: new ConnectionTestRetention(database),
  tests: new ConnectionTestStore(database),
  connectors: createConnectorStore(database),
  datasets: createDatasetStore(database),
  idempotency: createIdempotencyStore(database),
  secretVersions: createSecretVersionStore(database),
  signIns: createSignInStore(database),
  verification: createVerificationStore(database),
})
export type Stores = ReturnType<typeof storesOn>

/** What is done with one function of a store; the answer is compared. */
export interface StoreCase {
  /** `connectors.find`, with words behind it where there are several. */
  readonly name: string
  run(stores: Stores, database: Database): Promise<unknown>
}

const south = WorkspaceScope.of('south')
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute))
const now = at(10)
const byName = { first: 10, after: null, orderBy: { field: 'NAME', direction: 'ASC' } } as const
const allConnectors = { searchKey: null, typeNames: null }
const allDatasets = { searchKey: null, connectorId: null, status: null }
const address = (id: string) => ({ workspace: south, id })
const key = { workspace: south, viewerId: 'ada', operation: 'create', key: 'key' }
const account = { workspace: south, account: 'account' }
const run = { workspace: south, runId: 't3' }
const lease = { owner: 'process', until: at(700) }
const allEntries = { actions: null, outcomes: null, actorId: null, target: null, fromId: null, toId: null }
const snapshot = (status: 'RUNNING' | 'PASSED') =>
  ({
    sequence: 2,
    status,
    steps: [],
    startedAt: at(3).toISOString(),
    finishedAt: null,
    durationMs: null,
    problem: null,
  }) as const

const reading = (name: string, read: (stores: Stores) => Promise<unknown>): StoreCase => ({ name, run: read })
const writing = (name: string, write: (stores: Stores, tx: Writer) => Promise<unknown>): StoreCase => ({
  name,
  run: (stores, database) => database.write(tx => write(stores, tx)),
})

/** In this order: what reads first, and what takes away last. */
export const storeCases: readonly StoreCase[] = [
  reading('connectors.find by id', s => s.connectors.find(south, { id: 'c1' })),
  reading('connectors.find by name', s => s.connectors.find(south, { nameKey: 'connector c1' })),
  reading('connectors.find by key', s => s.connectors.find(south, { externalKey: 'key of c1' })),
  reading('connectors.findStored', s => s.connectors.findStored(south, { id: 'c1' })),
  reading('connectors.findStored by name', s => s.connectors.findStored(south, { nameKey: 'connector c1' })),
  reading('connectors.findMany', s => s.connectors.findMany(south, ['c1', 'c2', 'c9'])),
  reading('connectors.page', async s => (await s.connectors.page(south, byName, allConnectors)).rows),
  reading('connectors.count', s => s.connectors.count(south, allConnectors)),
  reading('connectors.secretVersions', async s => [...(await s.connectors.secretVersions(south, ['v1', 'v3']))]),
  reading('connectors.withNameOrKey', s =>
    s.connectors.withNameOrKey(south, { nameKey: 'connector c1', externalKey: 'key of c2', exceptId: null }),
  ),
  writing('connectors.findInTransaction', (s, tx) => s.connectors.findInTransaction(tx, south, 'c1')),
  reading('datasets.find', s => s.datasets.find(south, 'd1')),
  reading('datasets.findMany', s => s.datasets.findMany(south, ['d1', 'd3', 'd9'])),
  reading('datasets.page', async s => (await s.datasets.page(south, byName, allDatasets)).rows),
  reading(
    'datasets.page of a connector',
    async s => (await s.datasets.page(south, byName, { ...allDatasets, connectorId: 'c1' })).rows,
  ),
  reading('datasets.count', s => s.datasets.count(south, { ...allDatasets, connectorId: 'c1' })),
  reading('datasets.countsOfConnectors', s => s.datasets.countsOfConnectors(south, ['c1', 'c2'])),
  reading('datasets.firstPagesOfConnectors', async s =>
    (await s.datasets.firstPagesOfConnectors(south, ['c1', 'c2'], 2)).map(page => page.rows),
  ),
  writing('datasets.idsOfConnector', async (s, tx) => [...(await s.datasets.idsOfConnector(tx, south, 'c1'))].sort()),
  writing('datasets.findInTransaction', (s, tx) => s.datasets.findInTransaction(tx, south, 'd1')),
  reading('tests.find', s => s.tests.find(address('t1'))),
  reading('tests.findMany', s => s.tests.findMany(south, ['t1', 't2'])),
  reading(
    'tests.pageOfConnector',
    async s => (await s.tests.pageOfConnector(south, 'c1', { first: 9, after: null })).rows,
  ),
  reading('tests.eventsAfter', s => s.tests.eventsAfter(address('t1'), 0, 10)),
  writing('tests.findAttempt', (s, tx) => s.tests.findAttempt(tx, south, 'ada', 'attempt')),
  writing('tests.findRunning', (s, tx) => s.tests.findRunning(tx, south, 'ada', 'target', now)),
  writing('tests.countRunning', (s, tx) => s.tests.countRunning(tx, south, now)),
  reading('tests.findLastPassed', s => s.tests.findLastPassed(south, 'c1', at(60))),
  reading('verification.find', s => s.verification.find(south, 't1')),
  reading('verification.latestOfConnectors', async s => [
    ...(await s.verification.latestOfConnectors(south, [{ connectorId: 'c1', fingerprint: 'fingerprint' }])),
  ]),
  reading('secretVersions.find', s => s.secretVersions.find(address('v1'))),
  reading('secretVersions.activeOfConnector', s => s.secretVersions.activeOfConnector(south, 'c1')),
  reading('secretVersions.pointerOfConnector', s => s.secretVersions.pointerOfConnector(south, 'c1')),
  reading('idempotency.find', s => s.idempotency.find(key)),
  writing('signIns.find', (s, tx) => s.signIns.find(tx, account)),
  writing('signIns.attempts', (s, tx) => s.signIns.attempts(tx, account, 'another', now)),
  reading('apiTokens.findMany', s => s.apiTokens.findMany(south, ['token of south', 'token of north'])),
  reading(
    'apiTokens.page',
    async s =>
      (await s.apiTokens.page(south, { first: 9, after: null }, { status: null, createdById: null }, now)).rows,
  ),
  reading('apiTokens.count', s => s.apiTokens.count(south, { status: null, createdById: null }, now)),
  writing('apiTokens.countActive', (s, tx) => s.apiTokens.countActive(tx, south, now)),
  writing('apiTokens.findInTransaction', (s, tx) => s.apiTokens.findInTransaction(tx, south, 'token of north')),
  reading('audit.page', async s => (await s.audit.page(south, { first: 9, after: null }, allEntries)).rows),
  reading('audit.range', s => s.audit.range(south, { afterId: '', toId: 'b' }, 9)),
  reading('audit.lastSeal', s => s.audit.lastSeal(south)),
  reading('audit.unsealed', s => s.audit.unsealed(south, '', 9)),
  reading('audit.sealed', s => s.audit.sealed(south, 0, 9)),

  writing('connectors.update', (s, tx) => s.connectors.update(tx, south, 'c1', 1, { description: 'changed' })),
  writing('datasets.update', (s, tx) => s.datasets.update(tx, south, 'd1', 1, { description: 'changed' })),
  writing('tests.setAttemptKey', (s, tx) => s.tests.setAttemptKey(tx, address('t3'), 'another')),
  writing('tests.loseSignIns', (s, tx) => s.tests.loseSignIns(tx, address('t3'), now)),
  writing('tests.requestCancel', (s, tx) => s.tests.requestCancel(tx, address('t3'))),
  writing('leases.hold', (s, tx) => s.leases.hold(tx, address('t3'), 'process')),
  reading('leases.renewLeases', s => s.leases.renewLeases(lease, [address('t3')])),
  writing('leases.takeOver', (s, tx) => s.leases.takeOver(tx, address('t5'), 'process', { leaseOverAt: now })),
  writing('tests.append', (s, tx) =>
    s.tests.append(tx, address('t3'), 'process', snapshot('RUNNING'), [
      { type: 'PLANNED', steps: [], sequence: 2, at: at(4).toISOString() },
    ]),
  ),
  writing('verification.attach', (s, tx) => s.verification.attach(tx, south, 't4', 'c2')),
  writing('secretVersions.advance', (s, tx) =>
    s.secretVersions.advance(tx, address('v2'), ['PENDING', 'REAPING'], now),
  ),
  writing('secretVersions.repointConnector', (s, tx) =>
    s.secretVersions.repointConnector(tx, south, 'c1', { from: 'v1', to: 'v2' }),
  ),
  writing('secretVersions.remove', (s, tx) => s.secretVersions.remove(tx, address('v4'), 'REAPING')),
  writing('signIns.save', (s, tx) =>
    s.signIns.save(tx, account, {
      failures: 2,
      failedSince: at(0),
      failedAt: at(1),
      provenBy: null,
      provenAt: null,
      keptUntil: at(6),
    }),
  ),
  writing('signIns.addAttempt', (s, tx) =>
    s.signIns.addAttempt(tx, { workspace: south, runId: 'r2' }, 'account', at(40)),
  ),
  writing('signIns.loseAttempts', (s, tx) =>
    s.signIns.loseAttempts(tx, run, ['account'], { lostAt: at(4), heldUntil: at(20) }),
  ),
  writing('signIns.endAttempts', (s, tx) => s.signIns.endAttempts(tx, run, ['account'])),
  writing('idempotency.record', (s, tx) =>
    s.idempotency.record(tx, key, { requestHash: 'new', resultId: 'c2', createdAt: at(9) }, at(5)),
  ),
  writing('apiTokens.revoke', (s, tx) =>
    s.apiTokens.revoke(tx, south, 'token of north', { revokedAt: now, revokedBy: 'Ada' }),
  ),
  reading('apiTokens.markUsed', s => s.apiTokens.markUsed(south, 'token of north', now, at(9))),
  writing('audit.seal', (s, tx) => s.audit.seal(tx, south, [{ sequence: 2, entryId: 'a2', seal: 'seal' }])),
  writing('retention.makeRoom', (s, tx) => s.retention.makeRoom(tx, south, 'c1')),
  reading('retention.pruneEvents', s => s.retention.pruneEvents(at(5), 9)),
  writing('verification.detachFromConnector', (s, tx) => s.verification.detachFromConnector(tx, south, 'c1')),
  writing('datasets.remove', (s, tx) => s.datasets.remove(tx, south, 'd3')),
  writing('datasets.removeOfConnector', (s, tx) => s.datasets.removeOfConnector(tx, south, 'c1', ['d1'])),
  writing('datasets.detachFromConnector', (s, tx) =>
    s.datasets.detachFromConnector(tx, south, 'c1', { updatedAt: now, updatedBy: 'Ada' }),
  ),
  writing('connectors.remove', (s, tx) => s.connectors.remove(tx, south, 'c3')),
  writing('secretVersions.claimExpired', (s, tx) =>
    s.secretVersions.claimExpired(tx, { pendingSince: at(-9), retiredSince: at(5) }, now),
  ),
]

/** Functions that no case is about, and why. */
export const uncased: Readonly<Record<string, string>> = {
  'apiTokens.findToSignIn': 'Finds the token of any workspace: whose it is is not known yet. See test/identity.',
  'apiTokens.insert': 'Only adds a row, with the workspace of the scope; see `inserted` in stores.test.ts.',
  'audit.append': 'Only adds rows, with the workspace of the scope.',
  'audit.workspaceAfter': 'Lists workspaces, for background work.',
  'connectors.insert': 'Only adds a row, with the workspace of the scope.',
  'datasets.insert': 'Only adds a row, with the workspace of the scope.',
  'tests.insert': 'Only adds rows, with the workspace of the scope.',
  'secretVersions.insert': 'Only adds a row, with the workspace of the scope.',
  'secretVersions.isAnyActiveIn': 'Is about all workspaces, for the start of the program.',
  'secretVersions.someReaping': 'Is about all workspaces, for background work.',
  'secretVersions.someFenced': 'Is about all workspaces, for background work.',
  'signIns.prune': 'Is about all workspaces, for background work.',
  'idempotency.prune': 'Is about all workspaces, for background work.',
  'leases.findAbandoned': 'Is about all workspaces, for background work.',
  'retention.pruneDrafts': 'Is about all workspaces, for background work.',
}
