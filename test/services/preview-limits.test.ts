import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { QueryOutcome } from '../../src/connectors/define.ts'
import { problem } from '../../src/connectors/problem.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import type { ConnectorRow } from '../../src/db/rows.ts'
import { RateLimitedError } from '../../src/services/errors.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, openWorld, signal, viewerOf, type World } from './connector-world.ts'
import { type MeterConfig, meter, meterInput } from './meter-type.ts'

const rows: QueryOutcome = { kind: 'RESULT', result: { columns: [], rows: [], truncated: false } }
const failure = (code: ProblemCode): QueryOutcome => ({ kind: 'PROBLEM', problem: problem(code) })

describe.each(testDatabases)('limits on previews on $name', testDatabase => {
  let world: World
  let clock: number
  let connector: ConnectorRow
  beforeEach(async () => {
    clock = Date.now()
    world = await openWorld(testDatabase, {
      types: [meter],
      previewLimits: { perWorkspace: 6, perProcess: 8, startsPerMinute: 30 },
      now: () => new Date(clock),
    })
    connector = await add({})
  })
  afterEach(() => world.close())

  const add = (config: MeterConfig, viewer = ada, name = 'Meter') =>
    world.connectors.create(viewer, { name, config: meterInput(config), testGate: 'NONE' }, signal)
  const preview = (id = connector.id, viewer = ada) =>
    world.datasets.preview(
      viewer,
      { connector: { id }, query: { inputKey: 'meter', value: { sql: 'select 1' } } },
      5,
      signal,
    )
  const refusal = async (id = connector.id, viewer = ada): Promise<RateLimitedError> => {
    const queries = world.host.jobs.length
    const error = await preview(id, viewer).catch((thrown: unknown) => thrown)
    expect(world.host.jobs.length).toBe(queries)
    if (error instanceof RateLimitedError) return error
    throw new Error('It was not refused.', { cause: error })
  }

  test('a preview whose sign-in is refused counts as a test does, and rows forget it', async () => {
    world.host.outcome = failure('CREDENTIALS_REJECTED')
    await preview()
    await preview()
    world.host.outcome = rows
    await preview()
    world.host.outcome = failure('CREDENTIALS_REJECTED')
    for (let count = 0; count < 3; count++) await preview()
    expect(await refusal()).toMatchObject({ reason: 'FAILED_SIGN_INS', retryAfterSeconds: 30 })
    const other = await add({ username: 'writer' }, ada, 'Another account')
    expect((await preview(other.id)).kind).toBe('PROBLEM')
    clock += 30_000
    world.host.outcome = rows
    expect((await preview()).kind).toBe('RESULT')
  })

  test('a preview with what has worked asks the database once and writes nothing', async () => {
    await preview()
    const { signInAccounts, signInAttempts } = world.database.tables
    const kept = async () => [
      await world.database.read.select().from(signInAccounts),
      await world.database.read.select().from(signInAttempts),
    ]
    const before = await kept()
    clock += 60_000
    world.host.held = async () => expect(await kept()).toEqual(before)
    expect((await preview()).kind).toBe('RESULT')
    expect(await kept()).toEqual(before)
  })

  test.each(['CONNECTION_REFUSED', 'QUERY_NOT_READ_ONLY', 'CAPACITY_EXCEEDED', 'TUNNEL_TARGET_REFUSED'] as const)(
    'a preview that fails with %s counts as nothing',
    async code => {
      world.host.outcome = failure('CREDENTIALS_REJECTED')
      await preview()
      await preview()
      world.host.outcome = failure(code)
      for (let count = 0; count < 5; count++) expect((await preview()).kind).toBe('PROBLEM')
      world.host.outcome = failure('CREDENTIALS_REJECTED')
      await preview()
      await refusal()
    },
  )

  test.each([
    'QUERY_INVALID',
    'OBJECT_NOT_FOUND',
    'PERMISSION_DENIED',
    'RESULT_TOO_LARGE',
    'STATEMENT_TIMED_OUT',
  ] as const)('a preview that gets as far as %s has signed in, which forgets refusals', async code => {
    world.host.outcome = failure('CREDENTIALS_REJECTED')
    await preview()
    await preview()
    world.host.outcome = failure(code)
    await preview()
    world.host.outcome = failure('CREDENTIALS_REJECTED')
    for (let count = 0; count < 3; count++) await preview()
    expect(await refusal()).toMatchObject({ retryAfterSeconds: 30 })
  })

  test.each(['TUNNEL_TARGET_REFUSED', 'CREDENTIALS_REJECTED', 'SIGN_IN_TIMED_OUT', 'QUERY_INVALID'] as const)(
    'a preview that gets as far as %s has signed in at the gateway before',
    async code => {
      const through = await add({ gateway: 'bastion.example' }, ada, 'Through a gateway')
      const end = async (as: ProblemCode, times: number) => {
        world.host.outcome = failure(as)
        for (let count = 0; count < times; count++) await preview(through.id)
      }
      await end('TUNNEL_CREDENTIALS_REJECTED', 2)
      await end(code, 1)
      await end('TUNNEL_CREDENTIALS_REJECTED', 3)
      expect((await refusal(through.id)).message).toContain('bastion.example has refused the last 3 sign-ins')
    },
  )

  test('of an account that is not known to work only so many sign in at once, of one that works more', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    world.host.held = () => promise
    const refused: unknown[] = []
    const first = [1, 2, 3, 4, 5].map(() => preview().catch(error => void refused.push(error)))
    await expect.poll(() => refused.length, { interval: 5, timeout: 10_000 }).toBe(2)
    expect(refused).toMatchObject([{ reason: 'FAILED_SIGN_INS' }, { reason: 'FAILED_SIGN_INS' }])
    resolve()
    await Promise.all(first)
    expect(world.host.jobs).toHaveLength(3)
    world.host.held = null
    await preview()

    const gate = Promise.withResolvers<void>()
    world.host.held = () => gate.promise
    const more = [1, 2, 3, 4, 5].map(() => preview())
    await started(9)
    gate.resolve()
    expect((await Promise.all(more)).map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'RESULT'))
  })

  test('one workspace runs only so many at once, and others are not held up', async () => {
    await preview()
    const south = viewerOf('south')
    const theirs = await add({}, south)
    await preview(theirs.id, south)
    const { promise, resolve } = Promise.withResolvers<void>()
    world.host.held = () => promise
    const running = [1, 2, 3, 4, 5, 6].map(() => preview())
    await started(8)
    expect((await refusal()).reason).toBe('TOO_MANY_RUNNING')
    const other = preview(theirs.id, south)
    await started(9)
    resolve()
    await Promise.all([...running, other])
    await preview()
  })

  test('one workspace starts only so many in a minute', async () => {
    for (let count = 0; count < 30; count++) await preview()
    expect(await refusal()).toMatchObject({ reason: 'TOO_MANY_STARTS', retryAfterSeconds: 2 })
    const south = viewerOf('south')
    await preview((await add({}, south)).id, south)
  })

  const leave = async (times: number) => {
    world.host.held = () => Promise.reject(new Error('The client has gone.'))
    for (let count = 0; count < times; count++) await expect(preview()).rejects.toThrow('has gone')
    world.host.held = null
  }

  test('previews whose clients have gone may have been refused: only so many within what the next one takes', async () => {
    await leave(3)
    // Its own budget of a second, and time for the host: shorter than the minute.
    const { reason, retryAfterSeconds, message } = await refusal()
    expect({ reason, retryAfterSeconds }).toEqual({ reason: 'FAILED_SIGN_INS', retryAfterSeconds: 33 })
    expect(message).toContain('broken off')
    clock += 33_000
    expect((await preview()).kind).toBe('RESULT')
    // Known to work now.
    await leave(6)
    expect((await preview()).kind).toBe('RESULT')
  })

  test('of a preview that may take long only a minute is waited for, however it was broken off', async () => {
    const slow = await add({ host: 'slow.example', budgetMs: 600_000 }, ada, 'Slow')
    for (const code of ['DEADLINE_EXCEEDED', 'CONNECTOR_HOST_FAILED', 'SIGN_IN_TIMED_OUT'] as const) {
      world.host.outcome = failure(code)
      await preview(slow.id)
    }
    expect((await refusal(slow.id)).retryAfterSeconds).toBe(60)
    clock += 60_000
    world.host.outcome = rows
    expect((await preview(slow.id)).kind).toBe('RESULT')
  })

  test('a preview whose client has gone before it began gives its right back', async () => {
    for (let count = 0; count < 5; count++) {
      const left = new AbortController()
      left.abort(new Error('Left early.'))
      const target = { connector: { id: connector.id }, query: { inputKey: 'meter', value: { sql: 'select 1' } } }
      await expect(world.datasets.preview(ada, target, 5, left.signal)).rejects.toThrow('Left early')
    }
    expect(world.host.jobs).toHaveLength(0)
    expect((await preview()).kind).toBe('RESULT')
  })

  /** Resolves once the host has been given so many queries. */
  const started = (queries: number) =>
    expect.poll(() => world.host.jobs.length, { interval: 5, timeout: 10_000 }).toBeGreaterThanOrEqual(queries)
})
