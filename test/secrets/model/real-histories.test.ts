import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { type StoreKind, storeKinds } from '../../../src/secrets/secret-store.ts'
import { testDatabases } from '../../servers/databases.ts'
import { histories } from './history-commands.ts'
import { type Acknowledged, HistoryWorld, type Omissions } from './history-world.ts'

const day = 24 * 3_600_000

describe.each(testDatabases)('the real secret versions on $name', ({ name, open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.close())

  test.each(storeKinds)(
    'keep what the model promises in random histories, new secrets in %s',
    { timeout: 120_000 },
    async primary => {
      await fc.assert(promises(database, primary), { numRuns: name === 'sqlite' ? 120 : 30 })
    },
  )
})

describe('random histories show what comes of leaving out a part', () => {
  let database: Database
  beforeAll(async () => {
    const [sqlite] = testDatabases
    if (!sqlite) throw new Error('There is no database.')
    database = await sqlite.open()
  })
  afterAll(() => database.close())

  const omitted: readonly Omissions[] = [
    { leavesTombstones: false },
    { quarantineMs: 0 },
    { activatesAnything: true },
    { neverRetires: true },
  ]
  test.each(omitted)('%o', { timeout: 120_000 }, async omissions => {
    const { failed } = await fc.check(promises(database, 'VAULT', omissions), { numRuns: 500, endOnFailure: true })
    expect(failed).toBe(true)
  })
})

const promises = (database: Database, primary: StoreKind, omissions: Omissions = {}) =>
  fc.asyncProperty(histories, async commands => {
    const real = await HistoryWorld.open(database, primary, omissions)
    const model: Acknowledged = new Map()
    await fc.asyncModelRun(() => ({ model, real }), commands)
    await finish(real, model)
  })

/** Every process is gone, everything has arrived, and the reaper has had its time. */
async function finish(world: HistoryWorld, acknowledged: Acknowledged): Promise<void> {
  for (let days = 0; days < 4; days++) {
    await world.wait(2 * day)
    await world.reap()
  }
  expect(await world.passwords()).toEqual(acknowledged)
  const rows = await world.rows()
  expect(rows.map(({ state }) => state)).toEqual([...acknowledged].map(() => 'ACTIVE'))
  expect((await world.left()).toSorted()).toEqual(rows.map(({ id }) => id).toSorted())
}
