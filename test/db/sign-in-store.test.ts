import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConnectionTestStore } from '../../src/db/connection-test-store.ts'
import type { Database } from '../../src/db/database.ts'
import { type AccountRecord, createSignInStore, type SignInStore } from '../../src/db/sign-in-store.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { testDatabases } from '../servers/databases.ts'

const now = new Date('2026-11-22T09:30:00.000Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)
const north = WorkspaceScope.of('north')
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

  const find = (workspaceId: string, account: string) =>
    database.write(tx => store.find(tx, { workspace: WorkspaceScope.of(workspaceId), account }))
  const save = (workspaceId: string, account: string, saved: AccountRecord) =>
    database.write(tx => store.save(tx, { workspace: WorkspaceScope.of(workspaceId), account }, saved))
  const begin = (workspaceId: string, runId: string, account: string, heldUntil = later(60)) =>
    database.write(tx => store.addAttempt(tx, { workspace: WorkspaceScope.of(workspaceId), runId }, account, heldUntil))
  const attempts = (workspaceId: string, account: string, exceptRunId = '', at = now) =>
    database.write(tx => store.attempts(tx, { workspace: WorkspaceScope.of(workspaceId), account }, exceptRunId, at))
  const count = async (...of: Parameters<typeof attempts>) => (await attempts(...of)).length

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
    await database.write(tx => store.endAttempts(tx, { workspace: north, runId: 'two' }, ['counted']))
    expect(await count('north', 'counted', '')).toBe(1)
    expect(await count('north', 'another')).toBe(1)
    expect(await count('south', 'counted')).toBe(1)
  })

  test('those of a test that is closed for its process count on as lost, others as under way', async () => {
    const tests = new ConnectionTestStore(database)
    for (const account of ['of the test', 'of its gateway']) await begin('north', 'closed', account, later(50))
    await begin('north', 'other', 'of the test')
    await begin('south', 'closed', 'of the test')
    await database.write(tx => tests.loseSignIns(tx, { workspace: north, id: 'closed' }, later(20)))
    const lost = { heldUntil: later(50), lostAt: later(20) }
    const underWay = { heldUntil: later(60), lostAt: null }
    expect(await attempts('north', 'of the test')).toEqual([lost, underWay])
    expect(await attempts('north', 'of its gateway')).toEqual([lost])
    expect(await attempts('south', 'of the test')).toEqual([underWay])
  })

  test('those that are lost count as long as it is said, of the accounts that are named', async () => {
    for (const account of ['slow', 'quick']) await begin('north', 'gone', account)
    const run = { workspace: north, runId: 'gone' }
    const lost = { lostAt: later(1), heldUntil: later(30) }
    await database.write(tx => store.loseAttempts(tx, run, ['slow'], lost))
    expect(await attempts('north', 'slow')).toEqual([lost])
    expect(await count('north', 'slow', '', later(30))).toBe(0)
    expect(await attempts('north', 'quick')).toEqual([{ lostAt: null, heldUntil: later(60) }])
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
