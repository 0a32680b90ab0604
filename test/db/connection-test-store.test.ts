import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlannedStep, TestEvent, TestSnapshot } from '../../src/connectors/connection-test.ts'
import { applyEvent } from '../../src/connectors/connection-test.ts'
import { ConnectionTestLeases } from '../../src/db/connection-test-leases.ts'
import { ConnectionTestStore, type NewConnectionTest, snapshotOf } from '../../src/db/connection-test-store.ts'
import type { Database } from '../../src/db/database.ts'
import type { ConnectionTestRow } from '../../src/db/rows.ts'
import { scopeOfRow } from '../../src/db/scope-of-row.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { newId } from '../../src/services/ids.ts'
import { testDatabases } from '../servers/databases.ts'

const at = '2026-03-01T12:00:00.000Z'
const leaseEnd = new Date('2026-03-01T12:00:15.000Z')
const lease = { owner: 'here', until: leaseEnd }
const step: PlannedStep = {
  id: 'CONNECT',
  key: 'CONNECT',
  target: null,
  title: 'Connect',
  required: true,
  budgetMs: 5_000,
}
const planned: TestEvent = { type: 'PLANNED', sequence: 1, at, steps: [step] }
const started: TestEvent = { type: 'STEP_STARTED', sequence: 2, at, stepId: 'CONNECT' }
const finished: TestEvent = { type: 'FINISHED', sequence: 3, at, status: 'ERRORED', durationMs: 5, problem: null }
const begun: TestSnapshot = applyEvent(null, planned)
const running = applyEvent(begun, started)
const ended = applyEvent(running, finished)

const north = WorkspaceScope.of('north')
const south = WorkspaceScope.of('south')
const addressOf = (row: ConnectionTestRow) => ({ workspace: scopeOfRow(row), id: row.id })

const newTest = (overrides: Partial<NewConnectionTest> = {}): NewConnectionTest => ({
  id: newId(),
  connectorId: null,
  typeName: 'POSTGRES',
  fingerprint: 'print',
  config: { host: 'db' },
  typeVersion: 1,
  secretDigests: { password: 'digest' },
  startedBy: 'ada',
  targetHash: newId(),
  attemptKey: null,
  ...overrides,
})

