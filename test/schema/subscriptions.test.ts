import { describe, expect, test, vi } from 'vitest'
import type { TestEvent } from '../../src/connectors/connection-test.ts'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import type { TestProgress } from '../../src/services/connection-tests.ts'
import { NotFoundError, RateLimitedError } from '../../src/services/errors.ts'
import { dataOf, schemaWorld, snapshot, testRow } from './schema-world.ts'

const at = '2026-11-22T09:30:00.000Z'
const planned = { id: 'RESOLVE', key: 'RESOLVE' as const, target: null, title: 'Find', required: true, budgetMs: 3000 }
const running = {
  ...planned,
  status: 'RUNNING' as const,
  blockedBy: null,
  startedAt: at,
  durationMs: null,
  note: 'asking',
  evidence: [],
  problem: null,
}
const events: readonly TestEvent[] = [
  { type: 'PLANNED', sequence: 1, at, steps: [planned] },
  { type: 'STEP_STARTED', sequence: 2, at, stepId: 'RESOLVE' },
  { type: 'STEP_PROGRESSED', sequence: 3, at, stepId: 'RESOLVE', note: 'asking' },
  {
    type: 'STEP_FINISHED',
    sequence: 4,
    at,
    stepId: 'RESOLVE',
    durationMs: 1,
    status: 'PASSED',
    evidence: [],
    problem: null,
  },
  { type: 'FINISHED', sequence: 5, at, status: 'PASSED', durationMs: 5, problem: null },
]

async function* progress(): AsyncIterable<TestProgress> {
  for (const event of events)
    yield { testId: 't1', event, snapshot: snapshot({ sequence: event.sequence, steps: [running] }) }
}

const start = `subscription {
  testConnection(input: { target: { saved: { name: "Sales" } }, mayStartCompute: true }) {
    __typename
    ... on Error { code }
    ... on ConnectionTestEvent { sequence at test { id status connectorType { name } } }
    ... on ConnectionTestPlanned { steps { id } }
    ... on ConnectionTestStepProgressed { step { note } }
  }
}`

async function itemsOf(stream: Awaited<ReturnType<ReturnType<typeof schemaWorld>['stream']>>) {
  if (!(Symbol.asyncIterator in stream)) throw new Error(`There is no stream: ${JSON.stringify(stream)}`)
  const items: unknown[] = []
  for await (const result of stream) items.push(Object.values(dataOf(result))[0])
  return items
}

test('a test is streamed event by event, each with the test as of then', async () => {
  const begin = vi.fn(async () => testRow('t1'))
  const stream = vi.fn(async () => progress())
  const world = schemaWorld({
    connectionTests: { start: begin, stream, findMany: async (_viewer, ids) => ids.map(id => testRow(id)) },
  })
  const test = { id: encodeGlobalId('ConnectionTest', 't1'), status: 'RUNNING', connectorType: { name: 'MADE_UP' } }
  expect(await itemsOf(await world.stream(start))).toEqual([
    { __typename: 'ConnectionTestPlanned', sequence: 1, at, test, steps: [{ id: 't1:RESOLVE' }] },
    { __typename: 'ConnectionTestStepStarted', sequence: 2, at, test },
    { __typename: 'ConnectionTestStepProgressed', sequence: 3, at, test, step: { note: 'asking' } },
    { __typename: 'ConnectionTestStepFinished', sequence: 4, at, test },
    { __typename: 'ConnectionTestFinished', sequence: 5, at, test },
  ])
  expect(begin).toHaveBeenCalledExactlyOnceWith(expect.anything(), {
    target: { saved: { name: 'Sales' } },
    attemptKey: null,
    mayStartCompute: true,
    lifetime: 'ONE_SHOT',
  })
  expect(stream).toHaveBeenCalledWith(expect.anything(), 't1', { afterSequence: 0, signal: expect.any(AbortSignal) })
})

test('a test that was started elsewhere is resumed after the last event that the client has seen', async () => {
  const stream = vi.fn(async () => progress())
  const world = schemaWorld({ connectionTests: { stream } })
  const resumed = await world.stream(
    `subscription ($id: ID!) { connectionTestProgress(id: $id, afterSequence: 3) { __typename } }`,
    { id: encodeGlobalId('ConnectionTest', 't1') },
  )
  expect(await itemsOf(resumed)).toHaveLength(5)
  expect(stream).toHaveBeenCalledWith(expect.anything(), 't1', { afterSequence: 3, signal: expect.any(AbortSignal) })
})

test('a mutation starts a test that outlives its client, and waits as long as it was told', async () => {
  const begin = vi.fn(async () => testRow('t1'))
  const wait = vi.fn(async () => testRow('t1', { status: 'PASSED' }))
  const world = schemaWorld({ connectionTests: { start: begin, wait } })
  const draft = '{ madeUp: { baseUrl: "https://a", auth: { none: true } } }'
  const { testConnection } = dataOf(
    await world.run(`mutation {
      testConnection(input: { target: { edit: { connector: { name: "x" }, config: ${draft} } }, waitSeconds: 7, attemptKey: "k" }) {
        ... on TestConnectionSuccess { test { id } }
      }
    }`),
  )
  expect(testConnection).toEqual({ test: { id: encodeGlobalId('ConnectionTest', 't1') } })
  expect(begin).toHaveBeenCalledWith(expect.anything(), {
    target: {
      edit: {
        connector: { name: 'x' },
        config: { inputKey: 'madeUp', value: { baseUrl: 'https://a', auth: { none: true } } },
      },
    },
    attemptKey: 'k',
    mayStartCompute: false,
    lifetime: 'PINNED',
  })
  expect(wait).toHaveBeenCalledWith(expect.anything(), 't1', { timeoutMs: 7000, signal: expect.any(AbortSignal) })
})

describe('a refusal', () => {
  test('to start is the only item of the stream', async () => {
    const world = schemaWorld({ connectionTests: { start: () => Promise.reject(new RateLimitedError(2)) } })
    expect(await itemsOf(await world.stream(start))).toEqual([{ __typename: 'RateLimitedError', code: 'RATE_LIMITED' }])
  })

  test('to attach is the only item of the stream', async () => {
    const world = schemaWorld({
      connectionTests: { stream: () => Promise.reject(new NotFoundError('connection test')) },
    })
    const stream = await world.stream('subscription { connectionTestProgress(id: "x") { ... on Error { code } } }')
    expect(await itemsOf(stream)).toEqual([{ code: 'NOT_FOUND' }])
  })

  test('is not made of a bug: that is an error', async () => {
    const world = schemaWorld({ connectionTests: { start: () => Promise.reject(new Error('bug')) } })
    expect(await world.stream(start)).toMatchObject({ errors: [{ message: 'bug', path: ['testConnection'] }] })
  })
})

test('a subscriber that leaves while nothing happens ends the source at once', async () => {
  const returned = Promise.withResolvers<string>()
  const silent: AsyncIterableIterator<TestProgress> = {
    next: () => new Promise(() => {}),
    return: async () => {
      returned.resolve('told')
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
  const world = schemaWorld({ connectionTests: { start: async () => testRow('t1'), stream: async () => silent } })
  const stream = await world.stream(start)
  if (!('next' in stream)) throw new Error('There is no stream.')
  void stream.next()
  void stream.return(undefined)
  expect(await returned.promise).toBe('told')
})
