import { isDeepStrictEqual } from 'node:util'
import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChainFault, type ChainHead, checkChain } from '../../src/admin/audit-log/chain-check.ts'
import type { AuditRow, AuditSealRow } from '../../src/db/audit-store.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { auditIds } from '../../src/services/audit-ids.ts'
import { AuditSealer } from '../../src/services/audit-sealer.ts'
import { createAuditLog } from '../../src/services/create-audit-log.ts'
import { testDatabases } from '../servers/databases.ts'
import { viewerOf } from '../viewers.ts'
import { type AuditWorld, openAuditWorld, runSql } from './audit-world.ts'

interface Log {
  readonly entries: readonly AuditRow[]
  readonly seals: readonly AuditSealRow[]
}

const workspaces = ['north', 'south'].map(id => WorkspaceScope.of(id))
const perWorkspace = 12
const signal = new AbortController().signal
const begun = Date.parse('2026-11-22T09:00:00.000Z')

/** What somebody with the whole database, and without the keys, can do to it. */
type Edit = (log: Log, pick: (count: number) => number) => Log

const without = <T>(rows: readonly T[], index: number): T[] => rows.filter((_, at) => at !== index)
const replaced = <T>(rows: readonly T[], index: number, change: Partial<T>): T[] =>
  rows.map((row, at) => (at === index ? { ...row, ...change } : row))

const columns = [
  'id',
  'at',
  'actorKind',
  'actorId',
  'actorName',
  'address',
  'requestId',
  'action',
  'outcome',
  'reason',
  'targetKind',
  'targetId',
  'targetName',
  'changedFields',
  'details',
  'workspaceId',
] as const satisfies readonly (keyof AuditRow)[]

/** Another value of the same kind. */
function other(row: AuditRow, column: keyof AuditRow, pick: (count: number) => number): Partial<AuditRow> {
  switch (column) {
    case 'at':
      return { at: new Date(row.at.getTime() + 1 + pick(1000)) }
    case 'id':
      return { id: auditIds(() => new Date(begun + pick(100_000)))().id }
    case 'workspaceId':
      return { workspaceId: row.workspaceId === 'north' ? 'south' : 'north' }
    case 'actorKind':
      return { actorKind: row.actorKind === 'USER' ? 'OPERATOR' : 'USER' }
    case 'outcome':
      return { outcome: row.outcome === 'DONE' ? 'REFUSED' : 'DONE' }
    case 'changedFields':
      return { changedFields: pick(2) === 0 ? [] : [...row.changedFields, 'config.host'] }
    case 'details':
      return { details: pick(2) === 0 ? {} : { ...row.details, version: 1 + pick(9) } }
    case 'reason':
    case 'address':
    case 'requestId':
    case 'targetKind':
    case 'targetId':
    case 'targetName':
      return { [column]: pick(2) === 0 ? null : `other ${pick(1000)}` }
    case 'actorId':
    case 'actorName':
    case 'action':
      return { [column]: `${row[column]}${pick(10)}` }
  }
}

