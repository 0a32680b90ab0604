import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuditStore } from '../../src/db/audit-store.ts'
import type { Database } from '../../src/db/database.ts'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { auditIds, auditIdTime, firstAuditId } from '../../src/services/audit-ids.ts'
import { auditTargetId } from '../../src/services/audit-line.ts'
import { createAuditReading } from '../../src/services/audit-reading.ts'
import { AuditSealer } from '../../src/services/audit-sealer.ts'
import { createAuditLog } from '../../src/services/create-audit-log.ts'
import { testDatabases } from '../servers/databases.ts'
import { viewerOf } from '../viewers.ts'
import { type AuditWorld, entriesOf, openAuditWorld } from './audit-world.ts'

const instants = fc.date({ min: new Date(0), max: new Date(8.64e15 / 100), noInvalidDate: true })

test('ids sort in the order in which they were made, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(instants, { minLength: 2, maxLength: 20 }), times => {
      let at = 0
      const next = auditIds(() => times[at++ % times.length] ?? new Date())
      const made = Array.from({ length: 60 }, () => next())
      const ids = made.map(({ id }) => id)
      expect(ids).toEqual([...new Set(ids)].toSorted())
      expect(made.every(each => auditIdTime(each.id) === each.at.getTime())).toBe(true)
      expect(ids.every(id => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
        true,
      )
    }),
  )
})

test('more ids than a millisecond can tell apart still sort', () => {
  const next = auditIds(() => new Date(1_700_000_000_000))
  const ids = Array.from({ length: 10_000 }, () => next().id)
  expect(ids).toEqual([...new Set(ids)].toSorted())
})

test('the first id of a time divides earlier ones from later ones', () => {
  fc.assert(
    fc.property(instants, instants, (made, time) => {
      const { id } = auditIds(() => made)()
      expect(id < firstAuditId(time)).toBe(made < time)
    }),
  )
})

test('targets have the ids that the API gives', () => {
  expect(auditTargetId({ targetKind: 'CONNECTION_TEST', targetId: 't1' })).toBe(encodeGlobalId('ConnectionTest', 't1'))
  expect(auditTargetId({ targetKind: 'API_TOKEN', targetId: 'a1' })).toBe(encodeGlobalId('ApiToken', 'a1'))
  expect(auditTargetId({ targetKind: 'FIELD', targetId: 'Query.connectors' })).toBe('Query.connectors')
  expect(auditTargetId({ targetKind: 'CONNECTOR', targetId: null })).toBeNull()
})

