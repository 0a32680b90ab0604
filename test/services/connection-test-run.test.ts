import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { failed, passed, skipped, warning } from '../../src/connectors/define.ts'
import { problem } from '../../src/connectors/problem.ts'
import { snapshotOf } from '../../src/db/connection-test-store.ts'
import type { ConnectionTestService, StartTestInput } from '../../src/services/connection-tests.ts'
import { proves } from '../proofs/proves.ts'
import { testDatabases } from '../servers/databases.ts'
import {
  ada,
  collect,
  draft,
  foldWhole,
  openTestWorld,
  stepStatuses,
  stored,
  type TestWorld,
} from './connection-test-world.ts'
import { FakeConnectorHost, type FakeJob } from './fake-connector-host.ts'

const rejected = failed(problem('CREDENTIALS_REJECTED', { params: { username: 'ada' } }))
const writes = warning(problem('ACCOUNT_CAN_WRITE', { params: { username: 'ada', rights: 'DROP' } }))
const unknownRights = skipped(problem('PRIVILEGES_UNKNOWN'))

describe.each(testDatabases)('running a connection test on $name', testDatabase => {
  let world: TestWorld
  let service: ConnectionTestService
  let host: FakeConnectorHost
  beforeAll(async () => {
    world = await openTestWorld(testDatabase)
    host = new FakeConnectorHost()
    service = world.openService(host, { timing: { stopGraceMs: 200 }, limits: { startsPerMinute: 10_000 } })
  })
  afterAll(() => world.close())

  let hosts = 0
  const uniqueDraft = (overrides: Partial<StartTestInput> = {}) => draft(`gauge-${hosts++}.example`, overrides)

  /** Starts a test, plays it, and answers what is stored of it in the end. */
  async function play(script: (job: FakeJob) => void) {
    const row = await service.start(ada, uniqueDraft())
    script(await host.nextJob())
    const seen = await collect(service, row.id)
    const { test, events } = await stored(world, row)
    expect(seen.map(progress => progress.event)).toEqual(events)
    expect(foldWhole(events)).toEqual(test.snapshot)
    return { test, events, snapshot: snapshotOf(test) }
  }

  test('the plan is stored before the host hears of the test', async () => {
    let storedAtStart: unknown
    host.behave = job => {
      storedAtStart = world.store.findMany(ada.workspace, []).then(async () => {
        const rows = await world.database.read.select().from(world.database.tables.connectionTestEvents)
        return rows.filter(row => row.event.type === 'PLANNED').length
      })
      job.pass()
    }
    const row = await service.start(ada, uniqueDraft())
    host.behave = () => undefined
    expect(row).toMatchObject({ status: 'RUNNING', connectorId: null, typeName: 'GAUGE', startedBy: 'ada' })
    expect(snapshotOf(row).steps.map(step => [step.id, step.status, step.budgetMs])).toEqual([
      ['CONNECT', 'PENDING', 5_000],
      ['SIGN_IN', 'PENDING', 10_000],
      ['READ', 'PENDING', 10_000],
      ['LEAST_PRIVILEGE', 'PENDING', 10_000],
    ])
    await host.nextJob()
    expect(await storedAtStart).toBe(1)
    await collect(service, row.id)
  })

  test('gives the driver the whole configuration and stores none of its secrets', async () => {
    const row = await service.start(ada, uniqueDraft({ mayStartCompute: true }))
    const job = await host.nextJob()
    expect(job.job).toMatchObject({
      kind: 'TEST',
      typeName: 'GAUGE',
      config: { unit: 'metre', password: 'correct horse battery staple' },
      environment: { mayStartCompute: true },
    })
    expect(job.options).toMatchObject({ workspaceId: 'north', deadlineMs: 40_000 })
    job.pass()
    await collect(service, row.id)
    expect(row.config).not.toHaveProperty('password')
    expect(Object.keys(row.secretDigests)).toEqual(['password'])
  })

  test('everything passed', async () => {
    const { test, snapshot, events } = await play(job => {
      job.run('CONNECT', passed([{ kind: 'TEXT', label: 'Address', value: '192.0.2.1' }], 'quick'))
      job.start('SIGN_IN')
      job.note('SIGN_IN', 'waiting')
      job.finish('SIGN_IN')
      job.pass()
    })
    expect(test).toMatchObject({ status: 'PASSED', leaseOwner: null, leaseUntil: null, finishedAt: expect.any(Date) })
    expect(snapshot).toMatchObject({ status: 'PASSED', problem: null, durationMs: expect.any(Number) })
    expect(snapshot.steps[0]).toMatchObject({ note: 'quick', durationMs: 3, evidence: [{ value: '192.0.2.1' }] })
    expect(events.map(event => event.sequence)).toEqual(events.map((_, index) => index + 1))
  })

  test.each([
    { name: 'a warning', report: writes, status: 'PASSED_WITH_WARNINGS' },
    { name: 'a failure that is not required', report: rejected, status: 'PASSED_WITH_WARNINGS' },
    { name: 'rights that could not be measured', report: unknownRights, status: 'PASSED_WITH_WARNINGS' },
  ])('the last step ends with $name', async ({ report, status }) => {
    const { test } = await play(job => {
      for (const id of ['CONNECT', 'SIGN_IN', 'READ']) job.run(id)
      job.run('LEAST_PRIVILEGE', report)
      job.complete()
    })
    expect(test.status).toBe(status)
  })

  test.each([
    { name: 'fails', report: rejected },
    { name: 'could not be measured', report: unknownRights },
  ])('a required step $name', async ({ report }) => {
    const { snapshot } = await play(job => {
      job.run('CONNECT')
      job.run('SIGN_IN', report)
      job.skipRest('SIGN_IN')
      job.complete()
    })
    expect(snapshot.status).toBe('FAILED')
    expect(snapshot.steps.map(step => step.blockedBy)).toEqual([null, null, 'SIGN_IN', 'SIGN_IN'])
  })

  test('the child dies in the middle of a step', async () => {
    const { snapshot } = await play(job => {
      job.run('CONNECT')
      job.start('SIGN_IN')
      job.crash()
    })
    expect(snapshot).toMatchObject({
      status: 'ERRORED',
      problem: { code: 'CONNECTOR_HOST_FAILED', origin: 'PATCHBAY' },
    })
    expect(stepStatuses(snapshot)).toEqual([
      'CONNECT PASSED',
      'SIGN_IN CANCELLED',
      'READ SKIPPED',
      'LEAST_PRIVILEGE SKIPPED',
    ])
  })

  test('the child dies after every step has reported: what was measured stands', async () => {
    const { snapshot } = await play(job => {
      job.run('CONNECT', rejected)
      job.skipRest('CONNECT')
      job.crash()
    })
    expect(snapshot).toMatchObject({ status: 'FAILED', problem: null })
  })

  test('the host says that it is done although it is not', async () => {
    const { snapshot } = await play(job => {
      job.run('CONNECT')
      job.complete()
    })
    expect(snapshot).toMatchObject({ status: 'ERRORED', problem: { code: 'CONNECTOR_HOST_FAILED' } })
  })

  test('the host throws', async () => {
    const before = world.faults.length
    const { snapshot } = await play(job => job.outcome.reject(new Error('no child to be had')))
    expect(snapshot).toMatchObject({ status: 'ERRORED', problem: { code: 'INTERNAL_FAULT' } })
    proves('ANY', 'INTERNAL_FAULT', 'DOUBLE')
    expect(world.faults.slice(before)).toEqual([new Error('no child to be had')])
  })

  test.each<{ name: string; script: (job: FakeJob) => void }>([
    { name: 'a step that is not in the plan', script: job => job.start('TUNNEL') },
    { name: 'a step out of turn', script: job => job.start('READ') },
    { name: 'a step that starts twice', script: job => [job.start('CONNECT'), job.start('CONNECT')] },
    { name: 'a step that ends twice', script: job => [job.run('CONNECT'), job.finish('CONNECT')] },
    { name: 'a result without a run', script: job => job.finish('CONNECT') },
    { name: 'a note before the start', script: job => job.note('CONNECT', 'hello') },
    {
      name: 'a failure without a reason',
      script: job => job.run('CONNECT', { status: 'FAILED', evidence: [], problem: null }),
    },
    { name: 'a step after a failed required one', script: job => [job.run('CONNECT', rejected), job.start('SIGN_IN')] },
    {
      name: 'more than fits',
      script: job => job.run('CONNECT', passed([{ kind: 'TEXT', label: 'Long', value: 'x'.repeat(300_000) }])),
    },
    {
      name: 'one more report after the last',
      script: job => {
        for (const step of job.job.plan) job.run(step.id)
        job.run('LEAST_PRIVILEGE')
      },
    },
  ])('the host reports $name', async ({ script }) => {
    const { snapshot } = await play(script)
    expect(snapshot).toMatchObject({ status: 'ERRORED', problem: { code: 'CONNECTOR_HOST_FAILED' } })
    expect(snapshot.steps.every(step => step.status !== 'RUNNING' && step.status !== 'PENDING')).toBe(true)
  })

  test('what comes after the end is ignored', async () => {
    const row = await service.start(ada, uniqueDraft())
    const job = await host.nextJob()
    job.pass()
    await collect(service, row.id)
    const before = await stored(world, row)
    job.start('CONNECT')
    job.crash()
    expect(await stored(world, row)).toEqual(before)
  })

  test('cancelled in the middle of a step', async () => {
    const row = await service.start(ada, uniqueDraft())
    const job = await host.nextJob()
    job.run('CONNECT')
    job.start('SIGN_IN')
    const answer = await service.cancel(ada, row.id)
    expect(stepStatuses(snapshotOf(answer))).toEqual([
      'CONNECT PASSED',
      'SIGN_IN CANCELLED',
      'READ CANCELLED',
      'LEAST_PRIVILEGE CANCELLED',
    ])
    expect(answer).toMatchObject({ status: 'CANCELLED', cancelRequested: true })
    expect(await service.cancel(ada, row.id)).toEqual(answer)
    foldWhole((await stored(world, row)).events)
  })

  test('cancelled although the host does not listen', async () => {
    const deaf = new FakeConnectorHost()
    deaf.obeys = false
    const other = world.openService(deaf, { timing: { stopGraceMs: 20 } })
    const row = await other.start(ada, uniqueDraft())
    const job = await deaf.nextJob()
    job.start('CONNECT')
    const answer = await other.cancel(ada, row.id)
    expect(answer.status).toBe('CANCELLED')
    expect(stepStatuses(snapshotOf(answer))[0]).toBe('CONNECT CANCELLED')
    await other.close()
  })

  test('a host that never answers is given up some time after the deadline', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const row = await service.start(ada, uniqueDraft())
      const job = await host.nextJob()
      job.start('CONNECT')
      vi.advanceTimersByTime(job.options.deadlineMs + 29_999)
      expect(job.options.signal.aborted).toBe(false)
      vi.advanceTimersByTime(1)
      const last = (await collect(service, row.id)).at(-1)
      expect(last?.snapshot).toMatchObject({
        status: 'ERRORED',
        problem: { code: 'DEADLINE_EXCEEDED', params: { seconds: 40 } },
      })
      expect(job.options.signal.aborted).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  test('wait answers the running test when its time is over, and the ended one when it ends', async () => {
    const row = await service.start(ada, uniqueDraft())
    const { signal } = new AbortController()
    expect(await service.wait(ada, row.id, { timeoutMs: 1, signal })).toMatchObject({ status: 'RUNNING' })
    const end = service.wait(ada, row.id, { timeoutMs: 60_000, signal })
    ;(await host.nextJob()).pass()
    expect(await end).toMatchObject({ status: 'PASSED' })
    expect(await service.wait(ada, row.id, { timeoutMs: 60_000, signal })).toMatchObject({ status: 'PASSED' })
  })

  test('wait throws when the caller is gone, and the test goes on', async () => {
    const row = await service.start(ada, uniqueDraft())
    const caller = new AbortController()
    const waiting = service.wait(ada, row.id, { timeoutMs: 60_000, signal: caller.signal })
    caller.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    ;(await host.nextJob()).pass()
    expect((await collect(service, row.id)).at(-1)).toMatchObject({ snapshot: { status: 'PASSED' } })
  })

  test('closing the service ends its tests as interrupted', async () => {
    const own = new FakeConnectorHost()
    const other = world.openService(own)
    const row = await other.start(ada, uniqueDraft())
    ;(await own.nextJob()).start('CONNECT')
    const seen = collect(other, row.id)
    await other.close()
    const { test, events } = await stored(world, row)
    expect(test).toMatchObject({ status: 'ERRORED', snapshot: { problem: { code: 'TEST_INTERRUPTED' } } })
    proves('ANY', 'TEST_INTERRUPTED', 'DOUBLE')
    foldWhole(events)
    expect((await seen).map(progress => progress.event)).toEqual(events)
    await expect(other.start(ada, uniqueDraft())).rejects.toThrow('closed')
  })
})
