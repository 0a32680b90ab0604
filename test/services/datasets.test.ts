import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectorRow } from '../../src/db/rows.ts'
import { ConflictError, NameTakenError, NotFoundError, ValidationError } from '../../src/services/errors.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, ledgerInput, openWorld, signal, sqlQuery, viewerOf, type World } from './connector-world.ts'

describe.each(testDatabases)('datasets on $name', testDatabase => {
  let world: World
  let connector: ConnectorRow
  let other: ConnectorRow
  let abacus: ConnectorRow
  beforeEach(async () => {
    world = await openWorld(testDatabase)
    connector = await world.connectors.create(ada, ledgerInput(), signal)
    other = await world.connectors.create(ada, ledgerInput({ name: 'Other' }), signal)
    abacus = await world.connectors.create(
      ada,
      { name: 'Abacus', config: { inputKey: 'abacus', value: { beads: 10 } }, testGate: 'NONE' },
      signal,
    )
  })
  afterEach(() => world.close())

  const add = (name = 'Numbers', on = connector) =>
    world.datasets.create(ada, { connector: { id: on.id }, name, query: sqlQuery() })

  test('are created on a connector named in any way', async () => {
    const row = await world.datasets.create(ada, {
      connector: { name: 'main ledger' },
      name: ' Numbers ',
      description: '',
      query: sqlQuery('select 42'),
    })
    expect(row).toMatchObject({
      connectorId: connector.id,
      typeName: 'LEDGER',
      name: 'Numbers',
      nameKey: 'numbers',
      description: null,
      query: { sql: 'select 42' },
      version: 1,
      createdBy: 'Ada',
    })
    expect(await world.datasets.find(ada, row.id)).toEqual(row)
    expect(await world.datasets.findMany(ada, ['unknown', row.id])).toEqual([null, row])
  })

  test('report every mistake at once', async () => {
    const query = { inputKey: 'ledger', value: { sql: '', extra: 1 } }
    const error = await world.datasets
      .create(ada, { connector: { id: connector.id }, name: '', query })
      .catch(error => error)
    expect(error).toBeInstanceOf(ValidationError)
    const paths = error.issues.map((issue: { inputPath: string[] }) => issue.inputPath.join('.'))
    expect(paths).toContain('name')
    expect(paths).toContain('query.ledger.sql')
  })

  test.each(['select \0', "select '\ud800'"])('refuse the query %j, which cannot be stored', async sql => {
    const input = { connector: { id: connector.id }, name: 'Numbers', query: sqlQuery(sql) }
    await expect(world.datasets.create(ada, input)).rejects.toMatchObject({
      issues: [{ path: 'sql', inputPath: ['query', 'ledger', 'sql'] }],
    })
  })

  test('want a query for the type of the connector', async () => {
    const input = { connector: { id: abacus.id }, name: 'Numbers', query: sqlQuery() }
    const error = await world.datasets.create(ada, input).catch(error => error)
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.issues[0].inputPath).toEqual(['query'])
  })

  test('have names of their own, also in a race', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) => add(index % 2 ? 'numbers' : 'Numbers', index % 3 ? connector : other)),
    )
    expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(NameTakenError)
    const second = await add('Second')
    await expect(world.datasets.update(ada, { id: second.id, expectedVersion: 1, name: 'NUMBERS' })).rejects.toThrow(
      NameTakenError,
    )
  })

  test('are not created on what is not there', async () => {
    const foreign = await world.connectors.create(viewerOf('south'), ledgerInput(), signal)
    for (const id of ['unknown', foreign.id]) {
      await expect(world.datasets.create(ada, { connector: { id }, name: 'x', query: sqlQuery() })).rejects.toThrow(
        NotFoundError,
      )
    }
  })

  test('keep workspaces apart', async () => {
    const row = await add()
    const stranger = viewerOf('south')
    expect(await world.datasets.find(stranger, row.id)).toBeNull()
    expect(await world.datasets.findMany(stranger, [row.id])).toEqual([null])
    expect(await world.datasets.count(stranger, {})).toBe(0)
    expect(await world.datasets.pagesOfConnectors(stranger, [connector.id], 5)).toEqual([
      { rows: [], cursors: [], hasNextPage: false },
    ])
    await expect(world.datasets.update(stranger, { id: row.id, expectedVersion: 1, name: 'Stolen' })).rejects.toThrow(
      NotFoundError,
    )
    await expect(world.datasets.delete(stranger, row.id)).rejects.toThrow(NotFoundError)
    const mine = await world.connectors.create(stranger, ledgerInput(), signal)
    const theirs = await world.datasets.create(stranger, {
      connector: { id: mine.id },
      name: row.name,
      query: sqlQuery(),
    })
    await expect(
      world.datasets.update(stranger, { id: theirs.id, expectedVersion: 1, connector: { id: connector.id } }),
    ).rejects.toThrow(NotFoundError)
    expect(await world.datasets.find(ada, row.id)).toEqual(row)
  })

  describe('updating', () => {
    test('changes what is given', async () => {
      const row = await add()
      const changes = { name: 'New', description: 'Why.', query: sqlQuery('select 2'), connector: { id: other.id } }
      const updated = await world.datasets.update(viewerOf('north', { displayName: 'Bob' }), {
        id: row.id,
        expectedVersion: 1,
        ...changes,
      })
      expect(updated).toEqual({
        ...row,
        name: 'New',
        nameKey: 'new',
        description: 'Why.',
        query: { sql: 'select 2' },
        connectorId: other.id,
        version: 2,
        updatedBy: 'Bob',
        updatedAt: updated.updatedAt,
      })
      expect(await world.datasets.find(ada, row.id)).toEqual(updated)
    })

    test('with nothing new raises no version', async () => {
      const row = await add()
      const same = { name: row.name, description: null, query: sqlQuery(), connector: { id: connector.id } }
      expect(await world.datasets.update(ada, { id: row.id, expectedVersion: 1, ...same })).toEqual(row)
    })

    test('of one version by many lets one through', async () => {
      const row = await add()
      const results = await Promise.allSettled(
        ['a', 'b', 'c', 'd'].map(name => world.datasets.update(ada, { id: row.id, expectedVersion: 1, name })),
      )
      expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConflictError)
      const error = await world.datasets
        .update(ada, { id: row.id, expectedVersion: 1, name: 'e' })
        .catch(error => error)
      expect(error.currentVersion).toBe(2)
    })

    test('does not point to a connector of another type, unless the query goes along', async () => {
      const row = await add()
      const pointed = { id: row.id, expectedVersion: 1, connector: { id: abacus.id } }
      await expect(world.datasets.update(ada, pointed)).rejects.toThrow(ValidationError)
      await expect(
        world.datasets.update(ada, { id: row.id, expectedVersion: 1, query: sqlQuery('x', 'abacus') }),
      ).rejects.toThrow(ValidationError)
      expect(await world.datasets.update(ada, { ...pointed, query: sqlQuery('x', 'abacus') })).toMatchObject({
        connectorId: abacus.id,
        typeName: 'ABACUS',
      })
    })

    test('connects a detached one again', async () => {
      const row = await add()
      const plan = await world.connectors.deletionPlan(ada, { id: connector.id })
      await world.connectors.delete(ada, { connector: { id: connector.id }, impactToken: plan?.impactToken ?? null })
      const detached = await world.datasets.find(ada, row.id)
      expect(detached).toMatchObject({ connectorId: null, version: 2 })
      await expect(
        world.datasets.update(ada, { id: row.id, expectedVersion: 2, connector: { id: abacus.id } }),
      ).rejects.toThrow(ValidationError)
      const again = await world.datasets.update(ada, { id: row.id, expectedVersion: 2, connector: { name: 'Other' } })
      expect(again).toMatchObject({ connectorId: other.id, version: 3 })
    })

    test('to a connector that goes at the same moment leaves nothing dangling', async () => {
      for (let round = 0; round < 5; round++) {
        const row = await add(`Set ${round}`)
        const target = await world.connectors.create(ada, ledgerInput({ name: `Target ${round}` }), signal)
        const [, updated] = await Promise.allSettled([
          world.connectors.delete(ada, { connector: { id: target.id } }),
          world.datasets.update(ada, { id: row.id, expectedVersion: 1, connector: { id: target.id } }),
        ])
        const current = await world.datasets.find(ada, row.id)
        if (updated.status === 'rejected') {
          expect(updated.reason).toBeInstanceOf(NotFoundError)
          expect(current).toEqual(row)
        } else {
          expect(await world.connectors.find(ada, { id: target.id })).toEqual(target)
        }
      }
    })
  })

  test('are deleted once', async () => {
    const row = await add()
    expect(await world.datasets.delete(ada, row.id)).toBe(row.id)
    expect(await world.datasets.find(ada, row.id)).toBeNull()
    await expect(world.datasets.delete(ada, row.id)).rejects.toThrow(NotFoundError)
    await expect(world.datasets.delete(ada, 'a\0')).rejects.toThrow(NotFoundError)
    await expect(world.datasets.update(ada, { id: row.id, expectedVersion: 1, name: 'x' })).rejects.toThrow(
      NotFoundError,
    )
  })

  describe('listing', () => {
    const byName = { field: 'NAME', direction: 'ASC' } as const
    const names = async (filter: Parameters<World['datasets']['page']>[2]) => {
      const page = await world.datasets.page(ada, { first: 100, after: null, orderBy: byName }, filter)
      expect(await world.datasets.count(ada, filter)).toBe(page.rows.length)
      return page.rows.map(row => row.name)
    }

    test('filters by connector, name and status', async () => {
      const [one] = await Promise.all([add('Alpha'), add('Beta 100%'), add('Gamma', other)])
      expect(await names({})).toEqual(['Alpha', 'Beta 100%', 'Gamma'])
      expect(await names({ connector: { name: 'Other' } })).toEqual(['Gamma'])
      expect(await names({ connector: { id: 'unknown' } })).toEqual([])
      expect(await names({ search: 'A 1' })).toEqual(['Beta 100%'])
      expect(await names({ search: '%' })).toEqual(['Beta 100%'])
      expect(await names({ search: 'ALP', connector: { id: other.id } })).toEqual([])
      expect(await names({ search: `${'\u{1f50c}'.repeat(30_000)}` })).toEqual([])
      const plan = await world.connectors.deletionPlan(ada, { id: other.id })
      await world.connectors.delete(ada, { connector: { id: other.id }, impactToken: plan?.impactToken ?? null })
      expect(await names({ status: 'DISCONNECTED' })).toEqual(['Gamma'])
      expect(await names({ status: 'CONNECTED' })).toEqual(['Alpha', 'Beta 100%'])
      expect(one.connectorId).toBe(connector.id)
    })

    test('gives the first pages and counts of many connectors at once; the pages go on as single lists', async () => {
      for (const name of ['c', 'a', 'd', 'b']) await add(name)
      await add('e', other)
      const [empty, full, single, again] = await world.datasets.pagesOfConnectors(
        ada,
        [abacus.id, connector.id, other.id, connector.id],
        3,
      )
      expect(empty).toEqual({ rows: [], cursors: [], hasNextPage: false })
      expect(full?.rows.map(row => row.name)).toEqual(['a', 'b', 'c'])
      expect(full?.hasNextPage).toBe(true)
      expect(single).toMatchObject({
        rows: [{ name: 'e', connectorId: other.id, createdAt: expect.any(Date), query: { sql: 'select 1' } }],
        hasNextPage: false,
      })
      expect(again).toEqual(full)
      const filter = { connector: { id: connector.id } }
      expect(await world.datasets.page(ada, { first: 3, after: null, orderBy: byName }, filter)).toEqual(full)
      const rest = await world.datasets.page(
        ada,
        { first: 3, after: full?.cursors.at(-1) ?? null, orderBy: byName },
        filter,
      )
      expect(rest).toMatchObject({ rows: [{ name: 'd' }], hasNextPage: false })
      expect(await world.datasets.pagesOfConnectors(ada, [], 3)).toEqual([])
      const asked = [abacus.id, connector.id, other.id, 'a\0', connector.id]
      expect(await world.datasets.countsOfConnectors(ada, asked)).toEqual([0, 4, 1, 0, 4])
      expect(await world.datasets.countsOfConnectors(viewerOf('south'), asked)).toEqual([0, 0, 0, 0, 0])
    })
  })
})