describe.each(testDatabases)('on $name', testDatabase => {
  let world: AuditWorld
  let database: Database
  beforeAll(async () => {
    world = await openAuditWorld(testDatabase)
    database = world.database
  })
  afterAll(() => world.close())

  const request = { id: 'r1', address: '192.0.2.7' }
  const faults: unknown[] = []
  const open = (now: () => Date = () => new Date()) =>
    createAuditLog({ database, onFault: error => faults.push(error), now })

  test('an entry says who, when, from where, what and to what', async () => {
    const audit = open(() => new Date('2026-11-22T09:30:00.123Z'))
    const ada = viewerOf('whole', { id: 'user:ada', kind: 'USER', request })
    const target = { kind: 'CONNECTOR', id: 'c1', name: 'Main' } as const
    await database.write(tx =>
      audit.record(tx, ada, {
        action: 'UPDATE_CONNECTOR',
        target,
        changedFields: ['name', 'config.host'],
        details: { version: 2 },
      }),
    )
    expect(await entriesOf(database, 'whole')).toEqual([
      {
        workspaceId: 'whole',
        id: expect.any(String),
        at: new Date('2026-11-22T09:30:00.123Z'),
        actorKind: 'USER',
        actorId: 'user:ada',
        actorName: 'Ada',
        address: '192.0.2.7',
        requestId: 'r1',
        action: 'UPDATE_CONNECTOR',
        outcome: 'DONE',
        reason: null,
        targetKind: 'CONNECTOR',
        targetId: 'c1',
        targetName: 'Main',
        changedFields: ['name', 'config.host'],
        details: { version: 2 },
      },
    ])
  })

  test('an entry is gone with the transaction of its change', async () => {
    const audit = open()
    const failing = database.write(async tx => {
      await audit.record(tx, viewerOf('rolled-back'), { action: 'DELETE_CONNECTOR' })
      throw new Error('The change failed.')
    })
    await expect(failing).rejects.toThrow('The change failed.')
    expect(await entriesOf(database, 'rolled-back')).toEqual([])
  })

  test('names that no database holds, and endless ones, are made to fit', async () => {
    const ada = viewerOf('fitted', { displayName: `a\0\ud800${'x'.repeat(1000)}` })
    const changedFields = Array.from({ length: 1000 }, (_, index) => `config.${index}`)
    await open().note(ada, { action: 'CREATE_CONNECTOR', changedFields })
    const [entry] = await entriesOf(database, 'fitted')
    expect(entry?.actorName).toBe(`a\u{fffd}\u{fffd}${'x'.repeat(253)}`)
    expect(entry?.changedFields).toEqual(changedFields.slice(0, 200))
    expect(entry?.details).toEqual({ changedFieldCount: 1000 })
  })

  test('the same refusal is told of once a minute, with how often it came again', async () => {
    let clock = Date.parse('2026-11-22T10:00:00.000Z')
    const audit = open(() => new Date(clock))
    const eve = viewerOf('refused', { id: 'token:eve' })
    const target = { kind: 'CONNECTOR', id: 'c1' } as const
    const refuse = () => audit.refused(eve, { action: 'DELETE_CONNECTOR', target }, 'NOT_FOUND')
    for (let time = 0; time < 50; time++) await refuse()
    await audit.refused(eve, { action: 'DELETE_CONNECTOR', target: { ...target, id: 'c2' } }, 'NOT_FOUND')
    await audit.flush()
    const told = async () => (await entriesOf(database, 'refused')).map(row => [row.targetId, row.reason, row.details])
    expect(await told()).toEqual([
      ['c1', 'NOT_FOUND', {}],
      ['c2', 'NOT_FOUND', {}],
    ])
    clock += 60_000
    await audit.flush()
    expect((await told()).slice(2)).toEqual([['c1', 'NOT_FOUND', { times: 49 }]])
    await refuse()
    await refuse()
    await audit.flush(true)
    expect((await told()).slice(3)).toEqual([
      ['c1', 'NOT_FOUND', {}],
      ['c1', 'NOT_FOUND', { times: 1 }],
    ])
  })

  test('nobody can fill the log by being refused in ever new ways, nor keep others out of it', async () => {
    const audit = open()
    const eve = viewerOf('flooded', { id: 'token:eve' })
    const refused = (id: string) =>
      audit.refused(eve, { action: 'PREVIEW_DATASET', target: { kind: 'DATASET', id } }, 'NOT_FOUND')
    for (let number = 0; number < 500; number++) await refused(`d${number}`)
    const ada = viewerOf('flooded', { id: 'user:ada' })
    await audit.refused(ada, { action: 'PREVIEW_DATASET', target: { kind: 'DATASET', id: 'd1' } }, 'NOT_FOUND')
    await audit.flush(true)
    const entries = await entriesOf(database, 'flooded')
    expect(entries.filter(row => row.actorId === 'token:eve')).toHaveLength(62)
    expect(entries.filter(row => row.actorId === 'user:ada')).toHaveLength(1)
    // All of them are accounted for.
    const accounted = entries.filter(row => row.actorId === 'token:eve').map(row => Number(row.details['times'] ?? 1))
    expect(accounted.reduce((sum, times) => sum + times, 0)).toBe(500)
  })

  test('memory is bounded over all actors', async () => {
    const audit = createAuditLog({
      database,
      onFault: () => undefined,
      limits: { perActor: 5, perWorkspace: 50, inAll: 20 },
    })
    for (let number = 0; number < 100; number++) {
      const viewer = viewerOf('crowd', { id: `token:${number}` })
      await audit.refused(viewer, { action: 'CREATE_DATASET' }, 'VALIDATION_FAILED')
    }
    await audit.flush(true)
    const entries = await entriesOf(database, 'crowd')
    expect(entries).toHaveLength(22)
    expect(entries.at(-1)?.details).toEqual({ many: true, times: 79 })
  })

  test('a workspace that is refused in every way leaves room for others', async () => {
    const limits = { perActor: 5, perWorkspace: 10, inAll: 1_000 }
    const audit = createAuditLog({ database, onFault: () => undefined, limits })
    const refuse = async (workspace: string, count: number) => {
      for (let number = 0; number < count; number++) {
        const viewer = viewerOf(workspace, { id: `token:${number}` })
        await audit.refused(viewer, { action: 'CREATE_DATASET' }, 'VALIDATION_FAILED')
      }
    }
    await refuse('noisy', 100)
    await refuse('calm', 8)
    await audit.flush(true)
    expect(await entriesOf(database, 'noisy')).toHaveLength(12)
    const calm = await entriesOf(database, 'calm')
    expect(calm.map(row => row.actorId)).toEqual(Array.from({ length: 8 }, (_, number) => `token:${number}`))
  })

  test('a refusal that cannot be written is no fault of whoever was refused, and is told of later', async () => {
    let isBroken = true
    const broken: Database = {
      ...database,
      write: work => (isBroken ? Promise.reject(new Error('The disk is full.')) : database.write(work)),
    }
    const told: unknown[] = []
    const audit = createAuditLog({ database: broken, onFault: error => told.push(error) })
    await audit.refused(viewerOf('broken'), { action: 'CREATE_CONNECTOR' }, 'NAME_TAKEN')
    expect(told).toHaveLength(1)
    isBroken = false
    await audit.flush(true)
    expect(await entriesOf(database, 'broken')).toMatchObject([{ reason: 'NAME_TAKEN', details: { times: 1 } }])
  })

  test('what is noted before it happens fails with its writing', async () => {
    const broken: Database = { ...database, write: () => Promise.reject(new Error('The disk is full.')) }
    const audit = createAuditLog({ database: broken, onFault: () => undefined })
    await expect(audit.note(viewerOf('north'), { action: 'READ_SECRET' })).rejects.toThrow('The disk is full.')
    await expect(audit.noteOften(viewerOf('north'), { action: 'READ_AUDIT_LOG' })).rejects.toThrow('The disk is full.')
  })

  test('sealers of several processes at once leave one whole chain', async () => {
    const viewer = viewerOf('raced')
    const sealers = Array.from({ length: 4 }, () => new AuditSealer(world))
    const audit = createAuditLog({
      database,
      onFault: () => undefined,
      onRecorded: workspace => {
        for (const sealer of sealers) sealer.noted(workspace)
      },
    })
    for (let round = 0; round < 10; round++) {
      const notes = Array.from({ length: 20 }, () => audit.note(viewer, { action: 'READ_SECRET' }))
      await Promise.all([...notes, ...sealers.map(sealer => sealer.sealNew())])
    }
    for (const sealer of sealers) sealer.noted(viewer.workspace)
    await Promise.all(sealers.map(sealer => sealer.sealNew()))
    await new AuditSealer(world).sealAll()
    const sealed = await createAuditStore(database).sealed(viewer.workspace, 0, 1000)
    expect(sealed.map(({ seal }) => seal.sequence)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
    expect(new Set(sealed.map(({ entry }) => entry?.id)).size).toBe(200)
  })

  test('an entry that was committed late is sealed when its transaction can have ended', async () => {
    let clock = Date.now()
    const sealer = new AuditSealer({ ...world, now: () => new Date(clock) })
    const { workspace } = viewerOf('late')
    sealer.noted(workspace)
    expect(await sealer.sealNew()).toBe(0)
    await open().note(viewerOf('late'), { action: 'READ_SECRET' })
    expect(await sealer.sealNew()).toBe(0)
    clock += 36_000
    expect(await sealer.sealNew()).toBe(1)
  })

  test('an export is told of before it begins, and has what there was until then, oldest first', async () => {
    let clock = Date.parse('2026-11-22T11:00:00.000Z')
    const now = () => new Date(clock)
    const audit = open(now)
    const viewer = viewerOf('exported')
    for (let number = 0; number < 1203; number++) {
      clock += 10
      await audit.note(viewer, { action: 'READ_SECRET', details: { number } })
    }
    clock += 1000
    const seen: number[] = []
    for await (const page of createAuditReading({ database, audit, now }).export(viewer, { from: null, to: null })) {
      expect(page.length).toBeLessThanOrEqual(500)
      seen.push(...page.map(row => Number(row.details['number'])))
    }
    expect(seen).toEqual(Array.from({ length: 1203 }, (_, number) => number))
    expect((await entriesOf(database, 'exported')).at(-1)?.action).toBe('EXPORT_AUDIT_LOG')
  })
})
