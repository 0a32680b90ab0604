import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyEvent, type TestEvent, type TestSnapshot } from '../../src/connectors/connection-test.ts'
import { createApiTokenStore } from '../../src/db/api-token-store.ts'
import { createAuditStore } from '../../src/db/audit-store.ts'
import { ConnectionTestLeases } from '../../src/db/connection-test-leases.ts'
import { ConnectionTestRetention, keptPerConnector } from '../../src/db/connection-test-retention.ts'
import { ConnectionTestStore } from '../../src/db/connection-test-store.ts'
import { createConnectorStore } from '../../src/db/connector-store.ts'
import type { Database, Writer } from '../../src/db/database.ts'
import { createDatasetStore } from '../../src/db/dataset-store.ts'
import { isForeignKeyViolation } from '../../src/db/foreign-key-violation.ts'
import { createIdempotencyStore } from '../../src/db/idempotency-store.ts'
import { createSecretVersionStore } from '../../src/db/secret-version-store.ts'
import { createSignInStore } from '../../src/db/sign-in-store.ts'
import { createVerificationStore } from '../../src/db/verification-store.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { testDatabases } from '../servers/databases.ts'
import { rowsOfWorkspace, type SeededWorkspace, seedWorkspace, tokenIdIn } from './seeded-workspace.ts'

const later = new Date('2026-06-01T00:00:00.000Z')
const earlier = new Date('2020-01-01T00:00:00.000Z')

const stores = {
  connector: createConnectorStore,
  dataset: createDatasetStore,
  verification: createVerificationStore,
  idempotency: createIdempotencyStore,
  signIn: createSignInStore,
  secretVersion: createSecretVersionStore,
  apiToken: createApiTokenStore,
  audit: createAuditStore,
  test: (database: Database) => new ConnectionTestStore(database),
  lease: (database: Database) => new ConnectionTestLeases(database),
  retention: (database: Database) => new ConnectionTestRetention(database),
}
type StoreName = keyof typeof stores
type Stores = { readonly [Name in StoreName]: ReturnType<(typeof stores)[Name]> }

/** Of all workspaces, by their nature. What they answer and do is said where they are tested. */
const ofAllWorkspaces: Partial<Record<StoreName, readonly string[]>> = {
  idempotency: ['prune'],
  signIn: ['prune'],
  secretVersion: ['claimExpired', 'isAnyActiveIn', 'someReaping', 'someFenced'],
  // Before it is known whose token it is.
  apiToken: ['findToSignIn'],
  audit: ['workspaceAfter'],
  // Of the process that holds the leases.
  lease: ['findAbandoned', 'renewLeases'],
  retention: ['pruneEvents', 'pruneDrafts'],
}

type Call = (stores: Stores, database: Database, seeded: SeededWorkspace) => Promise<unknown>
type Method<Name extends StoreName> = Exclude<keyof Stores[Name], number | symbol>

const changing =
  (change: (stores: Stores, tx: Writer, seeded: SeededWorkspace) => Promise<unknown>): Call =>
  (all, database, seeded) =>
    database.write(tx => change(all, tx, seeded))

const first = { first: 10, after: null }
const byName = { ...first, orderBy: { field: 'NAME', direction: 'ASC' } } as const
const byTime = { ...first, orderBy: { field: 'CREATED_AT', direction: 'ASC' } } as const
const everything = { searchKey: null, typeNames: null }
const everyDataset = { searchKey: null, connectorId: null, status: null }
const anyToken = { status: null, createdById: null }
const anyEntry = { actions: null, outcomes: null, actorId: null, target: null, fromId: null, toId: null }
const record = { failures: 7, failedSince: null, failedAt: null, provenBy: 'other', provenAt: null, keptUntil: later }
const stamp = { updatedAt: later, updatedBy: 'changed' }
const finished = (seeded: SeededWorkspace): readonly [TestSnapshot, readonly TestEvent[]] => {
  const event: TestEvent = {
    type: 'FINISHED',
    sequence: 2,
    at: later.toISOString(),
    status: 'ERRORED',
    durationMs: 5,
    problem: null,
  }
  return [applyEvent(seeded.snapshot, event), [event]]
}
/** The rows of a case carry the other workspace's id, as a careless caller's might. */
const misplaced = { workspaceId: 'misplaced' }

/**
 * Each method of each store. Called for one of two workspaces that have the same ids, so that whatever leaves the
 * workspace out of a query meets the other one's row.
 */
