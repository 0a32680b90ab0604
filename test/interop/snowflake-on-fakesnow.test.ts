import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryOutcome } from '../../src/connectors/define.ts'
import { snowflake } from '../../src/connectors/snowflake/index.ts'
import {
  byPassword,
  evidenceOf,
  expectFailure,
  expectProblem,
  expectQueryProblem,
  resultOf,
  type SnowflakeReports,
  sql,
  stepIds,
  table,
} from '../connectors/snowflake/snowflake-run.ts'
import { type QueryOptions, type RunOptions, runTypeQuery, runTypeTest } from '../servers/type-run.ts'
import { installFakesnow } from './fakesnow-install.ts'
import { answersOfOurs, startFakesnow } from './fakesnow-scene.ts'
import type { Fakesnow } from './fakesnow-server.ts'

const installation = await installFakesnow()

if (installation.installed) describe('a Snowflake connector, on fakesnow', onFakesnow)
else it('a Snowflake connector, on fakesnow', context => context.skip(installation.reason))

const by = 'PUBLIC_IMPLEMENTATION'

/**
 * fakesnow speaks Snowflake's protocol and its SQL, and has DuckDB run it. It knows no credentials, roles, grants and
 * warehouses: what is said in its place (`fakesnow-scene.ts`) proves nothing, and nothing is noted as proved by it.
 */
