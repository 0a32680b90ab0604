import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bigquery } from '../../src/connectors/bigquery/index.ts'
import type { QueryOutcome } from '../../src/connectors/define.ts'
import {
  byImpersonation,
  byKey,
  byToken,
  evidenceOf,
  expectQueryProblem,
  resultOf,
  sql,
  table,
} from '../connectors/bigquery/bigquery-run.ts'
import { proves } from '../proofs/proves.ts'
import { type QueryOptions, type RunOptions, runTypeQuery, runTypeTest } from '../servers/type-run.ts'
import { installBigqueryEmulator } from './bigquery-emulator-install.ts'
import { type EmulatorScene, startEmulator } from './bigquery-emulator-scene.ts'

const installation = await installBigqueryEmulator()

if (installation.installed) describe('a BigQuery connector, on the emulator', onEmulator)
else it('a BigQuery connector, on the emulator', context => context.skip(installation.reason))

const by = 'PUBLIC_IMPLEMENTATION'

/**
 * The emulator has BigQuery's API, Google's own analyser of statements, and SQLite to run them. Sign-in and rights are the
 * double's, and prove nothing here. Of every statement the emulator says that it is a SELECT: no fence is proved either.
 */
function onEmulator(): void {
  let scene: EmulatorScene

  beforeAll(async () => {
    scene = await startEmulator([
      'create table sales.orders (id int64, item string, price numeric)',
      'insert into sales.orders values (1, "lamp", 9.9), (2, "chäir 🪑", 120), (3, null, null)',
      'create view sales.cheap as select id, item from sales.orders where price < 10',
      'create table sales.nothing (n int64)',
      'create table sales.numbers as select n from unnest(generate_array(1, 2500)) as n',
    ])
  })
  afterAll(() => scene?.[Symbol.asyncDispose]())

  const near = <O extends RunOptions | QueryOptions>(options: O): O => ({
    ...options,
    network: { cloudEndpoints: scene.endpoints, ...options.network },
  })
  const test = (input: object = byKey(), options: RunOptions = {}) => runTypeTest(bigquery, input, near(options))
  const query = (asked: object, { input = byKey(), ...options }: QueryOptions & { input?: object } = {}) =>
    runTypeQuery(bigquery, input, asked, near(options))
  const rowsOf = (outcome: QueryOutcome) => resultOf(outcome).rows
  /** What the emulator was asked meanwhile, by kind, and what came of `work`. */
  async function watched<T>(work: () => Promise<T>) {
    const before = scene.adapter.requests.length
    const result = await work()
    return { result, requests: scene.adapter.requests.slice(before) }
  }

  it('passes by key, impersonation and token, reads a table that is there, and leaves unknown what nobody tells', async () => {
    for (const input of [byKey(), byImpersonation(), byToken()]) {
      const { LEAST_PRIVILEGE, ...others } = await test(input)
      const statuses = Object.values(others).map(({ status }) => status)
      expect(new Set(statuses), JSON.stringify(others)).toEqual(new Set(['PASSED']))
      expect(evidenceOf(others.READ)['Read']).toMatch(/^acme-analytics\.sales\.\w+: \d+ columns?, one row read$/)
      // The emulator knows no rights, and says so.
      expect(LEAST_PRIVILEGE).toMatchObject({ status: 'SKIPPED', problem: { code: 'PRIVILEGES_UNKNOWN' } })
    }
  })

  it('says that a dataset is not there, and that one is empty', async () => {
    const missing = await test(byKey({ defaultDataset: 'nowhere' }))
    expect(missing['READ'], JSON.stringify(missing)).toMatchObject({
      status: 'FAILED',
      problem: { code: 'CLOUD_RESOURCE_NOT_FOUND' },
    })
    proves('BIGQUERY', 'CLOUD_RESOURCE_NOT_FOUND', by)
    const deserted = await test(byKey({ defaultDataset: 'deserted' }))
    expect(deserted['READ'], JSON.stringify(deserted)).toMatchObject({
      status: 'WARNING',
      problem: { code: 'NOTHING_READABLE' },
    })
    proves('BIGQUERY', 'NOTHING_READABLE', by)
  })

  it('reads values of every type without losing a digit', async () => {
    const columns = {
      big: ['9007199254740993', 'INT64 INTEGER', '9007199254740993'],
      small: ['-1', 'INT64 INTEGER', -1],
      exact: ["numeric '1234567890.123456789'", 'NUMERIC DECIMAL', '1234567890.123456789'],
      wide: ["bignumeric '12345678901234567890.5'", 'BIGNUMERIC DECIMAL', '12345678901234567890.5'],
      ratio: ['0.1', 'FLOAT64 FLOAT', 0.1],
      yes: ['true', 'BOOL BOOLEAN', true],
      words: ['\'a "quoted"\\nline, chäir 🪑\'', 'STRING TEXT', 'a "quoted"\nline, chäir 🪑'],
      bytes: ["b'abc'", 'BYTES BINARY', 'YWJj'],
      sold_on: ["date '2026-01-31'", 'DATE DATE', '2026-01-31'],
      sold_at: ["time '12:34:56.789'", 'TIME TIME', '12:34:56.789'],
      local_time: ["datetime '2026-01-31 12:34:56.5'", 'DATETIME TIMESTAMP', '2026-01-31T12:34:56.5'],
      instant: ["timestamp '2026-01-31 12:34:56.123456+02'", 'TIMESTAMP TIMESTAMP', '2026-01-31T10:34:56.123456Z'],
      early: ["timestamp '1969-12-31 23:59:58.5+00'", 'TIMESTAMP TIMESTAMP', '1969-12-31T23:59:58.500000Z'],
      document: ['json \'{"a":[1,{"b":"é"}]}\'', 'JSON JSON', { a: [1, { b: 'é' }] }],
      list: ['[1, 2]', 'ARRAY<INT64> LIST', [1, 2]],
      record: ["struct(1 as x, 'y' as y)", 'STRUCT<x INT64, y STRING> JSON', { x: 1, y: 'y' }],
      records: [
        '[struct(1 as x, [2, 3] as ys)]',
        'ARRAY<STRUCT<x INT64, ys ARRAY<INT64>>> LIST',
        [{ x: 1, ys: [2, 3] }],
      ],
      place: ['st_geogpoint(1, 2)', 'GEOGRAPHY OTHER', 'POINT (1 2)'],
      nothing: ['cast(null as string)', 'STRING TEXT', null],
    } as const
    const list = Object.entries(columns).map(([name, [expression]]) => `${expression} as ${name}`)
    const result = resultOf(await query(sql(`select ${list.join(', ')}`)))
    expect(result.columns.map(({ name, nativeType, type }) => [name, `${nativeType} ${type}`])).toEqual(
      Object.entries(columns).map(([name, [, type]]) => [name, type]),
    )
    expect(result.rows).toEqual([Object.values(columns).map(([, , value]) => value)])
  })

  it('lists tables, and queries views', async () => {
    const listed = await watched(() => query(table('orders')))
    expect(rowsOf(listed.result)).toEqual([
      [1, 'lamp', '9.9'],
      [2, 'chäir 🪑', '120'],
      [3, null, null],
    ])
    expect(listed.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
      'GET datasets/sales/tables/orders',
      'GET datasets/sales/tables/orders/data',
    ])
    expect(rowsOf(await query(table('orders', { columns: ['item', 'id'] })))).toEqual([
      ['lamp', 1],
      ['chäir 🪑', 2],
      [null, 3],
    ])
    expect(resultOf(await query(table('nothing')))).toMatchObject({ columns: [{ name: 'n' }], rows: [] })
    const queried = await watched(() => query(table('cheap')))
    expect(rowsOf(queried.result)).toEqual([[1, 'lamp']])
    expect(queried.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
      'GET datasets/sales/tables/cheap',
      'POST jobs',
      'POST queries',
    ])
  })

  it('reads a result in several pages, and leaves the rest where it is when enough is read', async () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, n) => [n + 1])
    const isPage = ({ method, path }: { method: string; path: string }) =>
      method === 'GET' && path.startsWith('queries/')
    const ordered = sql('select n from sales.numbers order by n')
    const all = await watched(() => query(ordered, { limits: { maxRows: 10_000, maxBytes: 1_048_576 } }))
    expect(resultOf(all.result)).toMatchObject({ rows: numbers(2_500), truncated: false })
    expect(all.requests.filter(isPage).length).toBeGreaterThan(0)
    const some = await watched(() => query(ordered, { limits: { maxRows: 900, maxBytes: 1_048_576 } }))
    expect(resultOf(some.result)).toMatchObject({ rows: numbers(900), truncated: true })
    expect(some.requests.filter(isPage)).toEqual([])
  })

  it('does not run what would read too much, by what its dry run says', async () => {
    const least = 10 * 1_048_576
    const wide = `select repeat('x', 1000) as x from unnest(generate_array(1, 20000))`
    const { result, requests } = await watched(() => query(sql(wide), { input: byKey({ maximumBytesBilled: least }) }))
    expectQueryProblem(result, { code: 'SCAN_LIMIT_REACHED' }, { by })
    expect(requests.filter(({ path }) => path.startsWith('queries'))).toEqual([])
  })

  it('names what a statement asks for that is not there, and what is no SQL', async () => {
    const words = (detail: string) => ({ detail: expect.stringContaining(detail) })
    expectQueryProblem(await query(table('nowhere')), { code: 'OBJECT_NOT_FOUND', fields: ['table.name'] }, { by })
    // What is wrong says Google's analyser; how BigQuery tells it is the adapter's, and not noted as proved.
    expect(await query(sql('select * from nowhere'))).toMatchObject({
      problem: { code: 'OBJECT_NOT_FOUND', fields: ['sql.text'], ...words('Table not found: nowhere') },
    })
    expect(await query(sql('select nope from orders'))).toMatchObject({
      problem: { code: 'QUERY_INVALID', ...words('Unrecognized name: nope') },
    })
    expect(await query(sql('select id from orders where where'))).toMatchObject({
      problem: { code: 'QUERY_INVALID', ...words('Syntax error') },
    })
  })

  it('is asked nothing for what writes', async () => {
    const { requests } = await watched(async () => {
      for (const text of ['delete from orders where true', 'create table sales.copies as select 1 as n']) {
        expect(await query(sql(text)), text).toMatchObject({ problem: { code: 'QUERY_NOT_READ_ONLY' } })
      }
    })
    expect(requests).toEqual([])
  })
}
