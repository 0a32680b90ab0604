import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { ConnectionTestService } from '../../src/services/connection-tests.ts'
import type { GateTarget } from '../../src/services/save-gate.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, collect, draft, foldWhole, openTestWorld, stored, type TestWorld } from './connection-test-world.ts'
import { FakeConnectorHost } from './fake-connector-host.ts'

const forever = new AbortController().signal
const aborted = (signal: AbortSignal) =>
  new Promise<void>(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())))

describe.each(testDatabases)('the life of a connection test on $name', testDatabase => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestWorld(testDatabase)
  })
  afterAll(() => world.close())

  const open = (overrides: Parameters<TestWorld['openService']>[1] = {}) => {
    const host = new FakeConnectorHost()
    const service = world.openService(host, {
      limits: { startsPerMinute: 1_000, perWorkspace: 1_000 },
      ...overrides,
      timing: { oneShotGraceMs: 30, ...overrides?.timing },
    })
    return { host, service }
  }
  let hosts = 0
  const oneShot = () => draft(`life-${hosts++}.example`, { lifetime: 'ONE_SHOT' })
  const iterate = async (service: ConnectionTestService, testId: string) =>
    (await service.stream(ada, testId, { afterSequence: 0, signal: forever }))[Symbol.asyncIterator]()
  const statusOf = async (service: ConnectionTestService, testId: string) =>
    (await collect(service, testId)).at(-1)?.snapshot.status

  test('a one-shot test is cancelled when its last subscriber stays away', async () => {
    const { host, service } = open()
    const row = await service.start(ada, oneShot())
    const job = await host.nextJob()
    const streams = [await iterate(service, row.id), await iterate(service, row.id)]
    for (const stream of streams) {
      expect(job.options.signal.aborted).toBe(false)
      await stream.return?.()
    }
    await aborted(job.options.signal)
    expect((await service.wait(ada, row.id, { timeoutMs: 10_000, signal: forever })).status).toBe('CANCELLED')
    foldWhole((await stored(world, row)).events)
    await service.close()
  })

  test('a one-shot test that nobody ever follows is cancelled', async () => {
    const { host, service } = open()
    await service.start(ada, oneShot())
    await aborted((await host.nextJob()).options.signal)
    await service.close()
  })

  test('a subscriber that comes back in time, or is still there, keeps it', async () => {
    const { host, service } = open({ timing: { oneShotGraceMs: 300 } })
    const input = oneShot()
    const row = await service.start(ada, input)
    const job = await host.nextJob()
    for (let drop = 0; drop < 3; drop++) {
      const stream = await iterate(service, row.id)
      await stream.next()
      await stream.return?.()
      expect((await service.start(ada, input)).id).toBe(row.id)
    }
    const stream = await iterate(service, row.id)
    await new Promise(resolve => setTimeout(resolve, 400))
    expect(job.options.signal.aborted).toBe(false)
    job.pass()
    await stream.return?.()
    expect(await statusOf(service, row.id)).toBe('PASSED')
    expect(host.jobs).toHaveLength(1)
    await service.close()
  })

  test('a mutation that attaches pins a one-shot test, and losing its client cancels nothing', async () => {
    const { host, service } = open()
    const input = oneShot()
    const row = await service.start(ada, input)
    const stream = await iterate(service, row.id)
    expect((await service.start(ada, { ...input, lifetime: 'PINNED' })).id).toBe(row.id)
    const client = new AbortController()
    const waiting = service.wait(ada, row.id, { timeoutMs: 60_000, signal: client.signal })
    client.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    await stream.return?.()
    const job = await host.nextJob()
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(job.options.signal.aborted).toBe(false)
    job.pass()
    expect(await statusOf(service, row.id)).toBe('PASSED')
    await service.close()
  })

  test('a subscriber in another process counts', async () => {
    const { host, service } = open({ timing: { oneShotGraceMs: 200 } })
    const elsewhere = open({ timing: { pollMs: 20 } }).service
    const row = await service.start(ada, oneShot())
    const stream = await iterate(elsewhere, row.id)
    const job = await host.nextJob()
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(job.options.signal.aborted).toBe(false)
    await stream.return?.()
    await aborted(job.options.signal)
    await Promise.all([service.close(), elsewhere.close()])
  })

  test('a mutation in another process pins', async () => {
    const { host, service } = open({ timing: { oneShotGraceMs: 100 } })
    const elsewhere = open().service
    const input = oneShot()
    const row = await service.start(ada, input)
    const stream = await iterate(service, row.id)
    expect((await elsewhere.start(ada, { ...input, lifetime: 'PINNED' })).id).toBe(row.id)
    // The wake-up that pins goes before this one.
    const job = await host.nextJob()
    job.start('CONNECT')
    await collectUntilStart(elsewhere, row.id)
    await stream.return?.()
    await new Promise(resolve => setTimeout(resolve, 250))
    expect(job.options.signal.aborted).toBe(false)
    await Promise.all([service.close(), elsewhere.close()])
  })

  async function collectUntilStart(service: ConnectionTestService, testId: string) {
    for await (const { event } of await service.stream(ada, testId, { afterSequence: 0, signal: forever })) {
      if (event.type === 'STEP_STARTED') return
    }
  }

  test.each([
    { name: 'by a wake-up', database: (real: Database) => real, timing: {} },
    {
      name: 'by the heartbeat when wake-ups are lost',
      database: (real: Database): Database => ({ ...real, listen: () => () => undefined }),
      timing: { heartbeatMs: 20, pollMs: 20 },
    },
  ])('another process cancels it $name', async ({ database, timing }) => {
    const { host, service } = open({ database: database(world.database), timing })
    const elsewhere = open({ timing: { pollMs: 20 } }).service
    const row = await service.start(ada, { ...oneShot(), lifetime: 'PINNED' })
    await host.nextJob()
    expect(await elsewhere.cancel(ada, row.id)).toMatchObject({ status: 'CANCELLED' })
    await Promise.all([service.close(), elsewhere.close()])
  })

  test('a test of a save gate runs to its end, and stops when its caller is gone', async () => {
    const { host, service } = open()
    const gate = world.openService(host, { timing: { oneShotGraceMs: 30 } })
    const row = await service.start(ada, oneShot())
    const type = (await host.nextJob()).job
    const target: GateTarget = {
      type: world.type,
      config: { host: 'gate.example', unit: 'metre' },
      secrets: { password: 'secret-of-the-gate' },
      secretDigests: { password: 'digest' },
      fingerprint: 'print',
      connectorId: null,
    }
    expect(type.typeName).toBe('GAUGE')
    const passing = gate.runGateTest(ada, target, forever)
    const job = await host.nextJob()
    expect(job.job.config).toEqual({ host: 'gate.example', unit: 'metre', password: 'secret-of-the-gate' })
    job.pass()
    expect(await passing).toMatchObject({ status: 'PASSED', connectorId: null, config: target.config })

    const caller = new AbortController()
    const abandoned = gate.runGateTest(ada, target, caller.signal)
    const second = await host.nextJob()
    caller.abort(new Error('gone'))
    await expect(abandoned).rejects.toThrow('gone')
    await aborted(second.options.signal)
    await service.cancel(ada, row.id)
    await Promise.all([service.close(), gate.close()])
  })

  test('a write that fails ends the test as errored, and the server goes on', async () => {
    const fault = { now: false }
    const database: Database = {
      ...world.database,
      async write(work) {
        if (fault.now) throw new Error('disk full')
        return world.database.write(work)
      },
    }
    const { host, service } = open({ database })
    const row = await service.start(ada, { ...oneShot(), lifetime: 'PINNED' })
    const job = await host.nextJob()
    job.run('CONNECT')
    const stream = await iterate(service, row.id)
    for (let event = 0; event < 3; event++) await stream.next()
    fault.now = true
    job.start('SIGN_IN')
    await aborted(job.options.signal)
    fault.now = false
    expect(await service.wait(ada, row.id, { timeoutMs: 20_000, signal: forever })).toMatchObject({
      status: 'ERRORED',
      snapshot: { problem: { code: 'INTERNAL_FAULT' } },
    })
    foldWhole((await stored(world, row)).events)
    expect(world.faults).toContainEqual(new Error('disk full'))
    await service.close()
  })

  test('a write that was committed although it seemed to fail leaves one end and no gap', async () => {
    const fault = { now: false }
    const database: Database = {
      ...world.database,
      async write(work) {
        const result = await world.database.write(work)
        if (!fault.now) return result
        fault.now = false
        throw new Error('the line dropped after the commit')
      },
    }
    const { host, service } = open({ database })
    const inTheMiddle = await service.start(ada, { ...oneShot(), lifetime: 'PINNED' })
    const first = await host.nextJob()
    fault.now = true
    first.start('CONNECT')
    expect(await statusOf(service, inTheMiddle.id)).toBe('ERRORED')
    foldWhole((await stored(world, inTheMiddle)).events)

    const atTheEnd = await service.start(ada, { ...oneShot(), lifetime: 'PINNED' })
    const second = await host.nextJob()
    fault.now = true
    second.pass()
    expect(await statusOf(service, atTheEnd.id)).toBe('PASSED')
    foldWhole((await stored(world, atTheEnd)).events)
    await service.close()
  })

  test('a start that cannot be stored takes no place', async () => {
    const fault = { now: true }
    const database: Database = {
      ...world.database,
      async write(work) {
        if (fault.now) throw new Error('disk full')
        return world.database.write(work)
      },
    }
    const { host, service } = open({ database, limits: { perProcess: 1 } })
    await expect(service.start(ada, oneShot())).rejects.toThrow('disk full')
    expect(host.jobs).toEqual([])
    fault.now = false
    await service.start(ada, oneShot())
    await vi.waitFor(() => expect(host.jobs).toHaveLength(1))
    await service.close()
  })
})
