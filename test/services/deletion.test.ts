import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectorRow, DatasetRow } from '../../src/db/rows.ts'
import type { DatasetSelection } from '../../src/services/connectors.ts'
import { ConflictError, ConnectorInUseError, NotFoundError, ValidationError } from '../../src/services/errors.ts'
import type { Scope } from '../../src/services/viewer.ts'
import { testDatabases } from '../servers/databases.ts'
import {
  ada,
  ledgerConfig,
  ledgerInput,
  ledgerSecrets,
  openWorld,
  patch,
  signal,
  sqlQuery,
  viewerOf,
  type World,
} from './connector-world.ts'

const limited = (...scopes: Scope[]) => viewerOf('north', { id: 'eve', displayName: 'Eve', scopes: new Set(scopes) })

describe.each(testDatabases)('deleting connectors on $name', testDatabase => {
  let world: World
  let connector: ConnectorRow
  beforeEach(async () => {
    world = await openWorld(testDatabase)
    connector = await world.connectors.create(ada, ledgerInput(), signal)
  })
  afterEach(() => world.close())

  const addDataset = (name: string, on = connector) =>
    world.datasets.create(ada, { connector: { id: on.id }, name, query: sqlQuery() })
  const plan = async (viewer = ada) => {
    const found = await world.connectors.deletionPlan(viewer, { id: connector.id })
    if (!found) throw new Error('There is no plan.')
    return found
  }
  const remove = (impactToken?: string | null, datasets?: DatasetSelection | null, viewer = ada) =>
    world.connectors.delete(viewer, {
      connector: { id: connector.id },
      ...(impactToken !== undefined && { impactToken }),
      ...(datasets !== undefined && { datasets }),
    })
  const exists = async () => (await world.connectors.find(ada, { id: connector.id })) !== null
  const dataset = async ({ id }: DatasetRow) => world.datasets.find(ada, id)

  test('without dependents needs no plan, takes the secrets along and leaves the tests without a connector', async () => {
    const { id } = await world.addTest(ledgerConfig, ledgerSecrets, { connectorId: connector.id, status: 'RUNNING' })
    expect(await world.connectors.delete(ada, { connector: { name: 'MAIN LEDGER' } })).toEqual({
      connectorId: connector.id,
      datasetIds: [],
    })
    expect(await exists()).toBe(false)
    expect(await world.countSecretVersions()).toEqual({ RETIRED: 1 })
    const { connectionTests } = world.database.tables
    expect(await world.database.read.select().from(connectionTests)).toMatchObject([
      { id, connectorId: null, status: 'RUNNING' },
    ])
    await expect(remove()).rejects.toThrow(NotFoundError)
    expect(await world.connectors.deletionPlan(ada, { id: connector.id })).toBeNull()
  })

  test('with dependents warns first', async () => {
    const kept = await addDataset('a')
    for (const selection of [undefined, { none: true }, { all: true }, { ids: [kept.id] }]) {
      const error = await remove(undefined, selection).catch(error => error)
      expect(error).toBeInstanceOf(ConnectorInUseError)
      expect(error.connectorId).toBe(connector.id)
    }
    await expect(remove(null)).rejects.toThrow(ConnectorInUseError)
    expect(await exists()).toBe(true)
    expect(await dataset(kept)).toEqual(kept)
  })

  test('with the plan keeps the datasets, detached, unless they are chosen', async () => {
    const [a, b] = await Promise.all([addDataset('a'), addDataset('b')])
    const other = await world.connectors.create(ada, ledgerInput({ name: 'Other' }), signal)
    const elsewhere = await addDataset('c', other)
    const { impactToken, datasetCount, hiddenDatasetCount } = await plan()
    expect({ datasetCount, hiddenDatasetCount }).toEqual({ datasetCount: 2, hiddenDatasetCount: 0 })
    expect(await remove(impactToken)).toEqual({ connectorId: connector.id, datasetIds: [] })
    expect(await dataset(a)).toMatchObject({
      connectorId: null,
      typeName: 'LEDGER',
      version: 2,
      query: { sql: 'select 1' },
    })
    expect(await dataset(b)).toMatchObject({ connectorId: null, version: 2 })
    expect(await dataset(elsewhere)).toEqual(elsewhere)
    expect(await world.datasets.count(ada, { status: 'DISCONNECTED' })).toBe(2)
  })

  test('deletes just the chosen datasets', async () => {
    const [a, b, c] = await Promise.all([addDataset('a'), addDataset('b'), addDataset('c')])
    const { impactToken } = await plan()
    const chosen = [c.id, a.id]
    expect(await remove(impactToken, { ids: [...chosen, a.id] })).toEqual({
      connectorId: connector.id,
      datasetIds: chosen.sort(),
    })
    expect(await dataset(a)).toBeNull()
    expect(await dataset(b)).toMatchObject({ connectorId: null })
    expect(await dataset(c)).toBeNull()
  })

  test('deletes all of them, however many', async () => {
    const now = new Date()
    const { datasets } = world.database.tables
    const template = { ...(await addDataset('first')), createdAt: now }
    await world.database.write(async tx => {
      for (let start = 0; start < 2500; start += 500) {
        const rows = Array.from({ length: 500 }, (_, index) => ({
          ...template,
          id: `set-${start + index}`,
          nameKey: `set ${start + index}`,
        }))
        await tx.insert(datasets).values(rows).returning({ id: datasets.id })
      }
    })
    const { impactToken, datasetCount } = await plan()
    expect(datasetCount).toBe(2501)
    expect((await remove(impactToken, { all: true })).datasetIds).toHaveLength(2501)
    expect(await world.datasets.count(ada, {})).toBe(0)
  })

  test('refuses to delete a dataset that does not depend on the connector', async () => {
    await addDataset('a')
    const other = await world.connectors.create(ada, ledgerInput({ name: 'Other' }), signal)
    const elsewhere = await addDataset('b', other)
    const { impactToken } = await plan()
    for (const id of [elsewhere.id, 'unknown', 'a\0']) {
      const error = await remove(impactToken, { ids: [id] }).catch(error => error)
      expect(error).toBeInstanceOf(ValidationError)
      expect(error.issues[0].inputPath).toEqual(['datasets', 'ids', '0'])
    }
    expect(await exists()).toBe(true)
  })

  test('the token stands for the set of dependents and for nothing else', async () => {
    const a = await addDataset('a')
    const before = (await plan()).impactToken
    await world.datasets.update(ada, { id: a.id, expectedVersion: 1, name: 'renamed' })
    await world.connectors.update(
      ada,
      { connector: { id: connector.id }, expectedVersion: 1, config: patch({ book: 'red' }), testGate: 'NONE' },
      signal,
    )
    expect((await plan()).impactToken).toBe(before)
    const b = await addDataset('b')
    expect((await plan()).impactToken).not.toBe(before)
    const error = await remove(before).catch(error => error)
    expect(error).toBeInstanceOf(ConflictError)
    expect(error.currentVersion).toBe(2)
    await world.datasets.delete(ada, b.id)
    expect((await plan()).impactToken).toBe(before)
    expect(await remove(before)).toMatchObject({ connectorId: connector.id })
  })

  test('refuses tokens of other connectors, other workspaces and nobody', async () => {
    const other = await world.connectors.create(ada, ledgerInput({ name: 'Other' }), signal)
    const south = viewerOf('south')
    const foreign = await world.connectors.create(south, ledgerInput(), signal)
    const tokens = [
      (await world.connectors.deletionPlan(ada, { id: other.id }))?.impactToken,
      (await world.connectors.deletionPlan(south, { id: foreign.id }))?.impactToken,
      '',
      'nonsense',
    ]
    for (const token of tokens) await expect(remove(token ?? 'none')).rejects.toThrow(ConflictError)
    expect(await exists()).toBe(true)
  })

  test('datasets that the viewer may not see are counted and always stay', async () => {
    const a = await addDataset('a')
    const blind = limited('connectors:read', 'connectors:delete', 'datasets:delete')
    const { impactToken, datasetCount, hiddenDatasetCount } = await plan(blind)
    expect({ datasetCount, hiddenDatasetCount }).toEqual({ datasetCount: 0, hiddenDatasetCount: 1 })
    await expect(remove(impactToken, { ids: [a.id] }, blind)).rejects.toThrow(ValidationError)
    expect(await remove(impactToken, { all: true }, blind)).toEqual({ connectorId: connector.id, datasetIds: [] })
    expect(await dataset(a)).toMatchObject({ connectorId: null, updatedBy: 'Eve' })
  })

  test('who may not delete datasets cannot do so by way of the connector', async () => {
    const a = await addDataset('a')
    const careful = limited('connectors:read', 'connectors:delete', 'datasets:read')
    const { impactToken } = await plan(careful)
    await expect(remove(impactToken, { all: true }, careful)).rejects.toThrow(ValidationError)
    await expect(remove(impactToken, { ids: [a.id] }, careful)).rejects.toThrow(ValidationError)
    expect(await remove(impactToken, { none: true }, careful)).toMatchObject({ datasetIds: [] })
  })

  test('works while the secret store is down', async () => {
    world.failing.reason = 'UNAVAILABLE'
    await remove()
    expect(await exists()).toBe(false)
  })

  test('is all or nothing', async () => {
    const a = await addDataset('a')
    const { impactToken } = await plan()
    world.secretVersions.retire = () => Promise.reject(new Error('The power failed.'))
    await expect(remove(impactToken, { all: true })).rejects.toThrow('The power failed.')
    expect(await exists()).toBe(true)
    expect(await dataset(a)).toEqual(a)
  })

  test('a dataset created at the same moment is seen or refused, never lost', async () => {
    for (let round = 0; round < 10; round++) {
      const racing = await world.connectors.create(ada, ledgerInput({ name: `Racing ${round}` }), signal)
      const [deleted, created] = await Promise.allSettled([
        world.connectors.delete(ada, { connector: { id: racing.id } }),
        addDataset(`Racing ${round}`, racing),
      ])
      if (deleted.status === 'fulfilled') {
        expect(created).toMatchObject({ status: 'rejected', reason: expect.any(NotFoundError) })
      } else {
        expect(deleted.reason).toBeInstanceOf(ConnectorInUseError)
        expect(created).toMatchObject({ status: 'fulfilled', value: { connectorId: racing.id } })
      }
    }
  })

  test('of two deleting at once, one succeeds', async () => {
    const results = await Promise.allSettled([remove(), remove()])
    expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(NotFoundError)
  })
})