const reads: { readonly [Name in StoreName]?: Partial<Record<Method<Name>, readonly Call[]>> } = {
  connector: {
    find: [
      ({ connector }, _, { workspace }) => connector.find(workspace, { id: 'connector' }),
      ({ connector }, _, { workspace }) => connector.find(workspace, { nameKey: 'shared' }),
      ({ connector }, _, { workspace }) => connector.find(workspace, { externalKey: 'shared' }),
    ],
    findStored: [({ connector }, _, { workspace }) => connector.findStored(workspace, { id: 'connector' })],
    findMany: [({ connector }, _, { workspace }) => connector.findMany(workspace, ['connector'])],
    page: [
      ({ connector }, _, { workspace }) => connector.page(workspace, byName, everything),
      ({ connector }, _, { workspace }) => connector.page(workspace, byTime, { searchKey: 'a', typeNames: ['TYPE'] }),
    ],
    count: [({ connector }, _, { workspace }) => connector.count(workspace, everything)],
    secretVersions: [
      async ({ connector }, _, { workspace }) => [...(await connector.secretVersions(workspace, ['version']))],
    ],
    withNameOrKey: [
      ({ connector }, _, { workspace }) =>
        connector.withNameOrKey(workspace, { nameKey: 'shared', externalKey: null, exceptId: null }),
    ],
    findInTransaction: [
      changing(({ connector }, tx, { workspace }) => connector.findInTransaction(tx, workspace, 'connector')),
    ],
  },
  dataset: {
    find: [({ dataset }, _, { workspace }) => dataset.find(workspace, 'dataset')],
    findMany: [({ dataset }, _, { workspace }) => dataset.findMany(workspace, ['dataset'])],
    page: [
      ({ dataset }, _, { workspace }) => dataset.page(workspace, byName, everyDataset),
      ({ dataset }, _, { workspace }) =>
        dataset.page(workspace, byTime, { searchKey: 'a', connectorId: 'connector', status: 'CONNECTED' }),
    ],
    count: [({ dataset }, _, { workspace }) => dataset.count(workspace, everyDataset)],
    countsOfConnectors: [({ dataset }, _, { workspace }) => dataset.countsOfConnectors(workspace, ['connector'])],
    firstPagesOfConnectors: [
      ({ dataset }, _, { workspace }) => dataset.firstPagesOfConnectors(workspace, ['connector'], 10),
    ],
    idsOfConnector: [({ dataset }, { read }, { workspace }) => dataset.idsOfConnector(read, workspace, 'connector')],
    findInTransaction: [
      changing(({ dataset }, tx, { workspace }) => dataset.findInTransaction(tx, workspace, 'dataset')),
    ],
  },
  verification: {
    find: [({ verification }, _, { workspace }) => verification.find(workspace, 'ended')],
    latestOfConnectors: [
      async ({ verification }, _, { workspace }) => [
        ...(await verification.latestOfConnectors(workspace, [{ connectorId: 'connector', fingerprint: 'print' }])),
      ],
    ],
  },
  idempotency: {
    find: [({ idempotency }, _, { workspace }) => idempotency.find({ workspace, ...requestKey })],
  },
  signIn: {
    find: [changing(({ signIn }, tx, { workspace }) => signIn.find(tx, { workspace, account: 'account' }))],
    attempts: [
      changing(({ signIn }, tx, { workspace }) =>
        signIn.attempts(tx, { workspace, account: 'account' }, 'another run', earlier),
      ),
    ],
  },
  secretVersion: {
    find: [({ secretVersion }, _, { workspace }) => secretVersion.find({ workspace, id: 'version' })],
    activeOfConnector: [
      ({ secretVersion }, _, { workspace }) => secretVersion.activeOfConnector(workspace, 'connector'),
    ],
    pointerOfConnector: [
      ({ secretVersion }, _, { workspace }) => secretVersion.pointerOfConnector(workspace, 'connector'),
    ],
  },
  apiToken: {
    findMany: [
      async ({ apiToken }, _, { workspace, tokenIds }) => present(await apiToken.findMany(workspace, tokenIds)),
    ],
    page: [({ apiToken }, _, { workspace }) => apiToken.page(workspace, first, anyToken, earlier)],
    count: [({ apiToken }, _, { workspace }) => apiToken.count(workspace, anyToken, earlier)],
    countActive: [changing(({ apiToken }, tx, { workspace }) => apiToken.countActive(tx, workspace, earlier))],
    findInTransaction: [
      changing(async ({ apiToken }, tx, { workspace, tokenIds }) =>
        present(await Promise.all(tokenIds.map(id => apiToken.findInTransaction(tx, workspace, id)))),
      ),
    ],
  },
  audit: {
    page: [({ audit }, _, { workspace }) => audit.page(workspace, first, anyEntry)],
    range: [({ audit }, _, { workspace }) => audit.range(workspace, { afterId: '', toId: '~' }, 10)],
    lastSeal: [({ audit }, _, { workspace }) => audit.lastSeal(workspace)],
    unsealed: [({ audit }, _, { workspace }) => audit.unsealed(workspace, '', 10)],
    sealed: [({ audit }, _, { workspace }) => audit.sealed(workspace, 0, 10)],
  },
  test: {
    find: [({ test: tests }, _, { workspace }) => tests.find({ workspace, id: 'ended' })],
    findMany: [({ test: tests }, _, { workspace }) => tests.findMany(workspace, ['ended', 'running'])],
    pageOfConnector: [({ test: tests }, _, { workspace }) => tests.pageOfConnector(workspace, 'connector', first)],
    eventsAfter: [({ test: tests }, _, { workspace }) => tests.eventsAfter({ workspace, id: 'running' }, 0, 10)],
    findAttempt: [
      ({ test: tests }, { read }, { workspace }) => tests.findAttempt(read, workspace, 'viewer', 'attempt'),
    ],
    findRunning: [
      ({ test: tests }, { read }, { workspace }) => tests.findRunning(read, workspace, 'viewer', 'target', earlier),
    ],
    countRunning: [changing(({ test: tests }, tx, { workspace }) => tests.countRunning(tx, workspace, earlier))],
    findLastPassed: [({ test: tests }, _, { workspace }) => tests.findLastPassed(workspace, 'connector', later)],
  },
}