const edits: Readonly<Record<string, Edit>> = {
  'alters an entry': ({ entries, seals }, pick) => {
    const at = pick(entries.length)
    const row = entries[at] as AuditRow
    return { entries: replaced(entries, at, other(row, columns[pick(columns.length)] ?? 'id', pick)), seals }
  },
  'drops an entry': ({ entries, seals }, pick) => ({ entries: without(entries, pick(entries.length)), seals }),
  'drops a seal': ({ entries, seals }, pick) => ({ entries, seals: without(seals, pick(seals.length)) }),
  'drops an entry with its seal': ({ entries, seals }, pick) => {
    const seal = seals[pick(seals.length)]
    // What can be seen of the newest one is the head.
    return { entries: entries.filter(row => row.id !== seal?.entryId), seals: seals.filter(row => row !== seal) }
  },
  'drops an entry with its seal and closes the gap': ({ entries, seals }, pick) => {
    const seal = seals[pick(seals.length)] as AuditSealRow
    const isLater = (row: AuditSealRow) => row.workspaceId === seal.workspaceId && row.sequence > seal.sequence
    return {
      entries: entries.filter(row => row.id !== seal.entryId),
      seals: seals
        .filter(row => row !== seal)
        .map(row => (isLater(row) ? { ...row, sequence: row.sequence - 1 } : row)),
    }
  },
  'alters a seal': ({ entries, seals }, pick) => {
    const at = pick(seals.length)
    const { seal } = seals[at] as AuditSealRow
    const letter = pick(seal.length)
    const letters = `${seal.slice(0, letter)}${seal[letter] === 'A' ? 'B' : 'A'}${seal.slice(letter + 1)}`
    return { entries, seals: replaced(seals, at, { seal: letters }) }
  },
  'swaps two entries': ({ entries, seals }, pick) => {
    const [a, b] = [pick(seals.length), pick(seals.length)]
    const [first, second] = [seals[a] as AuditSealRow, seals[b] as AuditSealRow]
    return {
      entries,
      seals: replaced(replaced(seals, a, { entryId: second.entryId }), b, { entryId: first.entryId }),
    }
  },
  'swaps two places': ({ entries, seals }, pick) => {
    const [a, b] = [pick(seals.length), pick(seals.length)]
    const [first, second] = [seals[a] as AuditSealRow, seals[b] as AuditSealRow]
    return {
      entries,
      seals: replaced(replaced(seals, a, { sequence: second.sequence }), b, { sequence: first.sequence }),
    }
  },
  'exchanges what two entries say': ({ entries, seals }, pick) => {
    const [a, b] = [pick(entries.length), pick(entries.length)]
    const [first, second] = [entries[a] as AuditRow, entries[b] as AuditRow]
    const { id: _, ...ofFirst } = first
    const { id: __, ...ofSecond } = second
    return { entries: replaced(replaced(entries, a, ofSecond), b, ofFirst), seals }
  },
  'adds an entry': ({ entries, seals }, pick) => {
    const like = entries[pick(entries.length)] as AuditRow
    const made = auditIds(() => new Date(begun + pick(1_000_000)))()
    return { entries: [...entries, { ...like, ...made }], seals }
  },
  'adds an entry with a seal': ({ entries, seals }, pick) => {
    const like = entries[pick(entries.length)] as AuditRow
    const made = auditIds(() => new Date(begun + pick(1_000_000)))()
    const seal = {
      workspaceId: like.workspaceId,
      sequence: perWorkspace + 1,
      entryId: made.id,
      seal: seals[pick(seals.length)]?.seal ?? '',
    }
    return { entries: [...entries, { ...like, ...made }], seals: [...seals, seal] }
  },
  'takes over a sealed entry of another workspace': ({ entries, seals }, pick) => {
    const at = pick(seals.length)
    const seal = seals[at] as AuditSealRow
    const to = seal.workspaceId === 'north' ? 'south' : 'north'
    const entry = entries.find(row => row.id === seal.entryId) as AuditRow
    return {
      entries: [...entries, { ...entry, workspaceId: to }],
      seals: [...seals, { ...seal, workspaceId: to, sequence: perWorkspace + 1 }],
    }
  },
  'cuts off the newest, with their seals': ({ entries, seals }, pick) => {
    const workspaceId = pick(2) === 0 ? 'north' : 'south'
    const left = pick(perWorkspace)
    const cut = seals.filter(row => row.workspaceId === workspaceId && row.sequence > left)
    return {
      entries: entries.filter(row => !cut.some(({ entryId }) => entryId === row.id)),
      seals: seals.filter(row => !cut.includes(row)),
    }
  },
}

