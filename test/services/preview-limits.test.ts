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

  test('a preview that fails for other reasons counts as nothing', async () => {
    world.host.outcome = failure('QUERY_INVALID')
    for (let count = 0; count < 5; count++) expect((await preview()).kind).toBe('PROBLEM')
  })

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

  test('a preview whose client has gone gives its right back', async () => {
    for (let count = 0; count < 6; count++) {
      const left = new AbortController()
      world.host.held = () => Promise.reject(new Error('The client has gone.'))
      const target = { connector: { id: connector.id }, query: { inputKey: 'meter', value: { sql: 'select 1' } } }
      await expect(world.datasets.preview(ada, target, 5, left.signal)).rejects.toThrow('has gone')
    }
    world.host.held = null
    expect((await preview()).kind).toBe('RESULT')
  })

  /** Resolves once the host has been given so many queries. */
  const started = (queries: number) =>
    expect.poll(() => world.host.jobs.length, { interval: 5, timeout: 10_000 }).toBeGreaterThanOrEqual(queries)
})
