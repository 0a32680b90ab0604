import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { fastDatabases, fastSqlite } from './fast-databases.ts'
import { storeCases, storesOn, uncased } from './store-cases.ts'
import { addRows, workspaceKey } from './store-rows.ts'
import { addTwin } from './twins.ts'
import { changeOf, stateOf, type WorkspaceState } from './workspace-state.ts'

/** North has rows with the same ids as south, and where a row of south depends on another, north has it otherwise. */
async function addNorth(database: Database, alone: Database): Promise<void> {
  await addTwin(database, 'south', 'north', alone)
  const { apiTokens, auditSeals, connectionTests: tests, connectors, secretVersions, workspaceKeys } = database.tables
  const [token] = await alone.read.select().from(alone.tables.apiTokens)
  if (!token) throw new Error('South has no token.')
  await database.write(async tx => {
    await tx.insert(apiTokens).values({ ...token, workspaceId: 'north', id: 'token of north' })
    await tx.insert(workspaceKeys).values({ workspaceId: 'north', ...workspaceKey })
    await tx.insert(auditSeals).values([
      { workspaceId: 'north', sequence: 1, entryId: 'a1', seal: 'twin' },
      { workspaceId: 'north', sequence: 8, entryId: 'a2', seal: 'twin' },
      { workspaceId: 'north', sequence: 9, entryId: 'a3', seal: 'twin' },
    ])
    // Passed later than any of south, and runs where south's has ended.
    await tx
      .update(tests)
      .set({ status: 'PASSED', fingerprint: 'fingerprint', startedAt: new Date(Date.UTC(2026, 0, 1, 12, 40)) })
      .where(and(eq(tests.workspaceId, 'north'), eq(tests.id, 't2')))
      .returning({ id: tests.id })
    await tx
      .update(tests)
      .set({ status: 'RUNNING', finishedAt: null, leaseOwner: 'process', leaseUntil: new Date(Date.UTC(2026, 0, 2)) })
      .where(and(eq(tests.workspaceId, 'north'), eq(tests.id, 't1')))
      .returning({ id: tests.id })
    for (const [id, owner] of [
      ['t3', 'process'],
      ['t5', 'gone'],
    ] as const) {
      await tx
        .update(tests)
        .set({ leaseOwner: owner, leaseUntil: new Date(Date.UTC(2026, 0, 1, id === 't5' ? 12 : 22, 6)) })
        .where(and(eq(tests.workspaceId, 'north'), eq(tests.id, id)))
        .returning({ id: tests.id })
    }
    // What south uses no more is in use there.
    await tx
      .update(secretVersions)
      .set({ state: 'ACTIVE' })
      .where(and(eq(secretVersions.workspaceId, 'north'), eq(secretVersions.id, 'v3')))
      .returning({ id: secretVersions.id })
    await tx
      .update(connectors)
      .set({ secretVersionId: 'v3' })
      .where(and(eq(connectors.workspaceId, 'north'), eq(connectors.id, 'c2')))
      .returning({ id: connectors.id })
    // So many that, counted with them, south would have to make room.
    const [last] = await tx
      .select()
      .from(tests)
      .where(and(eq(tests.workspaceId, 'north'), eq(tests.id, 't2')))
    if (!last) throw new Error('North has no test.')
    const more = Array.from({ length: 60 }, (_, index) => ({ ...last, id: `more ${index}` }))
    await tx.insert(tests).values(more)
  })
}

async function addYonder(database: Database, alone: Database): Promise<void> {
  await addTwin(database, 'south', 'yonder', alone)
  const { connectionTests: tests } = database.tables
  await database.write(tx =>
    tx
      .update(tests)
      .set({ status: 'RUNNING', finishedAt: null })
      .where(and(eq(tests.workspaceId, 'yonder'), eq(tests.id, 't1')))
      .returning({ id: tests.id }),
  )
}

describe.each(fastDatabases)(
  'on $name, a store answers and changes the same, whatever others have under the same ids',
  ({ open }) => {
    let alone: Database
    let beside: Database
    let north: WorkspaceState

    beforeAll(async () => {
      alone = await open()
      beside = await open()
      await addRows(alone, 'south')
      // First, so that whoever takes the first that fits takes it from there.
      await addNorth(beside, alone)
      await addRows(beside, 'south')
      // And another one last, for whoever takes the last.
      await addYonder(beside, alone)
      north = await stateOf(beside, 'north')
    })
    afterAll(async () => {
      await alone.close()
      await beside.close()
    })

    test.each(storeCases)('$name', async ({ run }) => {
      const expected = await run(storesOn(alone), alone)
      expect(await run(storesOn(beside), beside)).toEqual(expected)
      expect([...changeOf(await stateOf(alone, 'south'), await stateOf(beside, 'south'))]).toEqual([])
      expect(changeOf(north, await stateOf(beside, 'north'))).toEqual([])
    })
  },
)

describe('every function of a store', () => {
  const cased = new Set(storeCases.map(({ name }) => name.split(' ')[0] ?? ''))

  test('has a case, or a reason to have none', async () => {
    const database = await fastSqlite.open()
    const functions = Object.entries(storesOn(database)).flatMap(([name, store]) =>
      functionsOf(store).map(each => `${name}.${each}`),
    )
    await database.close()
    expect(functions.filter(each => !cased.has(each) && !(each in uncased))).toEqual([])
    expect([...cased, ...Object.keys(uncased)].filter(each => !functions.includes(each))).toEqual([])
  })
})

/** Of an object or of a class. */
function functionsOf(store: object): readonly string[] {
  const prototype: object = Object.getPrototypeOf(store)
  const holder = prototype === Object.prototype ? store : prototype
  return Object.entries(Object.getOwnPropertyDescriptors(holder))
    .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
    .map(([name]) => name)
}