describe.each(testDatabases)('connection tests on $name', ({ open }) => {
  let database: Database
  let store: ConnectionTestStore
  let leases: ConnectionTestLeases
  beforeAll(async () => {
    database = await open()
    store = new ConnectionTestStore(database)
    leases = new ConnectionTestLeases(database)
  })
  afterAll(() => database.close())

  const add = (overrides: Partial<NewConnectionTest> = {}, workspace = north) =>
    database.write(tx => store.insert(tx, workspace, newTest(overrides), begun, [planned], lease))

  test('a test is stored with its plan, and found in its workspace only', async () => {
    const row = await add()
    expect(row).toMatchObject({
      status: 'RUNNING',
      startedAt: new Date(at),
      finishedAt: null,
      leaseOwner: 'here',
      leaseUntil: leaseEnd,
      cancelRequested: false,
    })
    expect(snapshotOf(row)).toEqual(begun)
    expect(await store.find(addressOf(row))).toEqual(row)
    expect(await store.find({ workspace: south, id: row.id })).toBeNull()
    expect(await store.findMany(north, [newId(), row.id, row.id])).toEqual([null, row, row])
    expect(await store.findMany(north, [])).toEqual([])
    expect(await store.eventsAfter({ workspace: south, id: row.id }, 0, 10)).toEqual([])
  })

  test('its holder adds events and ends it; the row follows', async () => {
    const row = await add()
    expect(await database.write(tx => store.append(tx, addressOf(row), 'here', running, [started]))).toBe(true)
    expect(await store.find(addressOf(row))).toMatchObject({ status: 'RUNNING', snapshot: running, leaseOwner: 'here' })
    expect(await database.write(tx => store.append(tx, addressOf(row), 'here', ended, [finished]))).toBe(true)
    expect(await store.find(addressOf(row))).toMatchObject({
      status: 'ERRORED',
      snapshot: ended,
      finishedAt: new Date(at),
      leaseOwner: null,
      leaseUntil: null,
    })
    expect(await store.eventsAfter(addressOf(row), 0, 10)).toEqual([planned, started, finished])
    expect(await store.eventsAfter(addressOf(row), 1, 1)).toEqual([started])
    expect(await store.eventsAfter(addressOf(row), 3, 10)).toEqual([])
  })

  test('nobody else does, and nobody after the end', async () => {
    const row = await add()
    expect(await database.write(tx => store.append(tx, addressOf(row), 'elsewhere', ended, [finished]))).toBe(false)
    expect(await database.write(tx => leases.hold(tx, addressOf(row), 'elsewhere'))).toBeNull()
    await database.write(tx => store.append(tx, addressOf(row), 'here', running, [started]))
    await database.write(tx => store.append(tx, addressOf(row), 'here', ended, [finished]))
    expect(await database.write(tx => store.append(tx, addressOf(row), 'here', ended, [finished]))).toBe(false)
    expect(await database.write(tx => leases.hold(tx, addressOf(row), 'here'))).toBeNull()
    expect(await store.eventsAfter(addressOf(row), 0, 10)).toHaveLength(3)
  })

  test('an event is stored with its row or not at all', async () => {
    const row = await add()
    // The number is taken, so the second statement of the transaction fails.
    await expect(database.write(tx => store.append(tx, addressOf(row), 'here', running, [planned]))).rejects.toThrow()
    expect(await store.find(addressOf(row))).toEqual(row)
  })

  test('a test is taken over once its lease is over, by one', async () => {
    const row = await add()
    const over = { leaseOverAt: new Date(leaseEnd.getTime() + 1) }
    expect(
      await database.write(tx => leases.takeOver(tx, addressOf(row), 'there', { leaseOverAt: leaseEnd })),
    ).toBeNull()
    expect(await leases.findAbandoned(over, 100)).toContainEqual(addressOf(row))
    expect(await leases.findAbandoned({ leaseOverAt: leaseEnd }, 100)).toEqual([])
    expect(await leases.findAbandoned({ notOwner: 'here' }, 100)).not.toContainEqual(addressOf(row))
    expect(await database.write(tx => leases.takeOver(tx, addressOf(row), 'there', over))).toMatchObject({
      leaseOwner: 'there',
    })
    expect(await database.write(tx => store.append(tx, addressOf(row), 'here', ended, [finished]))).toBe(false)
    await database.write(tx => store.append(tx, addressOf(row), 'there', running, [started]))
    await database.write(tx => store.append(tx, addressOf(row), 'there', ended, [finished]))
    expect(await database.write(tx => leases.takeOver(tx, addressOf(row), 'third', over))).toBeNull()
    expect(await leases.findAbandoned(over, 100)).not.toContainEqual(addressOf(row))
  })

  test('renewing tells what is still held and what shall be cancelled', async () => {
    const held = await add()
    const cancelled = await add()
    const lost = await add()
    await database.write(tx => leases.takeOver(tx, addressOf(lost), 'there', { notOwner: 'there' }))
    await database.write(tx => store.requestCancel(tx, addressOf(cancelled)))
    const until = new Date(leaseEnd.getTime() + 15_000)
    const renewed = await leases.renewLeases({ owner: 'here', until }, [held, cancelled, lost].map(addressOf))
    expect(new Map(renewed.map(row => [row.id, row.cancelRequested]))).toEqual(
      new Map([
        [held.id, false],
        [cancelled.id, true],
      ]),
    )
    expect(await store.find(addressOf(held))).toMatchObject({ leaseUntil: until })
    expect(await store.find(addressOf(lost))).toMatchObject({ leaseUntil: leaseEnd })
  })

  test('a cancellation of an ended test changes nothing', async () => {
    const row = await add()
    await database.write(tx => store.append(tx, addressOf(row), 'here', running, [started]))
    await database.write(tx => store.append(tx, addressOf(row), 'here', ended, [finished]))
    await database.write(tx => store.requestCancel(tx, addressOf(row)))
    expect(await store.find(addressOf(row))).toMatchObject({ cancelRequested: false })
  })

  test('running tests are found and counted while their process lives', async () => {
    const workspace = WorkspaceScope.of(newId())
    const targetHash = newId()
    const row = await add({ targetHash }, workspace)
    const find = (viewerId: string, hash: string, now: Date) =>
      database.write(tx => store.findRunning(tx, workspace, viewerId, hash, now))
    const before = new Date(leaseEnd.getTime() - 1)
    expect(await find('ada', targetHash, before)).toEqual(row)
    expect(await find('ada', targetHash, leaseEnd)).toBeNull()
    expect(await find('bob', targetHash, before)).toBeNull()
    expect(await find('ada', newId(), before)).toBeNull()
    expect(await database.write(tx => store.countRunning(tx, workspace, before))).toBe(1)
    expect(await database.write(tx => store.countRunning(tx, workspace, leaseEnd))).toBe(0)
    await database.write(tx => store.requestCancel(tx, addressOf(row)))
    expect(await find('ada', targetHash, before)).toBeNull()
  })

  test('a test that ended as it began holds no lease', async () => {
    const row = await database.write(tx =>
      store.insert(tx, north, newTest(), ended, [planned, started, finished], { owner: 'here', until: leaseEnd }),
    )
    expect(row).toMatchObject({ status: 'ERRORED', leaseOwner: null, leaseUntil: null, finishedAt: new Date(at) })
  })
})
