import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { failed } from '../../src/connectors/define.ts'
import { problem } from '../../src/connectors/problem.ts'
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
    const limits = { startsPerMinute: 1_000, perWorkspace: 1_000 }
    return { host, service: world.openService(host, { limits, ...overrides }) }
  }
  let hosts = 0
  const pinned = () => draft(`life-${hosts++}.example`)
  const oneShot = () => draft(`life-${hosts++}.example`, { lifetime: 'ONE_SHOT' })
  const iterate = async (service: ConnectionTestService, testId: string) =>
    (await service.stream(ada, testId, { afterSequence: 0, signal: forever }))[Symbol.asyncIterator]()
  const statusOf = async (service: ConnectionTestService, testId: string) =>
    (await collect(service, testId)).at(-1)?.snapshot.status

  /** Resolves when processes have been told so of the test. */
  const heard = (signal: string, testId: string) =>
    new Promise<void>(resolve => {
      const stop = world.database.listen(topic => {
        if (topic !== `connection-test:${signal}:${ada.workspace.id}:${testId}`) return
        stop()
        resolve()
      })
    })

  describe('that is one-shot', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
    afterEach(() => void vi.useRealTimers())

    async function startOneShot(overrides: Parameters<TestWorld['openService']>[1] = {}) {
      const { host, service } = open(overrides)
      const input = oneShot()
      const row = await service.start(ada, input)
      const job = await host.nextJob()
      const isAsked = () => job.options.signal.aborted
      return { host, service, input, row, job, isAsked }
    }

    test('is cancelled five seconds after its last subscriber left', async () => {
      const { service, row, isAsked } = await startOneShot()
      const first = await iterate(service, row.id)
      const second = await iterate(service, row.id)
      await first.return?.()
      vi.advanceTimersByTime(20_000)
      expect(isAsked()).toBe(false)
      await second.return?.()
      await second.return?.()
      vi.advanceTimersByTime(4_999)
      expect(isAsked()).toBe(false)
      vi.advanceTimersByTime(1)
      expect(isAsked()).toBe(true)
      expect(await statusOf(service, row.id)).toBe('CANCELLED')
      foldWhole((await stored(world, row)).events)
      await service.close()
    })

    test('is cancelled when nobody ever follows it', async () => {
      const { service, isAsked } = await startOneShot()
      vi.advanceTimersByTime(5_000)
      expect(isAsked()).toBe(true)
      await service.close()
    })

    test('goes on for a subscriber that comes back in time', async () => {
      const { host, service, input, row, job, isAsked } = await startOneShot()
      for (let drop = 0; drop < 3; drop++) {
        const stream = await iterate(service, row.id)
        await stream.return?.()
        vi.advanceTimersByTime(4_000)
        const told = heard('watched', row.id)
        expect((await service.start(ada, input)).id).toBe(row.id)
        await told
        vi.advanceTimersByTime(4_000)
      }
      expect(isAsked()).toBe(false)
      job.pass()
      expect(await statusOf(service, row.id)).toBe('PASSED')
      expect(host.jobs).toHaveLength(1)
      await service.close()
    })

    test('runs to its end once a mutation has come to it, also when that one is gone', async () => {
      const { service, input, row, job, isAsked } = await startOneShot()
      const told = heard('pinned', row.id)
      expect((await service.start(ada, { ...input, lifetime: 'PINNED' })).id).toBe(row.id)
      await told
      const client = new AbortController()
      const waiting = service.wait(ada, row.id, { timeoutMs: 60_000, signal: client.signal })
      client.abort(new Error('gone'))
      await expect(waiting).rejects.toThrow('gone')
      const stream = await iterate(service, row.id)
      await stream.return?.()
      vi.advanceTimersByTime(20_000)
      expect(isAsked()).toBe(false)
      job.pass()
      expect(await statusOf(service, row.id)).toBe('PASSED')
      await service.close()
    })

    test('goes on for a subscriber in another process', async () => {
      const { service, row, isAsked } = await startOneShot()
      const elsewhere = open({ timing: { pollMs: 10 } }).service
      const stream = await iterate(elsewhere, row.id)
      for (let turn = 0; turn < 3; turn++) {
        await heard('watched', row.id)
        vi.advanceTimersByTime(4_000)
      }
      expect(isAsked()).toBe(false)
      await stream.return?.()
      // What was sent before may still be on its way.
      for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
      vi.advanceTimersByTime(5_000)
      expect(isAsked()).toBe(true)
      await Promise.all([service.close(), elsewhere.close()])
    })

    test('runs to its end once a mutation in another process has come to it', async () => {
      const { service, input, row, isAsked } = await startOneShot()
      const elsewhere = open().service
      const told = heard('pinned', row.id)
      expect((await elsewhere.start(ada, { ...input, lifetime: 'PINNED' })).id).toBe(row.id)
      await told
      vi.advanceTimersByTime(20_000)
      expect(isAsked()).toBe(false)
      await Promise.all([service.close(), elsewhere.close()])
    })

    test('does so for a save gate: it ends when nobody waits for the gate any more', async () => {
      const { host, service } = open()
      const target: GateTarget = {
        type: world.type,
        config: { host: 'gate.example', unit: 'metre' },
        secrets: { password: 'secret-of-the-gate' },
        secretDigests: { password: 'digest' },
        fingerprint: 'print',
        connectorId: null,
      }
      const passing = service.runGateTest(ada, target, forever)
      const job = await host.nextJob()
      expect(job.job.config).toEqual({ host: 'gate.example', unit: 'metre', password: 'secret-of-the-gate' })
      job.start('CONNECT')
      await collectUntilStart(service, (await runningTests())[0] ?? '')
      vi.advanceTimersByTime(20_000)
      expect(job.options.signal.aborted).toBe(false)
      job.finish('CONNECT')
      job.pass()
      expect(await passing).toMatchObject({ status: 'PASSED', connectorId: null, config: target.config })

      const caller = new AbortController()
      const abandoned = service.runGateTest(ada, target, caller.signal)
      const second = await host.nextJob()
      second.start('CONNECT')
      await collectUntilStart(service, (await runningTests())[0] ?? '')
      caller.abort(new Error('gone'))
      await expect(abandoned).rejects.toThrow('gone')
      vi.advanceTimersByTime(5_000)
      expect(second.options.signal.aborted).toBe(true)
      await service.close()
    })
  })

  async function runningTests(): Promise<string[]> {
    const { connectionTests } = world.database.tables
    const rows = await world.database.read.select().from(connectionTests).where(eq(connectionTests.status, 'RUNNING'))
    return rows.map(row => row.id)
  }

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
    const row = await service.start(ada, pinned())
    await host.nextJob()
    expect(await elsewhere.cancel(ada, row.id)).toMatchObject({ status: 'CANCELLED' })
    await Promise.all([service.close(), elsewhere.close()])
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
    const row = await service.start(ada, pinned())
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

  test('a write that fails while a failed test is compared with an earlier one leaves no gap', async () => {
    const fault = { now: false }
    const database: Database = {
      ...world.database,
      async write(work) {
        if (!fault.now) return world.database.write(work)
        fault.now = false
        throw new Error('disk full')
      },
    }
    const { host, service } = open({ database })
    const connector = await world.addConnector('compared.example')
    const input = { ...pinned(), target: { saved: { id: connector.id } } }
    const before = await service.start(ada, input)
    ;(await host.nextJob()).pass()
    expect(await statusOf(service, before.id)).toBe('PASSED')

    const row = await service.start(ada, input)
    const job = await host.nextJob()
    fault.now = true
    job.run('CONNECT', failed(problem('CONNECTION_REFUSED')))
    job.skipRest('CONNECT')
    job.complete()
    expect(await statusOf(service, row.id)).toBe('ERRORED')
    foldWhole((await stored(world, row)).events)
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
    const inTheMiddle = await service.start(ada, pinned())
    const first = await host.nextJob()
    fault.now = true
    first.start('CONNECT')
    expect(await statusOf(service, inTheMiddle.id)).toBe('ERRORED')
    foldWhole((await stored(world, inTheMiddle)).events)

    const atTheEnd = await service.start(ada, pinned())
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
    await expect(service.start(ada, pinned())).rejects.toThrow('disk full')
    expect(host.jobs).toEqual([])
    fault.now = false
    await service.start(ada, pinned())
    await vi.waitFor(() => expect(host.jobs).toHaveLength(1))
    await service.close()
  })
})