const present = <T>(found: readonly (T | null)[]): readonly T[] => found.filter(each => each !== null)
const requestKey = { viewerId: 'viewer', operation: 'create', key: 'key' }

const changes: { readonly [Name in StoreName]?: Partial<Record<Method<Name>, readonly Call[]>> } = {
  connector: {
    insert: [
      changing(({ connector }, tx, { workspace, rows }) =>
        connector.insert(tx, workspace, {
          ...rows.connector,
          ...misplaced,
          id: 'new',
          nameKey: 'new',
          externalKey: null,
        }),
      ),
    ],
    update: [
      changing(({ connector }, tx, { workspace }) => connector.update(tx, workspace, 'connector', 1, stamp)),
      changing(({ connector }, tx, { workspace }) => connector.update(tx, workspace, 'connector', 1, { config: {} })),
    ],
    remove: [
      changing(async ({ connector, dataset, verification }, tx, { workspace }) => {
        await dataset.detachFromConnector(tx, workspace, 'connector', stamp)
        await verification.detachFromConnector(tx, workspace, 'connector')
        await connector.remove(tx, workspace, 'connector')
      }),
    ],
  },
  dataset: {
    insert: [
      changing(({ dataset }, tx, { workspace, rows }) =>
        dataset.insert(tx, workspace, { ...rows.dataset, ...misplaced, id: 'new', nameKey: 'new' }),
      ),
    ],
    update: [changing(({ dataset }, tx, { workspace }) => dataset.update(tx, workspace, 'dataset', 1, stamp))],
    remove: [changing(({ dataset }, tx, { workspace }) => dataset.remove(tx, workspace, 'dataset'))],
    removeOfConnector: [
      changing(({ dataset }, tx, { workspace }) => dataset.removeOfConnector(tx, workspace, 'connector', ['dataset'])),
    ],
    detachFromConnector: [
      changing(({ dataset }, tx, { workspace }) => dataset.detachFromConnector(tx, workspace, 'connector', stamp)),
    ],
  },
  verification: {
    attach: [
      changing(({ verification }, tx, { workspace }) => verification.attach(tx, workspace, 'draft', 'connector')),
    ],
    detachFromConnector: [
      changing(({ verification }, tx, { workspace }) => verification.detachFromConnector(tx, workspace, 'connector')),
    ],
  },
  idempotency: {
    record: [
      changing(({ idempotency }, tx, { workspace }) =>
        idempotency.record(
          tx,
          { workspace, ...requestKey },
          { requestHash: 'changed', resultId: 'changed', createdAt: later },
          later,
        ),
      ),
    ],
  },
  signIn: {
    save: [
      changing(({ signIn }, tx, { workspace }) =>
        signIn.save(tx, { workspace, account: 'account' }, { ...record, ...misplaced }),
      ),
      changing(({ signIn }, tx, { workspace }) => signIn.save(tx, { workspace, account: 'new' }, record)),
    ],
    addAttempt: [
      changing(({ signIn }, tx, { workspace }) =>
        signIn.addAttempt(tx, { workspace, runId: 'run' }, 'another account', later),
      ),
    ],
    endAttempts: [
      changing(({ signIn }, tx, { workspace }) => signIn.endAttempts(tx, { workspace, runId: 'run' }, ['account'])),
    ],
    loseAttempts: [
      changing(({ signIn }, tx, { workspace }) =>
        signIn.loseAttempts(tx, { workspace, runId: 'run' }, ['account'], { lostAt: earlier, heldUntil: later }),
      ),
    ],
  },
  secretVersion: {
    insert: [
      changing(({ secretVersion }, tx, { workspace, rows }) =>
        secretVersion.insert(tx, workspace, { ...rows.secretVersion, ...misplaced, id: 'new' }),
      ),
    ],
    advance: [
      changing(({ secretVersion }, tx, { workspace }) =>
        secretVersion.advance(tx, { workspace, id: 'version' }, ['ACTIVE', 'RETIRED'], later),
      ),
    ],
    remove: [
      changing(({ secretVersion }, tx, { workspace }) =>
        secretVersion.remove(tx, { workspace, id: 'unused' }, 'PENDING'),
      ),
    ],
    repointConnector: [
      changing(({ secretVersion }, tx, { workspace }) =>
        secretVersion.repointConnector(tx, workspace, 'connector', { from: 'version', to: 'unused' }),
      ),
    ],
  },
  apiToken: {
    insert: [
      changing(({ apiToken }, tx, { workspace, rows }) =>
        apiToken.insert(tx, workspace, { ...rows.apiToken, ...misplaced, id: `new-${workspace.id}` }),
      ),
    ],
    revoke: [
      changing(async ({ apiToken }, tx, { workspace, tokenIds }) => {
        for (const id of tokenIds) {
          await apiToken.revoke(tx, workspace, id, { revokedAt: later, revokedBy: 'changed' })
        }
      }),
    ],
    markUsed: [
      async ({ apiToken }, _, { workspace, tokenIds }) => {
        for (const id of tokenIds) await apiToken.markUsed(workspace, id, later, later)
      },
    ],
  },
  audit: {
    append: [
      changing(({ audit }, tx, { workspace, rows }) =>
        audit.append(tx, workspace, [{ ...rows.auditEntry, ...misplaced, id: 'new' }]),
      ),
    ],
    seal: [
      changing(({ audit }, tx, { workspace }) =>
        audit.seal(tx, workspace, [{ ...misplaced, sequence: 2, entryId: 'unsealed', seal: 'new' }]),
      ),
    ],
  },
  test: {
    insert: [
      changing(({ test: tests }, tx, { workspace, rows, snapshot, events }) => {
        const row = { ...rows.connectionTest, ...misplaced, id: 'new', attemptKey: null }
        return tests.insert(tx, workspace, row, snapshot, events, { owner: 'process', until: later })
      }),
    ],
    setAttemptKey: [
      changing(({ test: tests }, tx, { workspace }) => tests.setAttemptKey(tx, { workspace, id: 'running' }, 'new')),
    ],
    append: [
      changing(({ test: tests }, tx, seeded) => {
        const address = { workspace: seeded.workspace, id: 'running' }
        return tests.append(tx, address, 'process', ...finished(seeded))
      }),
    ],
    requestCancel: [
      changing(({ test: tests }, tx, { workspace }) => tests.requestCancel(tx, { workspace, id: 'running' })),
    ],
    loseSignIns: [
      changing(({ test: tests }, tx, { workspace }) => tests.loseSignIns(tx, { workspace, id: 'run' }, later)),
    ],
  },
  lease: {
    hold: [
      changing(async ({ lease }, tx, { workspace }) => {
        // Changes nothing but locks.
        const held = await lease.hold(tx, { workspace, id: 'running' }, 'process')
        if (held?.workspaceId !== workspace.id) throw new RangeError('The row is of another workspace.')
        await lease.takeOver(tx, { workspace, id: 'running' }, 'other', { notOwner: 'other' })
      }),
    ],
    takeOver: [
      changing(({ lease }, tx, { workspace }) =>
        lease.takeOver(tx, { workspace, id: 'running' }, 'other', { notOwner: 'other' }),
      ),
    ],
  },
  retention: {
    makeRoom: [
      changing(async ({ test: tests, retention }, tx, { workspace, rows, ended, events }) => {
        for (let index = 0; index < keptPerConnector; index++) {
          const row = { ...rows.connectionTest, id: `more-${index}`, attemptKey: null }
          await tests.insert(tx, workspace, row, ended, events, { owner: 'process', until: later })
        }
        await retention.makeRoom(tx, workspace, 'connector')
      }),
    ],
  },
}

