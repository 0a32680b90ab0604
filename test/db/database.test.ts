import { asc, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Database, Writer } from '../../src/db/database.ts'
import { isUniqueViolation } from '../../src/db/unique-violation.ts'
import { testDatabases } from '../servers/databases.ts'

const at = new Date('2026-03-01T12:34:56.789Z')
const connector = (id: string, name: string, externalKey: string | null = null) => ({
  workspaceId: 'w1',
  id,
  name,
  nameKey: name,
  externalKey,
  typeName: 'POSTGRES',
  config: { host: 'db', nested: { list: [1, 'ü', null, true, 0.5] } },
  version: 1,
  createdAt: at,
  updatedAt: at,
})

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    error => error,
  )

describe.each(testDatabases)('$name database', ({ name, open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.close())
  beforeEach(() => database.write(tx => tx.delete(database.tables.connectors)))

  const insert = (...rows: ReturnType<typeof connector>[]) =>
    database.write(tx => tx.insert(database.tables.connectors).values(rows).returning())
  const insertIn = (tx: Writer, row: ReturnType<typeof connector>) =>
    tx.insert(database.tables.connectors).values(row).returning()
  const ids = async () => {
    const { connectors } = database.tables
    return (await database.read.select({ id: connectors.id }).from(connectors).orderBy(asc(connectors.id))).map(
      row => row.id,
    )
  }

  test('gives rows back as they were written', async () => {
    const { connectors, connectionTests } = database.tables
    const [written] = await insert(connector('a', 'Größe "quoted" \\ 名前'))
    const [read] = await database.read.select().from(connectors).where(eq(connectors.id, 'a'))
    expect(database.dialect).toBe(name)
    expect(read).toEqual(written)
    expect(read).toEqual({
      ...connector('a', 'Größe "quoted" \\ 名前'),
      description: null,
      secretVersionId: null,
      createdBy: null,
      updatedBy: null,
    })
    const run = {
      workspaceId: 'w1',
      id: 't',
      typeName: 'POSTGRES',
      status: 'RUNNING' as const,
      snapshot: {},
      fingerprint: 'f',
      config: {},
      secretDigests: {},
      startedBy: 'v',
      targetHash: 'h',
      cancelRequested: false,
      leaseUntil: at,
      startedAt: at,
    }
    const [inserted] = await database.write(tx => tx.insert(connectionTests).values(run).returning())
    expect(inserted).toMatchObject({ cancelRequested: false, leaseUntil: at, finishedAt: null })
  })

  test('sorts texts by their bytes', async () => {
    const names = ['a', 'B', 'b', 'A', 'ä', 'z', 'Z', '-', '_', ' ', '10', '9', 'é', '名', '😀', '\uffee', 'a b', 'ab']
    await insert(...names.map((text, index) => connector(String(index), text)))
    const { connectors } = database.tables
    const rows = await database.read.select().from(connectors).orderBy(asc(connectors.nameKey))
    const byBytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(rows.map(row => row.nameKey)).toEqual(byBytes)
    const after = await database.read.select().from(connectors).where(sql`${connectors.nameKey} > ${'a b'}`)
    expect(after).toHaveLength(byBytes.length - byBytes.indexOf('a b') - 1)
  })

  test('rolls back what a failing transaction did, beside one that succeeds', async () => {
    const gate = Promise.withResolvers<void>()
    const failing = rejection(
      database.write(async tx => {
        await insertIn(tx, connector('lost', 'lost'))
        await gate.promise
        throw new Error('boom')
      }),
    )
    const good = insert(connector('kept', 'kept'))
    expect(await ids()).not.toContain('lost')
    gate.resolve()
    expect(await failing).toMatchObject({ message: 'boom' })
    await good
    expect(await ids()).toEqual(['kept'])
  })

  test('runs transactions as if one after another', async () => {
    await insert(connector('counter', 'counter'))
    const { connectors } = database.tables
    const increment = () =>
      database.write(async tx => {
        const [row] = await tx.select().from(connectors).where(eq(connectors.id, 'counter'))
        await tx
          .update(connectors)
          .set({ version: (row?.version ?? 0) + 1 })
          .where(eq(connectors.id, 'counter'))
          .returning()
      })
    await Promise.all(Array.from({ length: 8 }, increment))
    const [row] = await database.read.select().from(connectors)
    expect(row?.version).toBe(9)
  })

  test('refuses a transaction inside a transaction instead of waiting for ever', async () => {
    const nested = database.write(async tx => {
      await insertIn(tx, connector('outer', 'outer'))
      await insert(connector('inner', 'inner'))
    })
    expect(await rejection(nested)).toMatchObject({ name: 'DatabaseError', reason: 'MISUSED' })
    expect(await ids()).toEqual([])
  })

  test('refuses a statement after the end of its transaction', async () => {
    const escaped = await database.write(async tx => ({ tx }))
    const late = rejection(insertIn(escaped.tx, connector('late', 'late')).then())
    const error = await late
    expect([error, error instanceof Error ? error.cause : null]).toContainEqual(
      expect.objectContaining({ reason: 'MISUSED' }),
    )
    expect(await ids()).toEqual([])
  })

  test('does not commit a transaction that ignored a failed statement', async () => {
    await insert(connector('a', 'taken'))
    const ignoring = database.write(async tx => {
      await insertIn(tx, connector('b', 'free'))
      await insertIn(tx, connector('c', 'taken')).then(undefined, () => undefined)
    })
    expect(await rejection(ignoring)).toMatchObject({ name: 'DatabaseError', reason: 'MISUSED' })
    expect(await ids()).toEqual(['a'])
  })

  test('names what a unique violation violates', async () => {
    await insert(connector('a', 'name', 'key'))
    expect(isUniqueViolation(await rejection(insert(connector('b', 'name'))))).toEqual({
      constraint: 'connectors_name',
      table: 'connectors',
      columns: ['workspace_id', 'name_key'],
    })
    expect(isUniqueViolation(await rejection(insert(connector('b', 'other', 'key'))))).toMatchObject({
      constraint: 'connectors_external_key',
      columns: ['workspace_id', 'external_key'],
    })
    expect(isUniqueViolation(await rejection(insert(connector('a', 'other'))))).toMatchObject({
      columns: ['workspace_id', 'id'],
    })
    const { masterKeys } = database.tables
    const key = () =>
      database.write(tx => tx.insert(masterKeys).values({ id: 'k', checkValue: '', createdAt: at }).returning())
    await key()
    expect(isUniqueViolation(await rejection(key()))).toMatchObject({ table: 'master_keys', columns: ['id'] })
  })

  test('takes no other error for a unique violation', async () => {
    const dangling = await rejection(insert({ ...connector('a', 'a'), ...{ secretVersionId: 'none' } }))
    expect(dangling).toBeInstanceOf(Error)
    expect(isUniqueViolation(dangling)).toBe(false)
    expect(isUniqueViolation(new Error('UNIQUE constraint failed: connectors.workspace_id, connectors.name_key'))).toBe(
      false,
    )
    expect(isUniqueViolation(undefined)).toBe(false)
  })

  test('wakes listeners once for many notifications of a moment, whatever another listener does', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const stopBroken = database.listen(() => {
      throw new Error('broken listener')
    })
    const topics: string[] = []
    const done = Promise.withResolvers<void>()
    const stop = database.listen(topic => {
      topics.push(topic)
      if (topic === 'last one') done.resolve()
    })
    await Promise.all(['a', 'a', 'b', 'a', 'last one'].map(topic => database.notify(topic)))
    await done.promise
    expect(topics.toSorted()).toEqual(['a', 'b', 'last one'])
    expect(warned).toHaveBeenCalled()
    warned.mockRestore()
    stop()
    stopBroken()
    const others = Promise.withResolvers<void>()
    const stopOther = database.listen(() => others.resolve())
    await database.notify('after')
    await others.promise
    stopOther()
    expect(topics).not.toContain('after')
  })

  test('lets a listener write although it was woken from inside a transaction', async () => {
    const called = Promise.withResolvers<void>()
    const written = Promise.withResolvers<unknown>()
    const stop = database.listen(() => {
      written.resolve(rejection(insert(connector('heard', 'heard'))))
      called.resolve()
    })
    await database.write(async () => {
      await database.notify('inside')
      await called.promise
    })
    expect(await written.promise).toBeUndefined()
    stop()
    expect(await ids()).toEqual(['heard'])
  })
})

describe('a transaction that does not end', () => {
  test('is rolled back after 30 seconds and lets the others go on', async () => {
    const [sqlite] = testDatabases
    if (!sqlite) throw new Error('There is no database to test.')
    const database = await sqlite.open()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { connectors } = database.tables
      const stuck = rejection(
        database.write(async tx => {
          await tx.insert(connectors).values(connector('stuck', 'stuck')).returning()
          await new Promise<never>(() => undefined)
        }),
      )
      const next = database.write(tx => tx.insert(connectors).values(connector('next', 'next')).returning())
      await vi.advanceTimersByTimeAsync(30_000)
      expect(await stuck).toMatchObject({ reason: 'OVERLOADED' })
      await next
      expect((await database.read.select().from(connectors)).map(row => row.id)).toEqual(['next'])
    } finally {
      vi.useRealTimers()
      await database.close()
    }
  })
})
