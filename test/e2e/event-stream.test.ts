import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  CancelTestDocument,
  RejoinTestDocument,
  type RejoinTestSubscription,
  RunTestDocument,
  TestByIdDocument,
  type TestConnectionInput,
  WatchTestDocument,
  type WatchTestSubscription,
} from '../generated/graphql.ts'
import { proves } from '../proofs/proves.ts'
import { PostgresServer, uniqueName } from '../servers/postgres.ts'
import { type ApiClient, type Transport, transports } from './api-client.ts'
import type { EventLog } from './event-log.ts'
import { HoldingProxy } from './holding-proxy.ts'
import { RecordedApp } from './recorded-app.ts'
import { ServerProcess } from './server-process.ts'
import { createSource } from './source.ts'
import { createStorage, type Storage, storageKinds } from './storage.ts'
import { asType } from './typed-result.ts'

type Event = WatchTestSubscription['events'] | RejoinTestSubscription['events']
type TestEvent = Extract<Event, { readonly test: unknown }>

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await PostgresServer.start()
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

/** A source whose tests stop in READ until they are released. */
async function heldSource() {
  const source = await createSource(postgres)
  const proxy = await HoldingProxy.start(postgres.port, 'orders')
  const draft = source.config({ port: proxy.port })
  return {
    source,
    proxy,
    draft,
    input: { target: { draft } },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}

const watch = (client: ApiClient, input: TestConnectionInput, transport: Transport = 'SSE') =>
  client.subscribe(transport, WatchTestDocument, { input })
const rejoin = (client: ApiClient, id: string, afterSequence = 0, transport: Transport = 'SSE') =>
  client.subscribe(transport, RejoinTestDocument, { id, afterSequence })

/** The id of the test that a stream tells of. */
async function testId(stream: EventLog<Event>): Promise<string> {
  return asType(await stream.until(() => true), 'ConnectionTestPlanned').test.id
}

async function testById(client: ApiClient, id: string) {
  const { node } = await client.request(TestByIdDocument, { id })
  if (node?.__typename !== 'ConnectionTest') throw new Error('There is no such test.')
  return node
}

/** Spares the wait until a dead server is believed dead. */
const endLeases = (storage: Storage) => storage.sql("update connection_tests set lease_until = '2000-01-01'")

const stepStatuses = ({ steps }: TestEvent['test']) => Object.fromEntries(steps.map(({ key, status }) => [key, status]))

/** Asserts what holds of every whole stream: plan first, numbers without gaps, one end, statuses that only advance. */
function expectWhole(events: readonly Event[]): readonly TestEvent[] {
  // Every refusal would fail the next assertion.
  const whole = events as readonly TestEvent[]
  expect(whole.map(event => event.sequence)).toEqual(whole.map((_, index) => index + 1))
  expect(new Set(whole.map(event => event.test.id)).size).toBe(1)
  const [plan] = whole
  expect(plan?.__typename).toBe('ConnectionTestPlanned')
  expect(plan?.test.steps.map(step => [step.status, step.budgetMs > 0])).toEqual(
    plan?.test.steps.map(() => ['PENDING', true]),
  )
  const ends = whole.filter(event => event.__typename === 'ConnectionTestFinished')
  expect(ends).toEqual([whole.at(-1)])
  expect(whole.slice(0, -1).map(event => event.test.status)).toEqual(whole.slice(1).map(() => 'RUNNING'))
  for (const key of plan?.test.steps.map(step => step.key) ?? []) {
    const seen = whole.map(event => event.test.steps.find(step => step.key === key)?.status ?? 'MISSING')
    const changes = seen.filter((status, index) => status !== seen[index - 1]).join(' ')
    expect(changes, key).toMatch(/^PENDING( RUNNING)? (PASSED|WARNING|FAILED|SKIPPED|CANCELLED)$/)
  }
  return whole
}

test('a server that shuts down tells subscribers and waiting clients how their test ended', async () => {
  const app = await RecordedApp.start('SQLite')
  await using held = await heldSource()
  const streams = transports.map(transport => watch(app.client, held.input, transport))
  const waiting = app.client.request(RunTestDocument, { input: { ...held.input, waitSeconds: 300 } })
  await held.proxy.held
  await Promise.all(streams.map(testId))
  await app[Symbol.asyncDispose]()
  for (const stream of streams) {
    const events = expectWhole(await stream.all())
    expect(events.at(-1)?.test).toMatchObject({ status: 'ERRORED', problem: { code: 'TEST_INTERRUPTED' } })
    proves('ANY', 'TEST_INTERRUPTED', 'REAL_SERVER')
  }
  const { testConnection } = await waiting
  expect(asType(testConnection, 'TestConnectionSuccess').test.status).toBe('ERRORED')
})

describe.each(storageKinds)('a streamed connection test, stored in %s', kind => {
  let app: RecordedApp
  beforeAll(async () => {
    app = await RecordedApp.start(kind)
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
  })

  test('is the same for early, late, resumed and belated subscribers, over SSE and WebSocket', async () => {
    await using held = await heldSource()
    const early = watch(app.client, held.input)
    await held.proxy.held
    const id = await testId(early)
    const attached = watch(app.client, held.input, 'WebSocket')
    const late = transports.map(transport => rejoin(app.client, id, 0, transport))
    const resumed = transports.map(transport => rejoin(app.client, id, 5, transport))
    const ahead = rejoin(app.client, id, 1_000)
    for (const stream of [attached, ...late, ...resumed]) await stream.until(() => true)
    held.proxy.release()

    const events = expectWhole(await early.all())
    expect(events.at(-1)?.test.status).toBe('PASSED_WITH_WARNINGS')
    expect(events.length).toBeGreaterThan(2 * 9)
    expect(await attached.all()).toEqual(events)
    for (const stream of late) expect(await stream.all()).toEqual(events)
    for (const stream of resumed) expect(await stream.all()).toEqual(events.slice(5))
    expect(await ahead.all()).toEqual([])
    for (const transport of transports) {
      expect(await rejoin(app.client, id, 0, transport).all()).toEqual(events)
      expect(await rejoin(app.client, id, events.length - 1, transport).all()).toEqual(events.slice(-1))
    }
    expect(await testById(app.client, id)).toMatchObject(events.at(-1)?.test ?? {})
    expect(held.source.signInAttempts()).toBe(1)
  })

  test.each(transports)(
    'is cancelled when its only subscriber disconnects (%s), and nothing runs on',
    async transport => {
      await using held = await heldSource()
      const stream = watch(app.client, held.input, transport)
      const id = await testId(stream)
      await held.proxy.held
      await stream.leave()
      await vi.waitFor(async () => expect((await testById(app.client, id)).status).not.toBe('RUNNING'), 15_000)
      const after = await testById(app.client, id)
      expect(after.status).toBe('CANCELLED')
      expect(stepStatuses(after)).toMatchObject({ OPEN: 'PASSED', READ: 'CANCELLED', LEAST_PRIVILEGE: 'CANCELLED' })
      await held.source.untilNoSessions()
      expect(held.proxy.openConnections).toBe(0)
      expectWhole(await rejoin(app.client, id).all())
    },
  )

  test('goes on for those who stay, and for a mutation whoever leaves', async () => {
    await using held = await heldSource()
    const [first, second] = [watch(app.client, held.input), watch(app.client, held.input, 'WebSocket')]
    const id = await testId(first)
    expect(await testId(second)).toBe(id)
    await held.proxy.held
    const mutation = app.client.request(RunTestDocument, { input: { ...held.input, waitSeconds: 0 } })
    expect(asType((await mutation).testConnection, 'TestConnectionSuccess').test).toMatchObject({
      id,
      status: 'RUNNING',
    })
    await Promise.all([first.leave(), second.leave()])
    held.proxy.release()
    const events = expectWhole(await rejoin(app.client, id).all())
    expect(events.at(-1)?.test.status).toBe('PASSED_WITH_WARNINGS')
    expect(held.source.signInAttempts()).toBe(1)
  })

  test('is another one for another target, and for the same target once it has ended', async () => {
    const source = await createSource(postgres)
    const run = async (schemas: string[]) => {
      const stream = watch(app.client, { target: { draft: source.config({ schemas }) } })
      expectWhole(await stream.all())
      return testId(stream)
    }
    const ids = await Promise.all([run([]), run(['public'])])
    ids.push(await run([]))
    expect(new Set(ids).size).toBe(3)
  })

  test('is shown again, not run again, to whoever repeats its attempt key', async () => {
    const source = await createSource(postgres)
    const attemptKey = uniqueName('attempt')
    const input = { target: { draft: source.config() }, attemptKey }
    const events = expectWhole(await watch(app.client, input).all())
    expect(await watch(app.client, input, 'WebSocket').all()).toEqual(events)
    const { testConnection } = await app.client.request(RunTestDocument, { input })
    expect(asType(testConnection, 'TestConnectionSuccess').test.id).toBe(events[0]?.test.id)
    expect(source.signInAttempts()).toBe(1)

    const other = { ...input, target: { draft: source.config({ schemas: ['public'] }) } }
    const refusal = [{ __typename: 'IdempotencyKeyReusedError', code: 'IDEMPOTENCY_KEY_REUSED' }]
    for (const transport of transports) expect(await watch(app.client, other, transport).all()).toMatchObject(refusal)
    expect(source.signInAttempts()).toBe(1)
  })

  test('ends for every subscriber when it is cancelled', async () => {
    await using held = await heldSource()
    const streams = transports.map(transport => watch(app.client, held.input, transport))
    await held.proxy.held
    const [sse, socket] = streams
    if (!sse || !socket) throw new Error('There are two transports.')
    const id = await testId(sse)
    const cancel = async () => (await app.client.request(CancelTestDocument, { id })).cancelConnectionTest
    expect(asType(await cancel(), 'CancelConnectionTestSuccess').test.status).toBe('CANCELLED')
    const events = expectWhole(await sse.all())
    expect(await socket.all()).toEqual(events)
    const last = asType<Event, 'ConnectionTestFinished'>(events.at(-1) as Event, 'ConnectionTestFinished')
    expect(stepStatuses(last.test)).toMatchObject({ OPEN: 'PASSED', READ: 'CANCELLED', LEAST_PRIVILEGE: 'CANCELLED' })
    expect(last.test.steps.map(step => step.blockedBy)).toEqual(last.test.steps.map(() => null))
    await held.source.untilNoSessions()
    expect(asType(await cancel(), 'CancelConnectionTestSuccess').test).toMatchObject({ id, status: 'CANCELLED' })
  })

  test('that does not exist is a refusal, not an error', async () => {
    for (const id of ['nonsense', Buffer.from('ConnectionTest:nothing').toString('base64')]) {
      for (const transport of transports) {
        expect(await rejoin(app.client, id, 0, transport).all()).toMatchObject([{ __typename: 'NotFoundError' }])
      }
    }
  })

  test('is closed as interrupted after its server was killed in the middle of it', async () => {
    await using storage = await createStorage(kind)
    await using held = await heldSource()
    await using first = await ServerProcess.start(storage)
    const seen = watch(first.client, held.input)
    const id = await testId(seen)
    await held.proxy.held
    await first.kill()
    await expect(seen.completed).rejects.toThrow()
    // On SQLite no other server can be running it.
    if (kind === 'PostgreSQL') await endLeases(storage)
    await held.source.untilNoSessions()

    await using second = await ServerProcess.start(storage)
    const events = expectWhole(await rejoin(second.client, id).all())
    expect(events.slice(0, seen.events.length)).toEqual(seen.events)
    expect(events.at(-1)?.test).toMatchObject({
      status: 'ERRORED',
      problem: { code: 'TEST_INTERRUPTED', retryable: true },
    })
    const resumed = rejoin(second.client, id, seen.events.length, 'WebSocket')
    expect(await resumed.all()).toEqual(events.slice(seen.events.length))
    expect(held.source.signInAttempts()).toBe(1)
  })
})

describe('two servers on one database', () => {
  test('show tests of the other as their own, and cancel them', async () => {
    await using storage = await createStorage('PostgreSQL')
    await using held = await heldSource()
    await using runner = await ServerProcess.start(storage)
    await using other = await ServerProcess.start(storage)
    const here = watch(runner.client, held.input)
    const id = await testId(here)
    await held.proxy.held
    const there = transports.map(transport => rejoin(other.client, id, 0, transport))
    for (const stream of there) await stream.until(() => true)
    held.proxy.release()
    const events = expectWhole(await here.all())
    for (const stream of there) expect(await stream.all()).toEqual(events)

    await using again = await heldSource()
    const cancelled = watch(runner.client, again.input)
    const cancelledId = await testId(cancelled)
    await again.proxy.held
    const attached = watch(other.client, again.input)
    expect(await testId(attached)).toBe(cancelledId)
    const { cancelConnectionTest } = await other.client.request(CancelTestDocument, { id: cancelledId })
    expect(asType(cancelConnectionTest, 'CancelConnectionTestSuccess').test.status).toBe('CANCELLED')
    expect(expectWhole(await cancelled.all()).at(-1)?.test.status).toBe('CANCELLED')
    expect(await attached.all()).toEqual(cancelled.events)
    await again.source.untilNoSessions()
  })

  test('close tests of the other when that is killed', { timeout: 60_000 }, async () => {
    await using storage = await createStorage('PostgreSQL')
    await using held = await heldSource()
    await using runner = await ServerProcess.start(storage)
    await using other = await ServerProcess.start(storage)
    const here = watch(runner.client, held.input)
    const id = await testId(here)
    await held.proxy.held
    const there = rejoin(other.client, id, 0, 'WebSocket')
    await there.until(() => true)
    await runner.kill()
    // Otherwise the lease would have to run out first.
    await endLeases(storage)
    const events = expectWhole(await there.all())
    expect(events.at(-1)?.test).toMatchObject({ status: 'ERRORED', problem: { code: 'TEST_INTERRUPTED' } })
  })
})
