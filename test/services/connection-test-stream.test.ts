import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { applyEvent } from '../../src/connectors/connection-test.ts'
import type { Database } from '../../src/db/database.ts'
import type { ConnectionTestService, TestProgress } from '../../src/services/connection-tests.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, collect, draft, openTestWorld, stored, type TestWorld } from './connection-test-world.ts'
import { FakeConnectorHost } from './fake-connector-host.ts'

const forever = new AbortController().signal

describe.each(testDatabases)('streaming a connection test on $name', testDatabase => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestWorld(testDatabase)
  })
  afterAll(() => world.close())

  const open = (overrides: Parameters<TestWorld['openService']>[1] = {}) => {
    const host = new FakeConnectorHost()
    const service = world.openService(host, {
      limits: { startsPerMinute: 1_000, perWorkspace: 1_000, perProcess: 1_000 },
      ...overrides,
    })
    return { host, service }
  }
  const iterate = async (service: ConnectionTestService, testId: string, afterSequence = 0, signal = forever) =>
    (await service.stream(ada, testId, { afterSequence, signal }))[Symbol.asyncIterator]()
  let hosts = 0
  const uniqueDraft = () => draft(`streamed-${hosts++}.example`)

  test('early, late, resumed and other-process subscribers see the same', async () => {
    const { host, service } = open()
    const elsewhere = open().service
    const row = await service.start(ada, uniqueDraft())
    const job = await host.nextJob()
    const early = collect(service, row.id)
    const earlyElsewhere = collect(elsewhere, row.id)
    job.run('CONNECT')
    const stream = await iterate(service, row.id)
    const beforeTheDrop: TestProgress[] = []
    while (beforeTheDrop.length < 3) {
      const { value } = await stream.next()
      if (value) beforeTheDrop.push(value)
    }
    await stream.return?.()
    const resumed = collect(service, row.id, { afterSequence: 3 })
    const resumedElsewhere = collect(elsewhere, row.id, { afterSequence: 3 })
    job.start('SIGN_IN')
    job.note('SIGN_IN', 'thinking')
    job.finish('SIGN_IN')
    job.pass()
    const whole = await early
    const late = collect(service, row.id)
    const lateElsewhere = collect(elsewhere, row.id)

    const { test, events } = await stored(world, row)
    expect(whole.map(progress => progress.event)).toEqual(events)
    let snapshot = null
    for (const progress of whole) {
      snapshot = applyEvent(snapshot, progress.event)
      expect(progress).toEqual({ testId: row.id, event: progress.event, snapshot })
    }
    expect(snapshot).toEqual(test.snapshot)
    expect(await earlyElsewhere).toEqual(whole)
    expect(await late).toEqual(whole)
    expect(await lateElsewhere).toEqual(whole)
    expect([...beforeTheDrop, ...(await resumed)]).toEqual(whole)
    expect(await resumedElsewhere).toEqual(whole.slice(3))
    await Promise.all([service.close(), elsewhere.close()])
  })

  test('a subscriber that has seen the end gets nothing more, at once', async () => {
    const { host, service } = open()
    host.behave = job => job.pass()
    const row = await service.start(ada, uniqueDraft())
    const whole = await collect(service, row.id)
    expect(await collect(service, row.id, { afterSequence: whole.length })).toEqual([])
    expect(await collect(service, row.id, { afterSequence: 1_000_000 })).toEqual([])
    await service.close()
  })

  test('when the events are pruned there is one last event', async () => {
    const { host, service } = open()
    host.behave = job => job.pass()
    const connector = await world.addConnector(`pruned-${testDatabase.name}.example`)
    const target = { saved: { id: connector.id } }
    const row = await service.start(ada, { target, mayStartCompute: false, lifetime: 'PINNED' })
    const last = (await collect(service, row.id)).at(-1)
    await service.sweep(new Date(Date.now() + 25 * 60 * 60 * 1_000))
    expect((await stored(world, row)).events).toEqual([])
    expect(await collect(service, row.id)).toEqual([last])
    expect(await collect(service, row.id, { afterSequence: 5 })).toEqual([last])
    expect(await collect(service, row.id, { afterSequence: last?.event.sequence ?? 0 })).toEqual([])
    await service.close()
  })

  test('ends at once when its signal aborts or it is returned, also while it waits', async () => {
    const { service } = open()
    const row = await service.start(ada, uniqueDraft())
    const client = new AbortController()
    const aborted = await iterate(service, row.id, 0, client.signal)
    const returned = await iterate(service, row.id)
    for (const stream of [aborted, returned])
      expect(await stream.next()).toMatchObject({ value: { event: { type: 'PLANNED' } } })
    const waiting = [aborted.next(), returned.next()]
    client.abort()
    expect(await returned.return?.()).toEqual({ done: true, value: undefined })
    for (const next of waiting) expect(await next).toEqual({ done: true, value: undefined })
    expect(await aborted.next()).toEqual({ done: true, value: undefined })
    expect(await collect(service, row.id, { signal: AbortSignal.abort() })).toEqual([])
    await service.close()
  })

  test('leaves nothing behind: the database is asked no more', async () => {
    const reads = vi.fn()
    const database: Database = {
      ...world.database,
      get read() {
        reads()
        return world.database.read
      },
    }
    const { service } = open({ database, timing: { pollMs: 5 } })
    const row = await service.start(ada, uniqueDraft())
    const stream = await iterate(service, row.id)
    await stream.next()
    await vi.waitFor(() => expect(reads.mock.calls.length).toBeGreaterThan(10))
    await stream.return?.()
    // One look may be under way.
    await delay(20)
    const after = reads.mock.calls.length
    await delay(50)
    expect(reads.mock.calls.length).toBe(after)
    await service.close()
  })

  test('sees every event also when no wake-up arrives', async () => {
    const deaf: Database = { ...world.database, listen: () => () => undefined, notify: async () => undefined }
    const { host, service } = open({ database: deaf, timing: { pollMs: 10 } })
    const row = await service.start(ada, uniqueDraft())
    const seen = collect(service, row.id)
    ;(await host.nextJob()).pass()
    expect((await seen).map(progress => progress.event)).toEqual((await stored(world, row)).events)
    await service.close()
  })

  test('a reader that stalls costs the others nothing and misses nothing', async () => {
    const { host, service } = open()
    const row = await service.start(ada, uniqueDraft())
    const stalled = await iterate(service, row.id)
    const first = await stalled.next()
    const job = await host.nextJob()
    job.start('CONNECT')
    for (let index = 0; index < 50; index++) {
      job.note('CONNECT', `note ${index}`)
      await new Promise(resolve => setImmediate(resolve))
    }
    job.finish('CONNECT')
    job.pass()
    const whole = await collect(service, row.id)
    const rest: TestProgress[] = []
    for (let next = await stalled.next(); !next.done; next = await stalled.next()) rest.push(next.value)
    expect([first.value, ...rest]).toEqual(whole)
    await service.close()
  })

  test('a thousand subscribers share the reading', async () => {
    const reads = vi.fn()
    const database: Database = {
      ...world.database,
      get read() {
        reads()
        return world.database.read
      },
    }
    const { host, service } = open({ database, timing: { pollMs: 60_000 } })
    const row = await service.start(ada, uniqueDraft())
    const streams = await Promise.all(
      Array.from({ length: 1_000 }, () => service.stream(ada, row.id, { afterSequence: 0, signal: forever })),
    )
    const job = await host.nextJob()
    const readsBefore = reads.mock.calls.length
    const seen = streams.map(async stream => {
      const events: TestProgress[] = []
      for await (const progress of stream) events.push(progress)
      return events
    })
    job.pass()
    const all = await Promise.all(seen)
    const [first] = all
    expect(first).toHaveLength(10)
    // The very same objects, not copies.
    expect(all.every(events => events.length === 10 && events.every((event, index) => event === first?.[index]))).toBe(
      true,
    )
    expect(reads.mock.calls.length - readsBefore).toBeLessThan(30)
    await service.close()
  })

  test('what a slow database has not written yet is written in one go, in order', async () => {
    const gate = { open: Promise.resolve() }
    const writes = vi.fn()
    const slow: Database = {
      ...world.database,
      async write(work) {
        await gate.open
        writes()
        return world.database.write(work)
      },
    }
    const { host, service } = open({ database: slow })
    const row = await service.start(ada, uniqueDraft())
    const job = await host.nextJob()
    const { promise, resolve } = Promise.withResolvers<void>()
    gate.open = promise
    job.start('CONNECT')
    await new Promise(setImmediate)
    for (let index = 0; index < 1_000; index++) job.note('CONNECT', `note ${index}`)
    job.finish('CONNECT')
    job.run('SIGN_IN')
    const before = writes.mock.calls.length
    resolve()
    const stream = await iterate(service, row.id, 2)
    expect(await stream.next()).toMatchObject({ value: { event: { type: 'STEP_PROGRESSED', sequence: 3 } } })
    expect(await stream.next()).toMatchObject({
      value: { event: { type: 'STEP_FINISHED', stepId: 'CONNECT', sequence: 4 } },
    })
    expect(writes.mock.calls.length - before).toBeLessThanOrEqual(2)
    job.pass()
    await collect(service, row.id)
    await service.close()
  })

  test('a database that fails for good ends the stream with its error', async () => {
    const failing = { now: false }
    const database: Database = {
      ...world.database,
      get read() {
        if (failing.now) throw new Error('the database is gone')
        return world.database.read
      },
    }
    const { service } = open({ database, timing: { pollMs: 2 } })
    const row = await service.start(ada, uniqueDraft())
    const stream = await iterate(service, row.id)
    await stream.next()
    failing.now = true
    await expect(stream.next()).rejects.toThrow('the database is gone')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await service.close()
  })

  test('a database that fails for a moment is not noticed', async () => {
    let failures = 0
    const database: Database = {
      ...world.database,
      get read() {
        if (failures > 0 && failures-- > 0) throw new Error('the database is gone')
        return world.database.read
      },
    }
    const { host, service } = open({ database, timing: { pollMs: 2 } })
    const row = await service.start(ada, uniqueDraft())
    const seen = collect(service, row.id)
    const job = await host.nextJob()
    failures = 5
    job.pass()
    expect((await seen).map(progress => progress.event)).toEqual((await stored(world, row)).events)
    await service.close()
  })

  test('a test that is deleted while it is followed ends its streams', async () => {
    const { service } = open({ timing: { pollMs: 5 } })
    const row = await service.start(ada, uniqueDraft())
    const stream = await iterate(service, row.id)
    await stream.next()
    await world.database.write(async tx => void (await tx.delete(world.database.tables.connectionTests)))
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    await service.close()
  })
})
