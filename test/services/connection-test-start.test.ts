import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failed } from '../../src/connectors/define.ts'
import { problem } from '../../src/connectors/problem.ts'
import { snapshotOf } from '../../src/db/connection-test-store.ts'
import type { StartTestInput } from '../../src/services/connection-tests.ts'
import {
  IdempotencyKeyReusedError,
  NotFoundError,
  RateLimitedError,
  SecretReentryRequiredError,
  ValidationError,
} from '../../src/services/errors.ts'
import { newId } from '../../src/services/ids.ts'
import { proves } from '../proofs/proves.ts'
import { testDatabases } from '../servers/databases.ts'
import {
  ada,
  collect,
  draft,
  foldWhole,
  openTestWorld,
  password,
  stepStatuses,
  stored,
  type TestWorld,
  viewerOf,
} from './connection-test-world.ts'
import { FakeConnectorHost } from './fake-connector-host.ts'

describe.each(testDatabases)('starting a connection test on $name', testDatabase => {
  let world: TestWorld
  beforeAll(async () => {
    world = await openTestWorld(testDatabase)
  })
  afterAll(() => world.close())

  const open = (overrides: Parameters<TestWorld['openService']>[1] = {}) => {
    const host = new FakeConnectorHost()
    const service = world.openService(host, { limits: { startsPerMinute: 1_000, perWorkspace: 1_000 }, ...overrides })
    return { host, service }
  }
  const of = (target: StartTestInput['target']): StartTestInput => ({
    target,
    mayStartCompute: false,
    lifetime: 'PINNED',
  })
  const edit = (id: string, value: unknown) => of({ edit: { connector: { id }, config: { inputKey: 'gauge', value } } })

  test('the same viewer with the same target attaches while the test runs, and not afterwards', async () => {
    const { host, service } = open()
    const first = await service.start(ada, draft('attach.example'))
    const second = await service.start(ada, draft('attach.example'))
    expect(second.id).toBe(first.id)
    const others = await Promise.all([
      service.start(viewerOf('north', 'bob'), draft('attach.example')),
      service.start(viewerOf('south'), draft('attach.example')),
      service.start(ada, draft('attach-2.example')),
      service.start(ada, draft('attach.example', { mayStartCompute: true })),
      service.start(
        ada,
        of({ draft: { inputKey: 'gauge', value: { host: 'attach.example', password: 'another password' } } }),
      ),
    ])
    expect(new Set([first, ...others].map(row => row.id)).size).toBe(6)
    for (const job of host.jobs) job.pass()
    await collect(service, first.id)
    const again = await service.start(ada, draft('attach.example'))
    expect(again.id).not.toBe(first.id)
    expect(host.jobs).toHaveLength(7)
    await service.close()
  })

  test('a test that is being cancelled is not attached to', async () => {
    const { host, service } = open({ timing: { stopGraceMs: 60_000 } })
    host.obeys = false
    const first = await service.start(ada, draft('cancelled.example'))
    const cancelling = service.cancel(ada, first.id)
    const job = await host.nextJob()
    const aborted = new Promise(resolve => job.options.signal.addEventListener('abort', resolve))
    if (!job.options.signal.aborted) await aborted
    const second = await service.start(ada, draft('cancelled.example'))
    expect(second.id).not.toBe(first.id)
    job.cancelRest()
    await cancelling
    ;(await host.nextJob()).pass()
    await collect(service, second.id)
    await service.close()
  })

  test('ten starts at once in two processes are one test', async () => {
    const one = open()
    const two = open()
    const rows = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? one : two).service.start(
          ada,
          draft('race.example', { attemptKey: index < 5 ? 'race' : null }),
        ),
      ),
    )
    expect(new Set(rows.map(row => row.id)).size).toBe(1)
    expect(one.host.jobs.length + two.host.jobs.length).toBe(1)
    await Promise.all([one.service.close(), two.service.close()])
  })

  test('an attempt key finds the test also after its end, for a day', async () => {
    let now = Date.now()
    const { host, service } = open({ now: () => new Date(now) })
    host.behave = job => job.pass()
    const input = draft('attempt.example', { attemptKey: 'attempt-1' })
    const first = await service.start(ada, input)
    await collect(service, first.id)
    expect(await service.start(ada, input)).toMatchObject({ id: first.id, status: 'PASSED' })
    await expect(service.start(ada, { ...input, mayStartCompute: true })).rejects.toThrow(IdempotencyKeyReusedError)
    await expect(service.start(ada, draft('other.example', { attemptKey: 'attempt-1' }))).rejects.toThrow('attemptKey')
    const bob = viewerOf('north', 'bob')
    const ofBob = await service.start(bob, draft('other.example', { attemptKey: 'attempt-1' }))
    expect(ofBob.id).not.toBe(first.id)
    await collect(service, ofBob.id)

    now += 24 * 60 * 60 * 1_000 + 1
    const later = await service.start(ada, draft('other.example', { attemptKey: 'attempt-1' }))
    expect(later.id).not.toBe(first.id)
    await collect(service, later.id)
    await service.close()
  })

  test('an attempt key that attached to a running test finds it after its end', async () => {
    const { host, service } = open()
    const first = await service.start(ada, draft('adopted.example'))
    const attached = await service.start(ada, draft('adopted.example', { attemptKey: 'adopted' }))
    ;(await host.nextJob()).pass()
    await collect(service, first.id)
    const after = await service.start(ada, draft('adopted.example', { attemptKey: 'adopted' }))
    expect([attached.id, after.id]).toEqual([first.id, first.id])
    await service.close()
  })

  test.each(['', 'x'.repeat(256), 'a\u0000b'])('refuses the attempt key %j', async attemptKey => {
    const { host, service } = open()
    await expect(service.start(ada, draft('key.example', { attemptKey }))).rejects.toThrow(ValidationError)
    expect(host.jobs).toEqual([])
    await service.close()
  })

  test('a workspace may run four tests at once, whatever process runs them, and others are not held up', async () => {
    const limits = { startsPerMinute: 1_000 }
    const one = open({ limits })
    const two = open({ limits })
    const crowded = viewerOf('crowded')
    const start = (index: number) => (index % 2 ? one : two).service.start(crowded, draft(`crowd-${index}.example`))
    const rows = await Promise.all([0, 1, 2, 3].map(start))
    const refusal = await start(4).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(RateLimitedError)
    expect(refusal).toMatchObject({ retryAfterSeconds: expect.any(Number) })
    expect((await start(0)).id).toBe(rows[0]?.id)
    await one.service.start(viewerOf('quiet'), draft('quiet.example'))

    for (const job of one.host.jobs) job.pass()
    for (const row of [rows[1], rows[3]]) await collect(one.service, row?.id ?? '', { viewer: crowded })
    expect((await start(4)).status).toBe('RUNNING')
    await Promise.all([one.service.close(), two.service.close()])
  })

  test('a process runs so many tests at once, and a place is free again after an end', async () => {
    const { host, service } = open({ limits: { perProcess: 1 } })
    const first = await service.start(viewerOf('w1'), draft())
    await expect(service.start(viewerOf('w2'), draft())).rejects.toThrow(RateLimitedError)
    ;(await host.nextJob()).pass()
    await collect(service, first.id, { viewer: viewerOf('w1') })
    await service.start(viewerOf('w2'), draft())
    await service.close()
  })

  test('refuses mistakes before anything is stored or dialled', async () => {
    const { host, service } = open()
    const before = await world.database.read.$count(world.database.tables.connectionTests)
    const invalid = await service
      .start(ada, of({ draft: { inputKey: 'gauge', value: { host: '' } } }))
      .catch((error: unknown) => error)
    expect(invalid).toBeInstanceOf(ValidationError)
    expect(invalid).toMatchObject({
      issues: expect.arrayContaining([
        expect.objectContaining({ path: 'host', inputPath: ['target', 'draft', 'gauge', 'host'] }),
        expect.objectContaining({ path: 'password', inputPath: ['target', 'draft', 'gauge', 'password'] }),
      ]),
    })
    await expect(service.start(ada, of({ saved: { id: newId() } }))).rejects.toThrow(NotFoundError)
    const connector = await world.addConnector('saved.example')
    await expect(service.start(viewerOf('south'), of({ saved: { id: connector.id } }))).rejects.toThrow(NotFoundError)
    const moved = await service
      .start(ada, edit(connector.id, { host: 'evil.example' }))
      .catch((error: unknown) => error)
    expect(moved).toBeInstanceOf(SecretReentryRequiredError)
    expect(moved).toMatchObject({ changedFields: ['host'], secretFields: ['password'] })
    expect(host.jobs).toEqual([])
    expect(await world.database.read.$count(world.database.tables.connectionTests)).toBe(before)
    await service.close()
  })

  test('tests a saved connector and a pending edit of it with the stored secret', async () => {
    const { host, service } = open()
    host.behave = job => job.pass()
    const connector = await world.addConnector('edited.example')
    const saved = await service.start(ada, of({ saved: { name: connector.name } }))
    const edited = await service.start(ada, edit(connector.id, { unit: 'foot' }))
    await Promise.all([collect(service, saved.id), collect(service, edited.id)])
    expect(host.jobs.map(job => job.job.config)).toEqual([
      { host: 'edited.example', unit: 'metre', password },
      { host: 'edited.example', unit: 'foot', password },
    ])
    expect([saved.connectorId, edited.connectorId]).toEqual([connector.id, connector.id])
    expect(edited.fingerprint).not.toBe(saved.fingerprint)
    expect(edited.secretDigests).toEqual(saved.secretDigests)
    const asDraft = await service.start(ada, draft('edited.example'))
    expect(asDraft.fingerprint).toBe(saved.fingerprint)
    await collect(service, asDraft.id)
    await service.close()
  })

  test.each([
    { reason: 'UNAVAILABLE', code: 'SECRET_STORE_UNAVAILABLE' },
    { reason: 'UNREADABLE', code: 'SECRET_UNREADABLE' },
  ] as const)('a secret that is $reason is said so, and nothing is dialled', async ({ reason, code }) => {
    const { host, service } = open()
    const connector = await world.addConnector('sealed.example')
    world.failing.secrets = reason
    try {
      for (const input of [of({ saved: { id: connector.id } }), edit(connector.id, { unit: 'foot' })]) {
        const row = await service.start(ada, input)
        expect(row).toMatchObject({ status: 'ERRORED', connectorId: connector.id, leaseOwner: null })
        const { events } = await stored(world, row)
        const snapshot = foldWhole(events)
        expect(snapshot.problem).toMatchObject({ code, origin: 'SECRET_STORE' })
        proves('ANY', code, 'DOUBLE')
        expect(stepStatuses(snapshot).every(line => line.endsWith(' SKIPPED'))).toBe(true)
        expect((await collect(service, row.id)).map(progress => progress.event)).toEqual(events)
      }
    } finally {
      world.failing.secrets = null
    }
    expect(host.jobs).toEqual([])
    await service.close()
  })

  test('an edit that gives the secret anew needs no stored one', async () => {
    const { host, service } = open()
    host.behave = job => job.pass()
    const connector = await world.addConnector('renewed.example')
    world.failing.secrets = 'UNAVAILABLE'
    try {
      const row = await service.start(ada, edit(connector.id, { host: 'moved.example', password: 'a new one' }))
      expect((await collect(service, row.id)).at(-1)?.snapshot.status).toBe('PASSED')
      expect(host.jobs[0]?.job.config).toEqual({ host: 'moved.example', unit: 'metre', password: 'a new one' })
    } finally {
      world.failing.secrets = null
    }
    await service.close()
  })

  test('removes secrets from everything that the host tells', async () => {
    const { host, service } = open()
    const row = await service.start(ada, draft('scrubbed.example'))
    const job = await host.nextJob()
    const leak = `it was ${password}, or ${encodeURIComponent(password)}, or ${Buffer.from(password).toString('base64')}`
    job.start('CONNECT')
    job.note('CONNECT', leak)
    const report = failed(
      {
        ...problem('UNCLASSIFIED', { params: { said: leak, nested: [{ deep: leak }] }, detail: leak }),
        message: leak,
        remedies: [
          { kind: 'RUN_SQL', title: leak, sql: leak },
          { kind: 'SET_FIELD', title: 'Set it', field: 'password', value: leak },
          { kind: 'REENTER_SECRET', title: leak, field: 'password' },
        ],
      },
      [{ kind: 'TEXT', label: leak, value: leak }],
    )
    job.finish('CONNECT', { ...report, note: leak })
    job.skipRest('CONNECT')
    job.complete()
    const seen = await collect(service, row.id)
    const { test, events } = await stored(world, row)
    const everything = JSON.stringify([seen, test, events])
    expect(everything).toContain('it was •••, or •••, or •••')
    for (const form of [password, encodeURIComponent(password), Buffer.from(password).toString('base64')]) {
      expect(everything).not.toContain(form)
    }
    expect(snapshotOf(test).steps[0]?.problem?.remedies).toMatchObject([
      { kind: 'RUN_SQL' },
      { kind: 'REENTER_SECRET', field: 'password' },
    ])
    await service.close()
  })

  test('keeps the last 50 tests of a connector, and pages through them newest first', async () => {
    let now = Date.now()
    const { host, service } = open({ now: () => new Date(now++) })
    host.behave = job => job.pass()
    const connector = await world.addConnector('kept.example')
    const ids: string[] = []
    for (let index = 0; index < 53; index++) {
      const row = await service.start(ada, of({ saved: { id: connector.id } }))
      await collect(service, row.id)
      ids.unshift(row.id)
    }
    const tests = world.database.tables.connectionTests
    expect(await world.database.read.$count(tests, eq(tests.connectorId, connector.id))).toBe(50)
    const first = await service.pageOfConnector(ada, connector.id, { first: 30, after: null })
    const second = await service.pageOfConnector(ada, connector.id, { first: 30, after: first.cursors.at(-1) ?? null })
    expect([...first.rows, ...second.rows].map(row => row.id)).toEqual(ids.slice(0, 50))
    expect([first.hasNextPage, second.hasNextPage]).toEqual([true, false])
    const others = await service.pageOfConnector(viewerOf('south'), connector.id, { first: 30, after: null })
    expect(others.rows).toEqual([])
    await service.close()
  })

  test('finds tests in the viewer’s workspace only', async () => {
    const { service } = open()
    const row = await service.start(ada, draft('found.example'))
    const stranger = viewerOf('south')
    const { signal } = new AbortController()
    expect(await service.find(ada, row.id)).toMatchObject({ id: row.id })
    expect(await service.find(stranger, row.id)).toBeNull()
    expect(await service.findMany(ada, ['none', row.id])).toEqual([null, expect.objectContaining({ id: row.id })])
    await expect(service.cancel(stranger, row.id)).rejects.toThrow(NotFoundError)
    await expect(service.wait(stranger, row.id, { timeoutMs: 1, signal })).rejects.toThrow(NotFoundError)
    await expect(service.stream(stranger, row.id, { afterSequence: 0, signal })).rejects.toThrow(NotFoundError)
    expect(await service.find(ada, row.id)).toMatchObject({ status: 'RUNNING', cancelRequested: false })
    await service.close()
  })
})
