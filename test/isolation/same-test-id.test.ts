import { and, eq } from 'drizzle-orm'
import { afterEach, expect, test, vi } from 'vitest'
import { decodeGlobalId } from '../../src/schema/global-id.ts'
import { viewerOf } from '../viewers.ts'
import { fastSqlite } from './fast-databases.ts'
import { addTwin } from './twins.ts'
import { openWalkWorld, type Place, type WalkWorld } from './walk-world.ts'

let world: WalkWorld
afterEach(async () => world[Symbol.asyncDispose]())

/** A workspace with a running test, whose twin has a running test of the same id that no process runs. */
async function openPair(): Promise<{ readonly place: Place; readonly twin: string; readonly testId: string }> {
  world = await openWalkWorld(await fastSqlite.open(), { depth: 1 })
  const place = await world.open()
  const twin = `twin-${place.workspace}`
  await addTwin(world.tenants.database, place.workspace, twin)
  const testId = await place.work(async (_walk, { south }) => decodeGlobalId(south.runningTest)?.id ?? '')
  return { place, twin, testId }
}

const signal = () => new AbortController().signal

test('two running tests of one id in two workspaces: each stream tells of its own', async () => {
  const { place, twin, testId } = await openPair()
  const { connectionTests } = world.tenants.services
  const follow = (workspace: string) =>
    connectionTests.stream(viewerOf(workspace), testId, { afterSequence: 0, signal: signal() })
  const ofTwin = await follow(twin)
  const own = await follow(place.workspace)
  const first = async (stream: typeof own) => {
    for await (const { event } of stream) return event.at
    return null
  }
  // Events of twins say so by their time.
  expect(await first(ofTwin)).toBe('2001-01-01T00:00:00.000Z')
  expect(await first(own)).not.toBe('2001-01-01T00:00:00.000Z')
})

test('two running tests of one id in two workspaces: cancelling one leaves the other', async () => {
  const { place, twin, testId } = await openPair()
  const { database, host, services } = world.tenants
  const { connectionTests } = database.tables
  // Nobody runs it, so nobody answers: only the wish is recorded.
  const cancelling = services.connectionTests.cancel(viewerOf(twin), testId).catch(() => undefined)
  await vi.waitFor(async () => {
    const [row] = await database.read
      .select()
      .from(connectionTests)
      .where(and(eq(connectionTests.workspaceId, twin), eq(connectionTests.id, testId)))
    if (!row?.cancelRequested) throw new Error('The wish is not recorded yet.')
  })
  // What a wake-up leads to comes within a turn or two.
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  const held = host.jobs.filter(job => job.workspaceId === place.workspace && job.end === null)
  expect(held).toHaveLength(1)
  await database.write(tx =>
    tx
      .update(connectionTests)
      .set({ status: 'CANCELLED' })
      .where(and(eq(connectionTests.workspaceId, twin), eq(connectionTests.id, testId)))
      .returning({ id: connectionTests.id }),
  )
  await cancelling
})