function onFakesnow(): void {
  let fakesnow: Fakesnow

  beforeAll(async () => {
    fakesnow = await startFakesnow(
      [
        'create schema sales.deserted',
        'use schema sales.public',
        'create table orders (id number(38,0), item varchar(20), price number(12,2))',
        "insert into orders values (1, 'lamp', 9.90), (2, 'chäir 🪑', 120.00), (3, null, null)",
        `create table every_type (big number(38,0), exact number(38,10), ratio float, words varchar, yes boolean,
           sold_on date, sold_at time, local_time timestamp_ntz, instant timestamp_tz, bytes binary, anything variant)`,
        `insert into every_type select 9007199254740993, 1234567890123456789012345678.0123456789, 0.1, 'a "quoted"
line', true, '2026-01-31', '12:34:56.789', '2026-01-31 12:34:56.123456', '2026-01-31 12:34:56+02:00',
           to_binary('00ff10', 'hex'), parse_json('{"a": [1, null, {"b": "é"}], "day": "2026-01-31"}')`,
        `insert into every_type select -1, -0.0000000001, -1.5, '', false, '0001-01-01', '00:00:00',
           '1969-12-31 23:59:58.5', '1970-01-01 00:00:00+00:00', to_binary('', 'hex'), parse_json('"text"')`,
        'insert into every_type (big) values (null)',
        'create table "lower case" ("mixed Case" varchar, "n" number)',
        `insert into "lower case" values ('a', 1)`,
        'create table nothing (n number)',
        'create view cheap as select id, item from orders where price < 10',
        'create table numbers as select row_number() over (order by seq4()) as n from table(generator(rowcount => 2500))',
      ],
      { rowsPerChunk: 1_000 },
    )
  })
  afterAll(() => fakesnow?.[Symbol.asyncDispose]())

  const near = <O extends RunOptions | QueryOptions>(options: O): O => ({
    ...options,
    network: { cloudEndpoints: fakesnow.endpoints, ...options.network },
  })
  // By step id, as the type's own plan has them.
  const test = async (input: object = byPassword(), options: RunOptions = {}) =>
    (await runTypeTest(snowflake, input, near(options))) as SnowflakeReports
  const query = (asked: object, { input = byPassword(), ...options }: QueryOptions & { input?: object } = {}) =>
    runTypeQuery(snowflake, input, asked, near(options))
  const rowsOf = (outcome: QueryOutcome) => resultOf(outcome).rows

  /** What fakesnow itself was asked meanwhile, and what came of `work`. */
  async function watched<T>(work: () => Promise<T>) {
    await fakesnow.upToDate()
    const [statements, requests] = [fakesnow.statements.length, fakesnow.requests.length]
    const result = await work()
    await fakesnow.upToDate()
    const isOurs = (statement: string) => answersOfOurs.some(({ to }) => new RegExp(to, 'i').test(statement))
    return {
      result,
      statements: fakesnow.statements.slice(statements).filter(({ statement }) => !isOurs(statement)),
      requests: fakesnow.requests.slice(requests),
    }
  }

  it('passes, and reads a table that is there', async () => {
    const { result: reports, statements, requests } = await watched(() => test())
    const statuses = stepIds.map(id => [id, reports[id]?.status])
    expect(statuses, JSON.stringify(reports)).toEqual(stepIds.map(id => [id, 'PASSED']))
    expect(evidenceOf(reports['READ'])['Read']).toMatch(/^SALES\.PUBLIC\.\S+: \d+ columns, one row read$/)
    const sample = statements.filter(({ statement }) => /^select \* from/i.test(statement))
    expect(sample.map(({ describeOnly }) => describeOnly)).toEqual([true, false])
    // Nothing is reported, kept alive or looked up beside what the steps ask, and the session is ended.
    const [signIn, ...asked] = requests
    expect(signIn).toBe('POST /session/v1/login-request')
    expect(asked.pop()).toBe('POST /session')
    expect(new Set(asked)).toEqual(new Set(['POST /queries/v1/query-request']))
  })

  it('says that database or schema is not there, and that a schema is empty', async () => {
    expectFailure(await test(byPassword({ database: 'NOWHERE' })), 'OPEN', 'DATABASE_NOT_FOUND', by)
    expectFailure(await test(byPassword({ schema: 'NOWHERE' })), 'OPEN', 'SCHEMA_NOT_FOUND', by)
    const deserted = await test(byPassword({ schema: 'DESERTED' }))
    expectProblem(deserted, 'READ', 'NOTHING_READABLE', by)
    expect(deserted['READ']?.status).toBe('WARNING')
  })

  it('reads values of every type without losing a digit', async () => {
    const { columns, rows } = resultOf(await query(table('EVERY_TYPE')))
    expect(columns.map(({ nativeType, type }) => `${nativeType} ${type}`)).toEqual([
      'NUMBER(38,0) INTEGER',
      'NUMBER(38,10) DECIMAL',
      'FLOAT FLOAT',
      'VARCHAR TEXT',
      'BOOLEAN BOOLEAN',
      'DATE DATE',
      'TIME TIME',
      'TIMESTAMP_NTZ TIMESTAMP',
      'TIMESTAMP_TZ TIMESTAMP',
      'BINARY BINARY',
      'VARIANT JSON',
    ])
    expect(rows).toEqual([
      [
        '9007199254740993',
        '1234567890123456789012345678.0123456789',
        0.1,
        'a "quoted"\nline',
        true,
        '2026-01-31',
        '12:34:56.789',
        '2026-01-31T12:34:56.123456',
        '2026-01-31T10:34:56Z',
        'AP8Q',
        { a: [1, null, { b: 'é' }], day: '2026-01-31' },
      ],
      [
        -1,
        '-0.0000000001',
        -1.5,
        '',
        false,
        '0001-01-01',
        '00:00:00',
        '1969-12-31T23:59:58.5',
        '1970-01-01T00:00:00Z',
        '',
        'text',
      ],
      columns.map(() => null),
    ])
  })

  it('reads what a statement makes of JSON', async () => {
    const paths = 'anything:a[2]:b::varchar as b, anything:a[0] as first, anything:missing as missing'
    expect(rowsOf(await query(sql(`select ${paths} from every_type where big > 0`)))).toEqual([['é', 1, null]])
  })

  it('reads tables and views by names as they are, some of their columns, and two of one name', async () => {
    expect(rowsOf(await query(table('lower case', { columns: ['n', 'mixed Case'] })))).toEqual([[1, 'a']])
    expect(rowsOf(await query(table('CHEAP')))).toEqual([[1, 'lamp']])
    expect(rowsOf(await query(table('ORDERS', { columns: ['ITEM'] })))).toEqual([['lamp'], ['chäir 🪑'], [null]])
    const twice = resultOf(await query(sql('select id as a, item as a from orders where id = 1')))
    expect({ names: twice.columns.map(({ name }) => name), rows: twice.rows }).toEqual({
      names: ['A', 'A'],
      rows: [[1, 'lamp']],
    })
    expect(resultOf(await query(table('NOTHING')))).toMatchObject({ columns: [{ name: 'N' }], rows: [] })
  })

  it('reads a result in several parts, and leaves the rest where it is when enough is read', async () => {
    const text = 'x'.repeat(1_000)
    const numbers = (count: number) => Array.from({ length: count }, (_, n) => [n + 1, text])
    const wide = sql("select n, repeat('x', 1000) as text from numbers order by n")
    const limits = (maxRows: number) => ({ limits: { maxRows, maxBytes: 8 * 1_048_576 } })
    const parts = (requests: readonly string[]) => requests.filter(request => request.startsWith('GET /chunks/'))
    const all = await watched(() => query(wide, limits(10_000)))
    expect(resultOf(all.result)).toMatchObject({ rows: numbers(2_500), truncated: false })
    expect(parts(all.requests)).toHaveLength(2)
    const some = await watched(() => query(wide, limits(1_200)))
    expect(resultOf(some.result)).toMatchObject({ rows: numbers(1_200), truncated: true })
    expect(parts(some.requests)).toHaveLength(1)
  })

  it('shows and describes', async () => {
    const shown = resultOf(await query(sql('show tables in schema sales.public')))
    const name = shown.columns.findIndex(column => column.name === 'name')
    expect(shown.rows.map(row => row[name]).toSorted()).toEqual(
      ['EVERY_TYPE', 'NOTHING', 'NUMBERS', 'ORDERS', 'lower case'].toSorted(),
    )
    expect(rowsOf(await query(sql('describe table orders'))).map(row => row.slice(0, 2))).toEqual([
      ['ID', 'NUMBER(38,0)'],
      ['ITEM', 'VARCHAR(20)'],
      ['PRICE', 'NUMBER(12,2)'],
    ])
  })

  it('names what a statement asks for that is not there, and what is no SQL', async () => {
    const missing = { code: 'OBJECT_NOT_FOUND', detail: expect.stringContaining('002003') } as const
    expectQueryProblem(await query(sql('select * from nowhere')), { ...missing, fields: ['sql.text'] }, { by })
    expectQueryProblem(await query(table('NOWHERE')), { ...missing, fields: ['table.name'] }, { by })
    const invalid = { code: 'QUERY_INVALID', detail: expect.stringContaining('001003') } as const
    expectQueryProblem(await query(sql('select id from orders where where')), invalid, { by })
  })

  it('is asked to run nothing that writes', async () => {
    const { statements } = await watched(async () => {
      for (const text of ['delete from orders', 'create table copies as select * from orders', 'use schema deserted']) {
        expect(await query(sql(text)), text).toMatchObject({ problem: { code: 'QUERY_NOT_READ_ONLY' } })
      }
    })
    expect(statements).toEqual([])
  })
}
