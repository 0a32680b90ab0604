import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { applyEvent, type TestEvent } from '../../src/connectors/connection-test.ts'
import type { JsonObject } from '../../src/connectors/json.ts'
import type { ConnectionTestRow } from '../../src/db/rows.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, collect, draft, openTestWorld, stored, type TestWorld, viewerOf } from './connection-test-world.ts'
import { FakeConnectorHost } from './fake-connector-host.ts'

const bob = viewerOf('south')
const forever = new AbortController().signal

// Ids are unique in their workspace: rows that came from another database, say, may repeat one.
describe.each(testDatabases)('two tests with one id, in two workspaces, on $name', testDatabase => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestWorld(testDatabase)
  })
  afterAll(() => world.close())

  const events: readonly TestEvent[] = [
    {
      type: 'PLANNED',
      sequence: 1,
      at: '2026-03-01T12:00:00.000Z',
      steps: [{ id: 'CONNECT', key: 'CONNECT', target: null, title: 'In the south', required: true, budgetMs: 1_000 }],
    },
  ]
  const snapshot = events.reduce(applyEvent, null as Parameters<typeof applyEvent>[0])

  /** A running test in the north, and one in the south that says to be run by the same process. */
  const startBoth = async () => {
    const host = new FakeConnectorHost()
    const timing = { heartbeatMs: 20, leaseMs: 60_000, cancelWaitMs: 50, pollMs: 20 }
    const service = world.openService(host, { timing })
    const north = await service.start(ada, draft())
    const job = await host.nextJob()
    const { connectionTests, connectionTestEvents } = world.database.tables
    const south = { ...north, workspaceId: 'south', startedBy: 'bob', snapshot: snapshot as unknown as JsonObject }
    await world.database.write(async tx => {
      await tx.insert(connectionTests).values(south)
      await tx.insert(connectionTestEvents).values(
        events.map(event => ({
          workspaceId: 'south',
          testId: south.id,
          sequence: event.sequence,
          event,
          createdAt: new Date(event.at),
        })),
      )
    })
    return { service, north, south, job }
  }
  const end = async (service: Awaited<ReturnType<typeof startBoth>>['service'], south: ConnectionTestRow) => {
    await service.close()
    const { connectionTests } = world.database.tables
    await world.database.write(tx => tx.delete(connectionTests).where(world.is(south)))
  }

  test('are followed each for itself, at once', async () => {
    const { service, north, south, job } = await startBoth()
    const first = async (viewer: typeof ada) => {
      const stream = await service.stream(viewer, north.id, { afterSequence: 0, signal: forever })
      const iterator = stream[Symbol.asyncIterator]()
      const { value } = await iterator.next()
      return { title: value?.snapshot.steps[0]?.title, leave: () => iterator.return?.() }
    }
    const inNorth = await first(ada)
    const inSouth = await first(bob)
    expect([inNorth.title, inSouth.title]).toEqual(['Connect to the server', 'In the south'])
    job.pass()
    expect((await collect(service, north.id)).at(-1)?.snapshot.status).toBe('PASSED')
    expect((await stored(world, south)).test).toMatchObject({ status: 'RUNNING' })
    await inNorth.leave()
    await inSouth.leave()
    await end(service, south)
  })

  test('are cancelled each for itself, also by what the database says', async () => {
    const { service, north, south, job } = await startBoth()
    expect(await service.cancel(bob, south.id)).toMatchObject({ workspaceId: 'south', cancelRequested: true })
    const leaseOf = async (row: ConnectionTestRow) => (await stored(world, row)).test.leaseUntil?.getTime() ?? 0
    const before = await leaseOf(north)
    // The process has learnt meanwhile what it has been asked for.
    await vi.waitFor(async () => expect(await leaseOf(north)).toBeGreaterThan(before + 50))
    expect(job.options.signal.aborted).toBe(false)
    expect((await stored(world, north)).test).toMatchObject({ status: 'RUNNING', cancelRequested: false })
    job.pass()
    expect(await service.wait(ada, north.id, { timeoutMs: 5_000, signal: forever })).toMatchObject({ status: 'PASSED' })
    await end(service, south)
  })

  test('are swept each for itself', async () => {
    const { service, north, south } = await startBoth()
    const { connectionTests } = world.database.tables
    const gone = { leaseOwner: 'gone', leaseUntil: new Date(0) }
    await world.database.write(tx =>
      tx
        .update(connectionTests)
        .set(gone)
        .where(and(world.is(south), eq(connectionTests.status, 'RUNNING')))
        .returning({ id: connectionTests.id }),
    )
    await service.sweep(new Date())
    // That the other one runs here does not keep the sweep from this one.
    expect((await stored(world, south)).test).toMatchObject({ status: 'ERRORED' })
    expect((await stored(world, north)).test).toMatchObject({ status: 'RUNNING' })
    await end(service, south)
  })
})
