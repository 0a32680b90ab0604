import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestEvent } from '../../src/connectors/connection-test.ts'
import { applyEvent } from '../../src/connectors/connection-test.ts'
import { ConnectionTestStore } from '../../src/db/connection-test-store.ts'
import type { Database } from '../../src/db/database.ts'
import { type AccountRecord, createSignInStore, type SignInStore } from '../../src/db/sign-in-store.ts'
import { testDatabases } from '../servers/databases.ts'

const now = new Date('2026-11-22T09:30:00.000Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)
const record = (change: Partial<AccountRecord> = {}): AccountRecord => ({
  failures: 2,
  failedSince: now,
  failedAt: later(5),
  provenBy: null,
  provenAt: null,
  keptUntil: later(900),
  ...change,
})

describe.each(testDatabases)('accounts and sign-ins on $name', ({ open }) => {
  let database: Database
  let store: SignInStore
  beforeAll(async () => {
    database = await open()
    store = createSignInStore(database)
  })
  afterAll(() => database.close())

  const find = (workspaceId: string, account: string) => database.write(tx => store.find(tx, { workspaceId, account }))
  const save = (workspaceId: string, account: string, saved: AccountRecord) =>
    database.write(tx => store.save(tx, { workspaceId, account }, saved))
  const begin = (workspaceId: string, runId: string, account: string, heldUntil = later(60)) =>
    database.write(tx => store.addAttempt(tx, { workspaceId, runId }, account, heldUntil))
  const count = (workspaceId: string, account: string, exceptRunId = '', at = now) =>
    database.write(tx => store.countAttempts(tx, { workspaceId, account }, exceptRunId, at))

  test('what is remembered of an account is replaced, in its workspace only', async () => {
    await save('north', 'a', record())
    await save('north', 'a', record({ failures: 3 }))
    await save('south', 'a', record({ failures: 1 }))
    expect(await find('north', 'a')).toMatchObject(record({ failures: 3 }))
    expect(await find('south', 'a')).toMatchObject({ failures: 1 })
    expect(await find('north', 'b')).toBeNull()
  })

  test('sign-ins under way are counted for the account, without the own one and those that are over', async () => {
    await begin('north', 'one', 'counted')
    await begin('north', 'two', 'counted', later(10))
    await begin('north', 'two', 'another')
    await begin('south', 'one', 'counted')
    expect(await count('north', 'counted')).toBe(2)
    expect(await count('north', 'counted', 'one')).toBe(1)
    expect(await count('north', 'counted', '', later(10))).toBe(1)
    await database.write(tx => store.endAttempts(tx, { workspaceId: 'north', runId: 'two' }, ['counted']))
    expect(await count('north', 'counted', '')).toBe(1)
    expect(await count('north', 'another')).toBe(1)
    expect(await count('south', 'counted')).toBe(1)
  })

  test('a test that ends, however it does, has no sign-in under way any more', async () => {
    const tests = new ConnectionTestStore(database)
    const at = now.toISOString()
    const planned: TestEvent = { type: 'PLANNED', sequence: 1, at, steps: [] }
    const finished: TestEvent = { type: 'FINISHED', sequence: 2, at, status: 'ERRORED', durationMs: 5, problem: null }
    const begun = applyEvent(null, planned)
    const address = { workspaceId: 'north', id: 'ending' }
    const row = {
      ...address,
      connectorId: null,
      typeName: 'POSTGRES',
      typeVersion: 1,
      fingerprint: 'print',
      config: {},
      secretDigests: {},
      startedBy: 'ada',
      targetHash: 'target',
      attemptKey: null,
    }
    await database.write(tx => tests.insert(tx, row, begun, [planned], { owner: 'here', until: later(15) }))
    await begin('north', 'ending', 'of the test')
    await begin('north', 'other', 'of the test')
    await database.write(tx => tests.append(tx, address, 'here', applyEvent(begun, finished), [finished]))
    expect(await count('north', 'of the test')).toBe(1)
  })

  test('what is over is forgotten, so many at a time', async () => {
    for (const account of ['p', 'q', 'r']) await save('west', account, record({ keptUntil: later(-1) }))
    await save('west', 's', record({ keptUntil: later(1) }))
    await begin('west', 'over', 'p', later(-1))
    await begin('west', 'open', 'p', later(1))
    const { signInAccounts: accounts, signInAttempts: attempts } = database.tables
    const before = [await database.read.$count(accounts), await database.read.$count(attempts)]
    expect(await store.prune(now, 2)).toBe(2)
    expect(await store.prune(now, 2)).toBe(1)
    expect(await store.prune(now, 2)).toBe(0)
    const after = [await database.read.$count(accounts), await database.read.$count(attempts)]
    expect(after).toEqual([(before[0] ?? 0) - 3, (before[1] ?? 0) - 1])
    expect(await find('west', 's')).not.toBeNull()
    expect(await count('west', 'p')).toBe(1)
  })
})
