import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectionTestRow } from '../../src/db/rows.ts'
import { testDatabases } from '../servers/databases.ts'
import {
  ada,
  collect,
  draft,
  foldWhole,
  openTestWorld,
  stepStatuses,
  stored,
  type TestWorld,
} from './connection-test-world.ts'
import { FakeConnectorHost } from './fake-connector-host.ts'

const day = 24 * 60 * 60 * 1_000
// A process that says nothing of itself any more, as one that was killed.
const killed = { heartbeatMs: 1_000_000, sweepMs: 1_000_000 }

describe.each(testDatabases)('sweeping connection tests on $name', testDatabase => {
  let world: TestWorld
  beforeEach(async () => {
    world = await openTestWorld(testDatabase)
  })
  afterEach(() => world.close())

  const open = (overrides: Parameters<TestWorld['openService']>[1] = {}) => {
    const host = new FakeConnectorHost()
    const limits = { startsPerMinute: 1_000, perWorkspace: 1_000, perProcess: 1_000 }
    return { host, service: world.openService(host, { limits, timing: killed, ...overrides }) }
  }

  /** A test in the middle of its second step, run by a process that is then killed. */
  async function abandoned(host = 'gauge.example') {
    const dead = open()
    const row = await dead.service.start(ada, draft(host))
    const job = await dead.host.nextJob()
    job.run('CONNECT')
    job.start('SIGN_IN')
    for await (const { event } of await dead.service.stream(ada, row.id, {
      afterSequence: 0,
      signal: new AbortController().signal,
    })) {
      if (event.sequence === 4) break
    }
    return { row, job, dead }
  }

  const leaseOver = (row: ConnectionTestRow) => new Date((row.leaseUntil?.getTime() ?? 0) + 1)

  test('a test whose process is gone is closed once its lease is over, and not before', async () => {
    const { row } = await abandoned()
    const { service } = open({ timing: { ...killed, pollMs: 10 } })
    const seen = collect(service, row.id)
    await service.sweep(new Date((row.leaseUntil?.getTime() ?? 0) - 1))
    expect((await service.find(ada, row.id))?.status).toBe('RUNNING')
    await service.sweep(leaseOver(row))
    const { test: swept, events } = await stored(world, row)
    const snapshot = foldWhole(events)
    expect(swept).toMatchObject({ status: 'ERRORED', snapshot, leaseOwner: null })
    expect(snapshot.problem).toMatchObject({ code: 'TEST_INTERRUPTED', origin: 'PATCHBAY', retryable: true })
    expect(stepStatuses(snapshot)).toEqual([
      'CONNECT PASSED',
      'SIGN_IN CANCELLED',
      'READ SKIPPED',
      'LEAST_PRIVILEGE SKIPPED',
    ])
    expect((await seen).map(progress => progress.event)).toEqual(events)
  })

  test('twenty sweeps at once end it once', async () => {
    const { row } = await abandoned()
    const sweepers = Array.from({ length: 4 }, () => open().service)
    await Promise.all(Array.from({ length: 20 }, (_, index) => sweepers[index % 4]?.sweep(leaseOver(row))))
    foldWhole((await stored(world, row)).events)
    expect(world.faults).toEqual([])
  })

  test('a process that was only paused cannot go on with a test that was taken from it', async () => {
    const { row, job } = await abandoned()
    const { service } = open()
    await service.sweep(leaseOver(row))
    const before = await stored(world, row)
    job.finish('SIGN_IN')
    await new Promise<void>(resolve => job.options.signal.addEventListener('abort', () => resolve()))
    expect(await stored(world, row)).toEqual(before)
  })

  test('a process that was only paused learns it by its heartbeat', async () => {
    const paused = open({ timing: { heartbeatMs: 10, sweepMs: 1_000_000 }, now: () => new Date(0) })
    const row = await paused.service.start(ada, draft())
    const job = await paused.host.nextJob()
    await open().service.sweep(new Date(60_000))
    if (!job.options.signal.aborted) {
      await new Promise<void>(resolve => job.options.signal.addEventListener('abort', () => resolve()))
    }
    expect((await stored(world, row)).test.status).toBe('ERRORED')
  })

  test('a living process keeps its lease', async () => {
    const start = Date.now()
    let now = start
    const alive = open({ timing: { heartbeatMs: 10, sweepMs: 1_000_000 }, now: () => new Date(now) })
    const row = await alive.service.start(ada, draft())
    now = start + 60_000
    for (let until = row.leaseUntil; until && until.getTime() < now; ) {
      await new Promise(resolve => setTimeout(resolve, 5))
      until = (await alive.service.find(ada, row.id))?.leaseUntil ?? null
    }
    await open().service.sweep(new Date(now + 10_000))
    expect((await alive.service.find(ada, row.id))?.status).toBe('RUNNING')
  })

  test('where no other process can be alive the first sweep waits for no lease, and spares its own tests', async () => {
    const { row } = await abandoned()
    const { service, host } = open({ soleInstance: true })
    const own = await service.start(ada, draft('own.example'))
    await service.sweep(new Date())
    expect((await stored(world, row)).test.status).toBe('ERRORED')
    expect((await stored(world, own)).test.status).toBe('RUNNING')
    const later = (await abandoned('later.example')).row
    await service.sweep(new Date())
    expect((await stored(world, later)).test.status).toBe('RUNNING')
    ;(await host.nextJob()).pass()
    expect((await collect(service, own.id)).at(-1)?.snapshot.status).toBe('PASSED')
  })

  test('the timer sweeps', async () => {
    const { row } = await abandoned()
    const until = leaseOver(row)
    const { service } = open({ timing: { ...killed, sweepMs: 10 }, now: () => until })
    const signal = AbortSignal.timeout(20_000)
    expect((await service.wait(ada, row.id, { timeoutMs: 20_000, signal })).status).toBe('ERRORED')
  })

  test('a test whose process is gone is not attached to', async () => {
    const { row } = await abandoned()
    const { service } = open({ now: () => leaseOver(row) })
    expect((await service.start(ada, draft())).id).not.toBe(row.id)
  })

  test('one test that cannot be closed does not keep the others open', async () => {
    const broken = (await abandoned('broken.example')).row
    const row = (await abandoned('good.example')).row
    const { connectionTests } = world.database.tables
    await world.database.write(
      async tx => void (await tx.update(connectionTests).set({ snapshot: {} }).where(world.is(broken))),
    )
    const { service } = open()
    await service.sweep(leaseOver(row))
    expect((await stored(world, row)).test.status).toBe('ERRORED')
    expect(world.faults).toHaveLength(1)
    world.faults.length = 0
  })

  test('closes more than one batch', async () => {
    const dead = open()
    const rows: ConnectionTestRow[] = []
    for (let index = 0; index < 120; index++) rows.push(await dead.service.start(ada, draft(`many-${index}.example`)))
    const last = rows.at(-1)
    if (last) await open().service.sweep(leaseOver(last))
    const tests = await dead.service.findMany(
      ada,
      rows.map(row => row.id),
    )
    expect(new Set(tests.map(row => row?.status))).toEqual(new Set(['ERRORED']))
  })

  test('removes events and tests of drafts a day after the end, and keeps what is younger or belongs to a connector', async () => {
    const start = Date.now()
    let now = start
    const { host, service } = open({ now: () => new Date(now) })
    host.behave = job => job.pass()
    const connector = await world.addConnector('kept.example')
    const ofConnector = await service.start(ada, {
      target: { saved: { id: connector.id } },
      mayStartCompute: false,
      lifetime: 'PINNED',
    })
    const old = await service.start(ada, draft('old.example'))
    await Promise.all([collect(service, old.id), collect(service, ofConnector.id)])
    now = start + day - 1_000
    const young = await service.start(ada, draft('young.example'))
    await collect(service, young.id)
    host.behave = () => undefined
    const running = await service.start(ada, draft('running.example'))

    await service.sweep(new Date(start + day - 1_000))
    expect(await service.find(ada, old.id)).not.toBeNull()
    await service.sweep(new Date(start + day + 5_000))
    expect(await service.find(ada, old.id)).toBeNull()
    expect(await service.find(ada, ofConnector.id)).toMatchObject({ status: 'PASSED' })
    expect((await stored(world, ofConnector)).events).toEqual([])
    expect((await stored(world, young)).events).toHaveLength(10)
    expect((await stored(world, running)).events).toHaveLength(1)
  })
})
