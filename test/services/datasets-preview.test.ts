import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectorRow, DatasetRow } from '../../src/db/rows.ts'
import { ConflictError, NotFoundError, ValidationError } from '../../src/services/errors.ts'
import { proves } from '../proofs/proves.ts'
import { testDatabases } from '../servers/databases.ts'
import {
  ada,
  ledgerInput,
  openWorld,
  password,
  patch,
  signal,
  sqlQuery,
  viewerOf,
  type World,
} from './connector-world.ts'

const result = {
  kind: 'RESULT' as const,
  result: {
    columns: [{ name: 'n', nativeType: 'int4', type: 'INTEGER' as const }],
    rows: [[1], [null]],
    truncated: true,
  },
}

describe.each(testDatabases)('previews on $name', testDatabase => {
  let world: World
  let connector: ConnectorRow
  let dataset: DatasetRow
  beforeEach(async () => {
    world = await openWorld(testDatabase)
    connector = await world.connectors.create(ada, ledgerInput(), signal)
    dataset = await world.datasets.create(ada, {
      connector: { id: connector.id },
      name: 'Numbers',
      query: sqlQuery('select n'),
    })
    world.host.outcome = result
  })
  afterEach(() => world.close())

  test('run a saved dataset with the whole configuration, within limits', async () => {
    const preview = await world.datasets.preview(ada, { datasetId: dataset.id }, 7, signal)
    expect(preview).toEqual({ ...result, durationMs: expect.any(Number) })
    expect(world.host.jobs).toEqual([
      {
        job: {
          kind: 'QUERY',
          typeName: 'LEDGER',
          config: { host: 'ledger.example', port: 7000, auth: { password: { username: 'ada', password } } },
          query: { sql: 'select n' },
          limits: { maxRows: 7, maxBytes: 4 * 1024 * 1024 },
          environment: expect.objectContaining({ mayStartCompute: false }),
        },
        options: { workspaceId: 'north', signal, deadlineMs: expect.any(Number) },
      },
    ])
    expect(world.host.jobs[0]?.options.deadlineMs).toBeGreaterThan(1234)
  })

  test('run a query that is not saved, and keep nothing of it', async () => {
    await world.datasets.preview(
      ada,
      { connector: { name: connector.name }, query: sqlQuery('select draft') },
      1000,
      signal,
    )
    expect(world.host.jobs).toMatchObject([{ job: { query: { sql: 'select draft' }, limits: { maxRows: 1000 } } }])
    expect(await world.datasets.count(ada, {})).toBe(1)
    expect(await world.datasets.find(ada, dataset.id)).toEqual(dataset)
  })

  test.each([0, -1, 1001, 1.5, Number.NaN])('refuse %d rows', async first => {
    await expect(world.datasets.preview(ada, { datasetId: dataset.id }, first, signal)).rejects.toThrow(ValidationError)
    expect(world.host.jobs).toEqual([])
  })

  test('refuse a query that its form refuses, or that is for another type', async () => {
    const draft = (query: ReturnType<typeof sqlQuery>) =>
      world.datasets.preview(ada, { connector: { id: connector.id }, query }, 1, signal).catch(error => error)
    const error = await draft(sqlQuery(''))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.issues[0].inputPath).toEqual(['target', 'draft', 'query', 'ledger', 'sql'])
    expect(await draft(sqlQuery('x', 'abacus'))).toBeInstanceOf(ValidationError)
    expect(world.host.jobs).toEqual([])
  })

  test('are not found in another workspace', async () => {
    const stranger = viewerOf('south')
    await expect(world.datasets.preview(stranger, { datasetId: dataset.id }, 1, signal)).rejects.toThrow(NotFoundError)
    const draft = { connector: { id: connector.id }, query: sqlQuery() }
    await expect(world.datasets.preview(stranger, draft, 1, signal)).rejects.toThrow(NotFoundError)
    expect(world.host.jobs).toEqual([])
  })

  test('refuse a dataset without a connector', async () => {
    const plan = await world.connectors.deletionPlan(ada, { id: connector.id })
    await world.connectors.delete(ada, { connector: { id: connector.id }, impactToken: plan?.impactToken ?? null })
    const error = await world.datasets.preview(ada, { datasetId: dataset.id }, 1, signal).catch(error => error)
    expect(error).toBeInstanceOf(ConflictError)
    expect(error.currentVersion).toBe(2)
  })

  test.each([
    ['UNAVAILABLE', 'SECRET_STORE_UNAVAILABLE'],
    ['UNREADABLE', 'SECRET_UNREADABLE'],
  ] as const)('say that the secret store is %s, and dial nothing', async (reason, code) => {
    world.failing.reason = reason
    const preview = await world.datasets.preview(ada, { datasetId: dataset.id }, 1, signal)
    expect(preview).toMatchObject({ kind: 'PROBLEM', problem: { code } })
    proves('ANY', code, 'DOUBLE')
    expect(world.host.jobs).toEqual([])
  })

  test('need no store for a connector without secrets', async () => {
    const config = patch({ host: 'h', auth: { none: true } })
    const open = await world.connectors.create(ada, ledgerInput({ name: 'Open', config }), signal)
    world.failing.reason = 'UNAVAILABLE'
    const preview = await world.datasets.preview(ada, { connector: { id: open.id }, query: sqlQuery() }, 1, signal)
    expect(preview).toMatchObject(result)
  })
})
