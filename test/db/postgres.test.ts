import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { isDatabaseUnavailable } from '../../src/db/database-error.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { freshPostgresDatabase, migrationsDirectory, sharedPostgres } from '../servers/databases.ts'

let url: string
let remove: () => Promise<void>
let one: Database
let other: Database
const open = () => openDatabase({ url, dataDirectory: '', migrationsDirectory })

beforeEach(async () => {
  ;({ url, remove } = await freshPostgresDatabase())
  one = await open()
  other = await open()
})
afterEach(async () => {
  await Promise.all([one.close(), other.close()])
  await remove()
})

/** Repeats until it works: what comes back does so in its own time. */
async function eventually(attempt: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(20_000)
  while (!(await attempt().catch(() => false))) await sleep(50, undefined, { signal: deadline })
}

describe('wake-ups between processes', () => {
  test('reach every process once, the sender too', async () => {
    const heard: string[] = []
    const done = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    one.listen(topic => (topic === 'end' ? done[0].resolve() : void heard.push(`one ${topic}`)))
    other.listen(topic => (topic === 'end' ? done[1].resolve() : void heard.push(`other ${topic}`)))
    await one.notify('topic with blanks')
    await one.notify('end')
    await Promise.all(done.map(({ promise }) => promise))
    expect(heard.toSorted()).toEqual(['one topic with blanks', 'other topic with blanks'])
  })

  test('come again after the connection that listens was lost', async () => {
    const postgres = await sharedPostgres()
    const lost = await postgres.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'patchbay listener'",
    )
    expect(lost).toHaveLength(2)
    let heard = 0
    other.listen(() => void heard++)
    await eventually(async () => {
      await one.notify('again')
      return heard > 0
    })
  })

  test('do not fail when the server is gone, and all works when it is back', async () => {
    const postgres = await sharedPostgres()
    await postgres.stop('fast')
    let heardLocally = 0
    one.listen(() => void heardLocally++)
    await one.notify('nobody elsewhere')
    await eventually(async () => heardLocally > 0)
    await expect(one.write(async tx => tx.select().from(one.tables.masterKeys))).rejects.toMatchObject({
      name: 'DatabaseError',
      reason: 'UNAVAILABLE',
    })
    await postgres.launch()
    await eventually(async () => (await one.write(tx => tx.select().from(one.tables.masterKeys))).length === 0)
    let heard = 0
    other.listen(() => void heard++)
    await eventually(async () => {
      await one.notify('back')
      return heard > 0
    })
  })
})

test('a transaction that found no row, and met one when it made it, looks again', async () => {
  const key = { id: 'the key', checkValue: 'x', createdAt: new Date(0) }
  let looks = 0
  const found = await one.write(async tx => {
    looks += 1
    const known = await tx.select().from(one.tables.masterKeys)
    if (known.length > 0) return known
    // Somebody else is quicker.
    await other.write(async rival => rival.insert(other.tables.masterKeys).values({ ...key, checkValue: 'y' }))
    return tx.insert(one.tables.masterKeys).values(key).returning()
  })
  expect(found).toEqual([{ ...key, checkValue: 'y' }])
  expect(looks).toBe(2)
})

test('a row that is there already is refused, after one more look', async () => {
  const key = { id: 'the key', checkValue: 'x', createdAt: new Date(0) }
  await one.write(async tx => tx.insert(one.tables.masterKeys).values(key))
  let attempts = 0
  const again = one.write(async tx => {
    attempts += 1
    await tx.insert(one.tables.masterKeys).values(key)
  })
  await expect(again).rejects.toMatchObject({ cause: { code: '23505' } })
  expect(attempts).toBe(2)
})

test('a connection that breaks in the middle of a transaction fails the transaction and nothing else', async () => {
  const postgres = await sharedPostgres()
  const written = one.write(async tx => {
    await tx.select().from(one.tables.masterKeys)
    // Nothing is being asked on the connection when it goes.
    const [lost] = await postgres.sql(
      "select pg_terminate_backend(pid, 5000) as done from pg_stat_activity where state = 'idle in transaction' and application_name = 'patchbay'",
    )
    expect(lost).toEqual({ done: true })
    // For the news to arrive here: nothing but the program under test could tell.
    await sleep(50)
    return tx.select().from(one.tables.masterKeys)
  })
  await expect(written).rejects.toMatchObject({ cause: { name: 'DatabaseError', reason: 'UNAVAILABLE' } })
  expect(await one.write(tx => tx.select().from(one.tables.masterKeys))).toEqual([])
})

test('a read while the server is gone says so', async () => {
  const postgres = await sharedPostgres()
  await postgres.stop('fast')
  const failure = await one.read
    .select()
    .from(one.tables.masterKeys)
    .catch(error => error)
  expect(isDatabaseUnavailable(failure)).toBe(true)
  await postgres.launch()
  await eventually(async () => (await one.read.select().from(one.tables.masterKeys)).length === 0)
  const mistake = await one.read
    .select({ wrong: sql`no_such_column` })
    .from(one.tables.masterKeys)
    .catch(error => error)
  expect([mistake instanceof Error, isDatabaseUnavailable(mistake)]).toEqual([true, false])
})

test('closing ends every connection', async () => {
  const postgres = await sharedPostgres()
  await one.close()
  await other.close()
  await eventually(
    async () =>
      (await postgres.sql("select 1 from pg_stat_activity where application_name like 'patchbay%'")).length === 0,
  )
  one = await open()
  other = await open()
  expect(await one.read.select().from(one.tables.masterKeys)).toEqual([])
})

test('many transactions at once on few connections all succeed', async () => {
  const { masterKeys } = one.tables
  const write = (id: string, database: Database) =>
    database.write(async tx => {
      await tx.select().from(masterKeys)
      await tx.insert(masterKeys).values({ id, checkValue: '', createdAt: new Date() }).returning()
    })
  const writes = Array.from({ length: 40 }, (_, index) => write(`k${index}`, index % 2 ? one : other))
  const failed = (await Promise.allSettled(writes)).filter(outcome => outcome.status === 'rejected')
  expect(failed).toEqual([])
  expect(await one.read.$count(masterKeys)).toBe(40)
})
