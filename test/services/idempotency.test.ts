import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createIdempotencyStore } from '../../src/db/idempotency-store.ts'
import { ConflictError, IdempotencyKeyReusedError, NameTakenError } from '../../src/services/errors.ts'
import { idempotencyRetentionMs } from '../../src/services/idempotency.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, ledgerInput, openWorld, password, signal, sqlQuery, viewerOf, type World } from './connector-world.ts'

describe.each(testDatabases)('idempotency keys on $name', testDatabase => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(testDatabase)
  })
  afterEach(() => world.close())

  const create = (overrides: Parameters<typeof ledgerInput>[0] = {}, viewer = ada) =>
    world.connectors.create(viewer, ledgerInput({ idempotencyKey: 'once', ...overrides }), signal)
  const withPassword = (value: string) => ({
    inputKey: 'ledger',
    value: { host: 'ledger.example', auth: { password: { username: 'ada', password: value } } },
  })

  test('a repeated request gets the same connector, even after it was edited', async () => {
    const row = await create()
    expect(await create()).toEqual(row)
    const renamed = await world.connectors.update(
      ada,
      { connector: { id: row.id }, expectedVersion: 1, name: 'Renamed', testGate: 'NONE' },
      signal,
    )
    expect(await create()).toEqual(renamed)
    expect(await world.connectors.count(ada, {})).toBe(1)
    expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
  })

  test('spelling the same input differently is the same request', async () => {
    const row = await create()
    const value = { auth: { password: { password, username: 'ada' } }, port: 7000, host: 'ledger.example' }
    expect(await create({ name: ' Main ledger ', config: { inputKey: 'ledger', value } })).toEqual(row)
  })

  test.each([
    ['name', { name: 'Other' }],
    ['description', { description: 'Other.' }],
    ['external key', { externalKey: 'other' }],
    ['secret', { config: withPassword('other') }],
    ['gate', { testGate: 'REQUIRE_PASS' as const }],
  ])('the same key with another %s is refused', async (_, overrides) => {
    await create()
    await expect(create(overrides)).rejects.toThrow(IdempotencyKeyReusedError)
    expect(await world.connectors.count(ada, {})).toBe(1)
  })

  test('requests at once make one connector, and all get it', async () => {
    const rows = await Promise.all(Array.from({ length: 8 }, () => create()))
    expect(new Set(rows.map(row => row.id)).size).toBe(1)
    expect(await world.connectors.count(ada, {})).toBe(1)
    expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
  })

  test('of different requests at once with one key, one succeeds', async () => {
    const results = await Promise.allSettled(['a', 'b', 'c'].map(name => create({ name })))
    expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(IdempotencyKeyReusedError)
    expect(await world.connectors.count(ada, {})).toBe(1)
    expect(await world.countSecretVersions()).toEqual({ ACTIVE: 1 })
  })

  test('a refused request does not use its key up', async () => {
    await world.connectors.create(ada, ledgerInput(), signal)
    await expect(create()).rejects.toThrow(NameTakenError)
    expect(await create({ name: 'Free' })).toMatchObject({ name: 'Free' })
  })

  test('keys belong to a viewer, an operation and a workspace', async () => {
    const row = await create()
    const bob = await create({ name: 'Of Bob' }, viewerOf('north', { id: 'bob' }))
    const south = await create({}, viewerOf('south'))
    const dataset = { connector: { id: row.id }, name: 'Numbers', query: sqlQuery(), idempotencyKey: 'once' }
    const { id } = await world.datasets.create(ada, dataset)
    expect(new Set([row.id, bob.id, south.id, id]).size).toBe(4)
  })

  test('the key of something deleted since makes no second one', async () => {
    const row = await create()
    await world.connectors.delete(ada, { connector: { id: row.id } })
    await expect(create()).rejects.toThrow(ConflictError)
    expect(await world.connectors.count(ada, {})).toBe(0)
  })

  test('keys are free again after a day, also before they are pruned', async () => {
    const row = await create()
    const { idempotencyKeys } = world.database.tables
    const age = (createdAt: Date) =>
      world.database.write(tx =>
        tx.update(idempotencyKeys).set({ createdAt }).where(eq(idempotencyKeys.key, 'once')).returning(),
      )
    const now = Date.now()
    await age(new Date(now - idempotencyRetentionMs + 60_000))
    expect(await create()).toEqual(row)
    await age(new Date(now - idempotencyRetentionMs - 1))
    const second = await create({ name: 'Second' })
    expect(second.id).not.toBe(row.id)
    expect(await create({ name: 'Second' })).toEqual(second)
    const store = createIdempotencyStore(world.database)
    expect(await store.prune(new Date(now - idempotencyRetentionMs))).toBe(0)
    expect(await store.prune(new Date(Date.now() + 1))).toBe(1)
    expect(await world.database.read.select().from(idempotencyKeys)).toEqual([])
  })

  test('nothing stored tells the secret, not even by an unkeyed hash', async () => {
    const row = await create()
    const south = await create({}, viewerOf('south'))
    const { idempotencyKeys } = world.database.tables
    const rows = await world.database.read.select().from(idempotencyKeys)
    expect(rows).toHaveLength(2)
    expect(JSON.stringify(rows)).not.toContain(password)
    // Equal inputs under two workspaces' keys.
    expect(new Set(rows.map(({ requestHash }) => requestHash)).size).toBe(2)
    expect(row.config).toEqual(south.config)
  })

  test('datasets: the same request gets the same dataset, at once or later', async () => {
    const connector = await create()
    const input = { connector: { id: connector.id }, name: 'Numbers', query: sqlQuery(), idempotencyKey: 'set' }
    const rows = await Promise.all(Array.from({ length: 5 }, () => world.datasets.create(ada, input)))
    expect(new Set(rows.map(row => row.id)).size).toBe(1)
    await expect(world.datasets.create(ada, { ...input, query: sqlQuery('select 2') })).rejects.toThrow(
      IdempotencyKeyReusedError,
    )
    await world.datasets.delete(ada, rows[0]?.id ?? '')
    await expect(world.datasets.create(ada, input)).rejects.toThrow(ConflictError)
  })
})