describe.each(testDatabases)('on $name', testDatabase => {
  let world: AuditWorld
  let whole: Log
  const heads = new Map<string, ChainHead>()

  beforeAll(async () => {
    world = await openAuditWorld(testDatabase)
    const { database } = world
    let clock = begun
    const now = () => {
      clock += 100
      return new Date(clock)
    }
    const sealer = new AuditSealer({ ...world, now })
    const audit = createAuditLog({
      database,
      now,
      onFault: () => undefined,
      onRecorded: workspace => sealer.noted(workspace),
    })
    for (let number = 0; number < perWorkspace; number++) {
      for (const { id } of workspaces) {
        await audit.note(viewerOf(id, { request: { id: `r${number}`, address: '192.0.2.1' } }), {
          action: number % 2 === 0 ? 'UPDATE_CONNECTOR' : 'PREVIEW_DATASET',
          target: { kind: 'CONNECTOR', id: `c${number}`, name: `Connector ${number}` },
          changedFields: ['name', `config.${number}`],
          details: { version: number + 10 },
        })
      }
      if (number % 5 === 0) await sealer.sealNew()
    }
    await sealer.sealNew()
    whole = await read()
    // Nobody who edits behind Patchbay's back leaves a constraint or a trigger in the way.
    await database.write(async tx => {
      for (const table of ['audit_seals', 'audit_log']) {
        await runSql(tx, sql.raw(`create table ${table}_bare as select * from ${table}`))
        await runSql(tx, sql.raw(`drop table ${table}`))
        await runSql(tx, sql.raw(`alter table ${table}_bare rename to ${table}`))
      }
    })
  })
  afterAll(() => world.close())

  async function read(): Promise<Log> {
    const { read, tables } = world.database
    return { entries: await read.select().from(tables.auditLog), seals: await read.select().from(tables.auditSeals) }
  }

  async function write({ entries, seals }: Log): Promise<void> {
    const { auditLog, auditSeals } = world.database.tables
    await world.database.write(async tx => {
      await tx.delete(auditLog).returning({ id: auditLog.id })
      await tx.delete(auditSeals).returning({ id: auditSeals.entryId })
      if (entries.length > 0) await tx.insert(auditLog).values([...entries])
      if (seals.length > 0) await tx.insert(auditSeals).values([...seals])
    })
  }

  async function check() {
    const faults: ChainFault[] = []
    const checks = []
    for (const workspace of workspaces) {
      const expected = heads.get(workspace.id) ?? null
      const options = { onFault: (fault: ChainFault) => faults.push(fault), expected, signal, now: new Date() }
      const checked = await checkChain(world, workspace, options)
      checks.push(checked)
    }
    return { faults, checks }
  }

  test('an untouched log is whole, and says its heads', async () => {
    const { faults, checks } = await check()
    expect(faults).toEqual([])
    expect(checks).toEqual(
      workspaces.map(() => ({
        entries: perWorkspace,
        pending: 0,
        head: { sequence: perWorkspace, seal: expect.any(String) },
      })),
    )
    for (const [index, { id }] of workspaces.entries()) heads.set(id, checks[index]?.head as ChainHead)
  })

  test('every edit is found', { timeout: 300_000 }, async () => {
    const runs = testDatabase.name === 'sqlite' ? 1000 : 200
    const done: Record<string, number> = {}
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(edits)),
        fc.infiniteStream(fc.nat(1_000_000)),
        async (name, numbers) => {
          const edited = edits[name]?.(whole, count => numbers.next().value % count) ?? whole
          fc.pre(!isSame(edited, whole))
          await write(edited)
          done[name] = (done[name] ?? 0) + 1
          expect((await check()).faults.length, name).toBeGreaterThan(0)
        },
      ),
      { numRuns: runs },
    )
    expect(Object.keys(done).toSorted()).toEqual(Object.keys(edits).toSorted())
    console.info(`${testDatabase.name}: edits found ${JSON.stringify(done)}`)
    await write(whole)
    expect((await check()).faults).toEqual([])
  })

  test.each<[string, (log: Log) => Log, Partial<ChainFault>[]]>([
    [
      'an altered entry',
      ({ entries, seals }) => ({
        entries: entries.map(row => (row.id === at(seals, 'south', 5) ? { ...row, actorName: 'Eve' } : row)),
        seals,
      }),
      [{ kind: 'ALTERED', workspaceId: 'south', sequence: 5 }],
    ],
    [
      'a dropped entry',
      ({ entries, seals }) => ({ entries: entries.filter(row => row.id !== at(seals, 'north', 3)), seals }),
      [{ kind: 'ENTRY_GONE', workspaceId: 'north', sequence: 3 }],
    ],
    [
      'a dropped seal',
      ({ entries, seals }) => ({ entries, seals: seals.filter(row => row.entryId !== at(seals, 'north', 3)) }),
      [
        { kind: 'SEAL_GONE', workspaceId: 'north', sequence: 3 },
        { kind: 'ALTERED', workspaceId: 'north', sequence: 4 },
        { kind: 'UNSEALED', workspaceId: 'north' },
      ],
    ],
    [
      'a log that is cut off',
      ({ entries, seals }) => ({
        entries: entries.filter(row => row.id !== at(seals, 'north', perWorkspace)),
        seals: seals.filter(row => row.entryId !== at(seals, 'north', perWorkspace)),
      }),
      [{ kind: 'HEAD', workspaceId: 'north', sequence: perWorkspace }],
    ],
  ])('it is said where it is: %s', async (_, edit, expected) => {
    await write(edit(whole))
    const { faults } = await check()
    expect(faults).toEqual(expected.map(fault => expect.objectContaining(fault)))
    await write(whole)
  })

  test('what has just been written is not sealed yet, which is no fault', async () => {
    const audit = createAuditLog({ database: world.database, onFault: () => undefined })
    await audit.note(viewerOf('north'), { action: 'READ_SECRET' })
    const { faults, checks } = await check()
    expect(faults).toEqual([])
    expect(checks[0]).toMatchObject({ entries: perWorkspace + 1, pending: 1 })
  })
})

const at = (seals: readonly AuditSealRow[], workspaceId: string, sequence: number): string | undefined =>
  seals.find(row => row.workspaceId === workspaceId && row.sequence === sequence)?.entryId

/** As a database sees it: rows have no order. */
function isSame(a: Log, b: Log): boolean {
  const sorted = (rows: readonly object[]) => rows.map(row => JSON.stringify(row)).toSorted()
  return isDeepStrictEqual([sorted(a.entries), sorted(a.seals)], [sorted(b.entries), sorted(b.seals)])
}