const casesOf = (of: typeof reads | typeof changes) =>
  Object.entries(of).flatMap(([store, methods]) =>
    Object.entries(methods as Record<string, readonly Call[]>).flatMap(([method, calls]) =>
      calls.map((call, index) => ({ name: `${store}.${method} ${index}`, call })),
    ),
  )

const methodsOf = (store: object): readonly string[] => {
  const prototype: object = Object.getPrototypeOf(store)
  const own = prototype === Object.prototype ? Object.keys(store) : Object.getOwnPropertyNames(prototype)
  return own.filter(name => {
    const { value } = Object.getOwnPropertyDescriptor(prototype === Object.prototype ? store : prototype, name) ?? {}
    return name !== 'constructor' && typeof value === 'function'
  })
}

describe.each(testDatabases)('the stores on $name', ({ open }) => {
  let database: Database
  let all: Stores
  let count = 0
  beforeAll(async () => {
    database = await open()
    all = Object.fromEntries(Object.entries(stores).map(([name, create]) => [name, create(database)])) as Stores
  })
  afterAll(() => database.close())

  /** Two workspaces that nobody has used. */
  const scopes = () => {
    count++
    return [WorkspaceScope.of(`north-${count}`), WorkspaceScope.of(`south-${count}`)] as const
  }
  const seeded = (workspace: WorkspaceScope) =>
    seedWorkspace(database, workspace, [tokenIdIn(`north-${count}`), tokenIdIn(`south-${count}`)])
  const seedBoth = async () => {
    const [north, south] = scopes()
    return { north: await seeded(north), south: await seeded(south) }
  }
  const rowsOf = ({ workspace }: SeededWorkspace) => rowsOfWorkspace(database, workspace.id)

  test('have a case for each of their methods', () => {
    for (const name of Object.keys(stores) as StoreName[]) {
      const covered = [...Object.keys(reads[name] ?? {}), ...Object.keys(changes[name] ?? {})]
      expect([name, [...covered, ...(ofAllWorkspaces[name] ?? [])].toSorted()]).toEqual([
        name,
        methodsOf(all[name]).toSorted(),
      ])
    }
  })

  test.each(casesOf(reads))('$name answers as if there were no other workspace', async ({ call }) => {
    const [north, south] = scopes()
    const inNorth = await seeded(north)
    const alone = answerOf(await call(all, database, inNorth))
    expect(['null', '[]', '[null]', '0', '[0]']).not.toContain(alone)
    // Those of earlier tests, which have the same ids, are there all the time.
    for (const [named] of alone.matchAll(/(?:north|south)-\d+/g)) expect(named).toBe(north.id)
    const inSouth = await seeded(south)
    const before = await rowsOfWorkspace(database, north.id)
    expect(answerOf(await call(all, database, inNorth))).toBe(alone)
    expect(answerOf(await call(all, database, inSouth))).toBe(alone.replaceAll(north.id, south.id))
    expect(await rowsOfWorkspace(database, north.id)).toEqual(before)
  })

  test.each(casesOf(changes))('$name changes the rows of its workspace alone', async ({ call }) => {
    const { north, south } = await seedBoth()
    const before = { north: await rowsOf(north), south: await rowsOf(south) }
    const answer = JSON.stringify((await call(all, database, south)) ?? null)
    expect(answer).not.toContain(north.workspace.id)
    expect(answer).not.toContain(misplaced.workspaceId)
    expect(await rowsOf(north)).toEqual(before.north)
    expect(await rowsOf(south)).not.toEqual(before.south)
    expect(await rowsOfWorkspace(database, misplaced.workspaceId)).toEqual({})

    // What it adds to a workspace without rows may refer to what is not there.
    const nowhere = { ...south, workspace: WorkspaceScope.of(`nowhere-${count}`) }
    await call(all, database, nowhere).catch(error => {
      if (!isForeignKeyViolation(error) && !(error instanceof RangeError)) throw error
    })
    expect(await rowsOf(north)).toEqual(before.north)
  })
})

/** Cursors hold ids in a form in which they cannot be compared. */
const answerOf = (answer: unknown): string =>
  JSON.stringify(answer ?? null, (key, value) => (key === 'cursors' ? undefined : value))
