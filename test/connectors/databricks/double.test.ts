import { DBSQLClient } from '@databricks/sql'
import { describe, expect, it } from 'vitest'
import {
  type DatabricksDouble,
  type DatabricksDoubleOptions,
  sampleWarehouse,
} from '../../servers/databricks-double.ts'
import { byToken, clusterPath, startWorkspace, token } from './databricks-run.ts'

const warehousePath = `/sql/1.0/warehouses/${sampleWarehouse}`

/** Runs a statement by Databricks' own client as its documentation has it, but for what would say or ask for more. */
async function run(double: DatabricksDouble, statement: string, path = warehousePath, session = {}) {
  const client = new DBSQLClient({ logger: { log() {} } })
  client.on('error', () => {})
  try {
    await client.connect({
      ...{ host: '127.0.0.1', port: double.port, path, token },
      ...{ customCaCert: byToken().caCertificates, telemetryEnabled: false, preserveBigNumericPrecision: true },
    })
    const opened = await client.openSession(session)
    const operation = await opened.executeStatement(statement, { useCloudFetch: false, useLZ4Compression: false })
    const rows = await operation.fetchAll()
    await operation.close()
    await opened.close()
    return rows
  } finally {
    await client.close()
  }
}

async function runAlone(statement: string, options: DatabricksDoubleOptions = {}, path?: string, session?: object) {
  await using double = await startWorkspace(options)
  return { rows: await run(double, statement, path, session), double }
}

const failureOf = (statement: string, options: DatabricksDoubleOptions = {}, path?: string, session?: object) =>
  runAlone(statement, options, path, session).then(
    () => Promise.reject(new Error('It has not failed.')),
    (error: unknown) => error as Record<string, unknown>,
  )

const lastWeek = { tokens: {} }

describe("Databricks' own client finds in the double", () => {
  it.each([
    ['values at once', {}],
    [
      'values that it has to wait and to ask for',
      { waits: ['PENDING_STATE', 'RUNNING_STATE'] as const, rowsAtOnce: 1 },
    ],
    ['columns, from an older service', { knowsNoArrow: true }],
  ])('%s', async (_, options) => {
    const { rows, double } = await runAlone('select id, customer from main.sales.orders', options)
    expect(rows).toMatchObject([{ customer: 'ann' }, { customer: '' }, { customer: null }])
    expect(rows.map(row => Number((row as { readonly id: unknown }).id))).toEqual([1, 2, 3])
    expect(double.strays).toEqual([])
    expect({ running: double.running, sessions: double.openSessions }).toEqual({ running: 0, sessions: 0 })
  })

  it('exact values, as far as it can read them', async () => {
    const { rows } = await runAlone('select * from main.sales.typed')
    expect(rows[0]).toMatchObject({
      a_bigint: 9_223_372_036_854_775_807n,
      a_decimal: '12345678901234567890123456789.123456789',
      a_binary: Buffer.from([0, 1, 254, 255]),
      an_array: [9_007_199_254_740_993n, null],
      a_map: { k: '123456789012345678.90' },
      an_interval: '1 02:03:04.000000000',
    })
    expect(Object.values(rows[1] as object).every(value => value === null)).toBe(true)
  })

  it('clusters too', async () => {
    expect((await runAlone('select 1 as one', {}, clusterPath)).rows).toEqual([{ one: 1 }])
  })

  it.each([
    ['select * from main.sales.nope', '42P01', '[TABLE_OR_VIEW_NOT_FOUND]'],
    ['select nope from main.sales.orders', '42703', '[UNRESOLVED_COLUMN'],
    ['selec 1', '42601', '[PARSE_SYNTAX_ERROR]'],
    ['select * from secret.hidden.ledger', '42501', '[INSUFFICIENT_PERMISSIONS]'],
  ])('errors of SQL: %s', async (statement, sqlState, words) => {
    expect(await failureOf(statement)).toMatchObject({
      name: 'Error',
      errorCode: 'ERROR',
      message: expect.stringContaining(words),
      response: { sqlState, displayMessage: expect.stringContaining(`SQLSTATE: ${sqlState}`) },
    })
  })

  it('statuses that are no errors: a session in a catalog that does not exist', async () => {
    expect(await failureOf('select 1', {}, warehousePath, { initialCatalog: 'nope' })).toMatchObject({
      name: 'Status Error',
      message: expect.stringContaining("Catalog 'nope' was not found"),
    })
  })

  it.each<[string, DatabricksDoubleOptions, string, number, RegExp]>([
    ['a token that nobody knows', lastWeek, warehousePath, 403, /Invalid access token/],
    ['a warehouse that is not there', {}, '/sql/1.0/warehouses/0000000000000000', 404, /RESOURCE_DOES_NOT_EXIST/],
    [
      'a cluster that is not there',
      {},
      'sql/protocolv1/o/7474646471015793/0000-000000-nope0000',
      404,
      /No cluster found/,
    ],
    [
      'a warehouse that it may not use',
      { warehouses: { [sampleWarehouse]: { users: [] } } },
      warehousePath,
      403,
      /PERMISSION_DENIED/,
    ],
    ['an address that is not let in', { blocksAddresses: true }, warehousePath, 403, /IP ACL/],
  ])('refusals by HTTP: %s', async (_, options, path, statusCode, words) => {
    const error = await failureOf('select 1', options, path)
    expect(error).toMatchObject({ statusCode })
    const { headers } = error['response'] as { readonly headers: { get(name: string): string } }
    expect(headers.get('x-thriftserver-error-message')).toMatch(words)
    expect(headers.get('x-databricks-reason-phrase')).toMatch(words)
  })

  it('a warehouse that starts when it is called, and statements that wait for it', async () => {
    const { rows, double } = await runAlone('select 1 as one', {
      warehouses: { [sampleWarehouse]: { state: 'STOPPED', start: { runsAfter: 3 } } },
    })
    expect(rows).toEqual([{ one: 1 }])
    expect(double.starts).toBe(1)
  })

  it('one that starts, and has forgotten the session', async () => {
    const error = await failureOf('select 1', {
      warehouses: { [sampleWarehouse]: { state: 'STOPPED', start: { runsAfter: 9 }, whileStarting: 'REFUSES' } },
    })
    expect(error).toMatchObject({ name: 'Status Error', message: expect.stringContaining('has not been initialized') })
  })
})
