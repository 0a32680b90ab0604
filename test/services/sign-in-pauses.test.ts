import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failed } from '../../src/connectors/define.ts'
import { problem } from '../../src/connectors/problem.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import type { ConnectionTestRow } from '../../src/db/rows.ts'
import type { ConnectionTestServiceOptions } from '../../src/services/connection-test-options.ts'
import { RateLimitedError } from '../../src/services/errors.ts'
import { longestRunMs } from '../../src/services/running-test.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, openTestWorld, type TestWorld, viewerOf } from './connection-test-world.ts'
import { FakeConnectorHost, type FakeJob } from './fake-connector-host.ts'
import { failAt, type MeterConfig, meter, meterDraft, pass, rejectCredentials } from './meter-type.ts'

const second = 1_000
const minute = 60 * second

/** Plays the rest of a test from its sign-in on, which fails. */
const failAtSignIn =
  (code: ProblemCode) =>
  (job: FakeJob): void => {
    job.run('SIGN_IN', failed(problem(code)))
    job.skipRest('SIGN_IN')
    job.complete()
  }

describe.each(testDatabases)('refused sign-ins on $name', testDatabase => {
  let world: TestWorld
  let host: FakeConnectorHost
  let clock: number
  let service: ReturnType<TestWorld['openService']>
  const open = (overrides: Partial<ConnectionTestServiceOptions> = {}) =>
    world.openService(host, {
      registry: new ConnectorRegistry([meter]),
      limits: { perWorkspace: 50, perProcess: 50, startsPerMinute: 1_000 },
      now: () => new Date(clock),
      ...overrides,
    })
  beforeEach(async () => {
    world = await openTestWorld(testDatabase)
    host = new FakeConnectorHost()
    clock = Date.parse('2026-11-22T09:30:00Z')
    service = open()
  })
  afterEach(() => world.close())

  const start = (config: MeterConfig = {}, viewer = ada) => service.start(viewer, meterDraft(config))
  const ended = (row: ConnectionTestRow) => {
    const { signal } = new AbortController()
    const viewer = viewerOf(row.workspaceId, row.startedBy)
    return service.wait(viewer, row.id, { timeoutMs: 10_000, signal })
  }
  /** Runs a test to its end. */
  const run = async (how: (job: FakeJob) => void, config: MeterConfig = {}, viewer = ada) => {
    host.behave = how
    return ended(await start(config, viewer))
  }
  const refusal = async (config: MeterConfig = {}, viewer = ada): Promise<RateLimitedError> => {
    const dialled = host.jobs.length
    const error = await start(config, viewer).catch((thrown: unknown) => thrown)
    expect(host.jobs.length).toBe(dialled)
    if (error instanceof RateLimitedError) return error
    throw new Error('It was not refused.', { cause: error })
  }
  const rejectTimes = async (times: number, config: MeterConfig = {}, viewer = ada) => {
    for (let count = 0; count < times; count++) await run(rejectCredentials, config, viewer)
  }

  test('make the next one wait, which is told with the reason and since when', async () => {
    await rejectTimes(1)
    clock += 5 * second
    await rejectTimes(2)
    clock += 10 * second
    const { reason, retryAfterSeconds, message } = await refusal()
    expect({ reason, retryAfterSeconds }).toEqual({ reason: 'FAILED_SIGN_INS', retryAfterSeconds: 20 })
    expect(message).toContain('meter.example has refused the last 3 sign-ins as "reader"')
    expect(message).toContain('the first at 2026-11-22 09:30:00 UTC')
    expect(message).toContain('20 s')
    clock += 19_999
    expect((await refusal()).retryAfterSeconds).toBe(1)
    clock += 1
    expect((await run(pass)).status).toBe('PASSED')
  })

  test('make it wait longer each time, up to a quarter of an hour, also for one who keeps on', async () => {
    await rejectTimes(3)
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      const { retryAfterSeconds } = await refusal()
      waits.push(retryAfterSeconds)
      clock += retryAfterSeconds * second
      await rejectTimes(1)
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900])
  })

  test('are forgotten after a sign-in, and after a quarter of an hour of quiet', async () => {
    await rejectTimes(2)
    await run(pass)
    await rejectTimes(2)
    clock += 15 * minute
    await rejectTimes(2)
    clock += 15 * minute - 1
    await rejectTimes(1)
    await refusal()
    // Quiet begins when the wait is over.
    clock += 30 * second + 15 * minute - 1
    await rejectTimes(1)
    expect((await refusal()).retryAfterSeconds).toBe(60)
  })

  test('count for the account: another password does not help, another user, host or workspace is free', async () => {
    await rejectTimes(3)
    await refusal({ password: 'quite another' })
    await refusal({ host: 'METER.example' })
    await refusal({}, viewerOf(ada.workspace.id, 'grace'))
    await run(pass, { username: 'writer' })
    await run(pass, { host: 'other.example' })
    await run(pass, {}, viewerOf('south'))
    await refusal()
  })

  const harmless: readonly [string, ProblemCode][] = [
    ['CONNECT', 'CONNECTION_REFUSED'],
    ['SIGN_IN', 'TOO_MANY_CONNECTIONS'],
    ['SIGN_IN', 'LOGIN_NOT_PERMITTED'],
    ['SIGN_IN', 'HOST_RULE_REJECTED'],
    ['READ', 'PERMISSION_DENIED'],
  ]
  test.each(harmless)('are something else than a failure at %s with %s', async (stepId, code) => {
    for (let count = 0; count < 5; count++) await run(failAt(stepId, code))
    expect((await run(pass)).status).toBe('PASSED')
  })

  test('at once: no more begin than may be refused, whoever starts them', async () => {
    host.behave = () => undefined
    const starts = Array.from({ length: 12 }, (_, index) =>
      start({ password: `guess number ${index}` }, viewerOf(ada.workspace.id, `viewer ${index % 3}`)),
    )
    const results = await Promise.allSettled(starts)
    const begun = results.filter(result => result.status === 'fulfilled').map(({ value }) => value)
    const refused = results.filter(result => result.status === 'rejected')
    expect(begun).toHaveLength(3)
    expect(refused.map(({ reason }) => (reason as RateLimitedError).reason)).toEqual(
      Array.from({ length: 9 }, () => 'FAILED_SIGN_INS'),
    )
    for (const job of host.jobs) rejectCredentials(job)
    await Promise.all(begun.map(ended))
    expect((await refusal()).retryAfterSeconds).toBe(30)

    // Once the wait is over there is one try, not three.
    clock += 30 * second
    const again = await Promise.allSettled([1, 2, 3, 4].map(index => start({ password: `late guess ${index}` })))
    expect(again.filter(result => result.status === 'fulfilled')).toHaveLength(1)
  })

  test('hold nobody up who works with what has worked: any number at once', async () => {
    await run(pass)
    host.behave = () => undefined
    const ids = new Set<string>()
    for (const viewer of ['one', 'two', 'three']) {
      for (const mayStartCompute of [false, true]) {
        const row = await service.start(viewerOf(ada.workspace.id, viewer), meterDraft({}, { mayStartCompute }))
        ids.add(row.id)
      }
    }
    expect(ids.size).toBe(6)
    // The first one that is refused ends this.
    const last = await start({}, viewerOf(ada.workspace.id, 'last'))
    rejectCredentials(host.jobs.at(-1) as FakeJob)
    await ended(last)
    await start({}, viewerOf(ada.workspace.id, 'four'))
    await start({}, viewerOf(ada.workspace.id, 'five'))
    await refusal({}, viewerOf(ada.workspace.id, 'six'))
  })

  test('with other credentials hold up nobody who works with what has worked, who does not end their pause', async () => {
    await run(pass)
    const wrong = { password: 'a typing mistake' }
    await rejectTimes(3, wrong)
    await refusal(wrong)
    for (let count = 0; count < 5; count++) expect((await run(pass)).status).toBe('PASSED')
    // Another connector with the same account and secrets: what has worked is the credentials.
    expect((await run(pass, { gateway: 'bastion.example' })).status).toBe('PASSED')
    expect((await refusal(wrong)).retryAfterSeconds).toBe(30)
    // A proof that is renewed while others fail ends no pause either.
    clock += 59 * minute
    await rejectTimes(3, wrong)
    clock += 2 * minute
    await rejectTimes(1, wrong)
    expect((await run(pass)).status).toBe('PASSED')
    expect((await refusal(wrong)).retryAfterSeconds).toBe(60)
    // Refused once they are no better than others.
    await run(rejectCredentials)
    await refusal()
  })

  test('of a clock that was ahead are not waited for until that time comes', async () => {
    clock += 24 * 60 * minute
    await rejectTimes(3)
    clock -= 24 * 60 * minute
    expect((await run(pass)).status).toBe('PASSED')
  })

  test('are known to every process on the database, and after a restart', async () => {
    await rejectTimes(3)
    await service.close()
    service = open()
    await refusal()
  })

  test('are counted as soon as the step has ended, and the right to try is given back then', async () => {
    host.behave = job => {
      job.run('CONNECT')
      job.run('SIGN_IN')
    }
    // Each holds on after its sign-in: their outcome is known, so they stand in nobody's way.
    const rows: ConnectionTestRow[] = []
    for (let count = 0; count < 5; count++) {
      const viewer = viewerOf(ada.workspace.id, `viewer ${count}`)
      const row = await start({ password: `right ${count}` }, viewer)
      rows.push(row)
      const { signal } = new AbortController()
      for await (const { snapshot } of await service.stream(viewer, row.id, { afterSequence: 0, signal })) {
        if (snapshot.steps.find(({ id }) => id === 'SIGN_IN')?.status === 'PASSED') break
      }
    }
    expect(rows).toHaveLength(5)
  })

  test('at a gateway are counted for the gateway, whatever lies behind it', async () => {
    const gateway = { gateway: 'bastion.example' }
    const refuse = (job: FakeJob) => {
      job.run('TUNNEL', failed(problem('CREDENTIALS_REJECTED')))
      job.skipRest('TUNNEL')
      job.complete()
    }
    for (let count = 0; count < 3; count++) await run(refuse, gateway)
    expect((await refusal({ ...gateway, host: 'another.example' })).message).toContain('bastion.example')
    expect((await run(pass)).status).toBe('PASSED')
  })

  test('keep nobody from the test that runs already, nor from one of the last day', async () => {
    const attempt = { attemptKey: 'the same' }
    host.behave = rejectCredentials
    const row = await service.start(ada, meterDraft({}, attempt))
    await ended(row)
    await rejectTimes(2)
    await refusal()
    expect((await service.start(ada, meterDraft({}, attempt))).id).toBe(row.id)
  })

  const endings: readonly [string, (job: FakeJob) => void][] = [
    ['passes', pass],
    ['never gets to its sign-in', failAt('CONNECT', 'CONNECTION_REFUSED')],
    ['is cancelled', job => job.cancelRest()],
    ['is cancelled before it signs in', job => [job.run('CONNECT'), job.cancelRest()]],
    ['is cancelled while it connects', job => [job.start('CONNECT'), job.cancelRest()]],
    ['is cancelled after it has signed in', job => [job.run('CONNECT'), job.run('SIGN_IN'), job.cancelRest()]],
    ['breaks', job => job.crash()],
    ['breaks while it connects', job => [job.start('CONNECT'), job.crash()]],
    ['talks nonsense', job => [job.start('READ'), job.complete()]],
  ]
  test.each(endings)('are not under way any more when a test %s', async (_, how) => {
    await run(how)
    const { signInAttempts } = world.database.tables
    expect(await world.database.read.select().from(signInAttempts)).toEqual([])
  })

  const brokenOff: readonly [string, (job: FakeJob) => void][] = [
    ['is cancelled', job => [job.start('SIGN_IN'), job.cancelRest()]],
    ['breaks', job => [job.start('SIGN_IN'), job.crash()]],
    ['is reported to run on and on', job => [job.start('SIGN_IN'), job.complete()]],
    ['gets no answer in time', failAtSignIn('SIGN_IN_TIMED_OUT')],
    ['gets no answer in some other time', failAtSignIn('STEP_TIMED_OUT')],
  ]
  test.each(brokenOff)('may be what comes of one that %s: only so many are open, and none counts', async (_, how) => {
    const breakOff = (job: FakeJob) => [job.run('CONNECT'), how(job)]
    for (const guess of ['a', 'b']) await run(breakOff, { password: `guess ${guess}` })
    clock += 10 * second
    await run(breakOff, { password: 'guess c' })
    // By its plan and some grace the first two are over after so many milliseconds.
    const longest = longestRunMs(host.jobs[0]?.job.plan ?? [])
    const { retryAfterSeconds, message } = await refusal()
    expect(retryAfterSeconds).toBe(Math.ceil(longest / second) - 10)
    expect(message).toContain('broken off')
    expect(message).toContain(`try again in ${retryAfterSeconds} s`)
    clock += longest - 10 * second - 1
    await refusal({ password: 'guess d' })
    clock += 1
    // No refusal was counted: two are free again.
    for (const guess of ['e', 'f']) await run(breakOff, { password: `guess ${guess}` })
    expect((await refusal()).retryAfterSeconds).toBe(10)
    clock += 10 * second
    expect((await run(pass)).status).toBe('PASSED')
  })

  test('that may have come of one broken off do not hold up what has worked', async () => {
    await run(pass)
    const breakOff = (job: FakeJob) => [job.run('CONNECT'), job.start('SIGN_IN'), job.cancelRest()]
    for (const guess of ['a', 'b', 'c']) await run(breakOff, { password: `guess ${guess}` })
    await refusal({ password: 'guess d' })
    for (let count = 0; count < 5; count++) await run(breakOff)
    expect((await run(pass)).status).toBe('PASSED')
  })

  test('that may have come of one broken off at a gateway are open there', async () => {
    const gateway = { gateway: 'bastion.example' }
    for (let count = 0; count < 3; count++) await run(job => [job.start('TUNNEL'), job.cancelRest()], gateway)
    expect((await refusal({ ...gateway, host: 'another.example' })).message).toContain('bastion.example')
    expect((await run(pass)).status).toBe('PASSED')
  })

  test('are waited for shortly while one of them is still under way', async () => {
    const breakOff = (job: FakeJob) => [job.run('CONNECT'), job.start('SIGN_IN'), job.cancelRest()]
    for (const guess of ['a', 'b']) await run(breakOff, { password: `guess ${guess}` })
    host.behave = () => undefined
    const last = await start()
    const { retryAfterSeconds, message } = await refusal({ password: 'guess c' })
    expect(retryAfterSeconds).toBe(2)
    expect(message).toContain('under way')
    host.jobs.at(-1)?.pass()
    await ended(last)
    expect((await run(rejectCredentials, { password: 'guess c' })).status).toBe('FAILED')
  })

  test('leave neither host nor user in the database, and nothing for good', async () => {
    await rejectTimes(3)
    const { signInAccounts, signInAttempts } = world.database.tables
    const accounts = await world.database.read.select().from(signInAccounts)
    expect(accounts).toHaveLength(1)
    expect(JSON.stringify(accounts)).not.toMatch(/meter|reader/)
    clock += 30 * second + 15 * minute
    await service.sweep(new Date(clock))
    expect(await world.database.read.select().from(signInAccounts)).toEqual([])
    expect(await world.database.read.select().from(signInAttempts)).toEqual([])
  })

  test('that a process was about when it died are open until they can no longer be under way', async () => {
    host.obeys = false
    host.behave = () => undefined
    const lost = open({ timing: { stopGraceMs: 0, heartbeatMs: 1_000_000 } })
    for (const guess of ['a', 'b', 'c']) await lost.start(ada, meterDraft({ password: `guess ${guess}` }))
    expect((await refusal()).retryAfterSeconds).toBe(2)
    // Another process finds their leases over, long before they could have ended by themselves.
    clock += 16 * second
    await service.sweep(new Date(clock))
    const { retryAfterSeconds } = await refusal()
    expect(retryAfterSeconds).toBe(Math.ceil(longestRunMs(host.jobs[0]?.job.plan ?? []) / second) - 16)
    clock += retryAfterSeconds * second
    expect((await run(pass)).status).toBe('PASSED')
  })
})
