import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { commonType, toJson } from '../../../src/connectors/postgres-protocol/types.ts'
import { columnTypes } from '../../../src/connectors/redshift/column-types.ts'
import { redshift } from '../../../src/connectors/redshift/index.ts'
import { RedshiftFacade } from '../../servers/redshift-facade.ts'
import { expectQueryProblem, inputFor, queryRedshift } from './redshift-run.ts'

describe('a query of a Redshift dataset (on a PostgreSQL with the catalogue of Redshift)', () => {
  let facade: RedshiftFacade
  beforeAll(async () => {
    facade = await RedshiftFacade.start()
    await facade.sql(`
      create table orders (id int, big bigint, price numeric(10, 2), ratio float8, paid boolean, name varchar(20),
        code char(3), day date, at timestamp, seen timestamptz, moment time, span interval);
      insert into orders values (1, 9007199254740993, 1.50, 0.5, true, 'one', 'a', '2026-01-02', '2026-01-02 03:04:05.6',
        '2026-01-02 03:04:05+00', '03:04', '1 day'); insert into orders (id) values (2);
      create table "Big ""Table""" ("A b" int); insert into "Big ""Table""" values (7);
      create role ann login password 'pw'; grant select on all tables in schema public to ann`)
  })
  afterAll(async () => {
    await facade?.[Symbol.asyncDispose]()
  })
  const query = (text: string, options = {}) => queryRedshift(inputFor(facade, 'ann'), { sql: { text } }, options)

  it('answers columns by the numbers of their types, and values as JSON', async () => {
    const outcome = await query('select * from orders order by id')
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome))
    expect(outcome.result.columns.map(({ name, nativeType, type }) => [name, nativeType, type])).toEqual([
      ['id', 'integer', 'INTEGER'],
      ['big', 'bigint', 'INTEGER'],
      ['price', 'numeric', 'DECIMAL'],
      ['ratio', 'double precision', 'FLOAT'],
      ['paid', 'boolean', 'BOOLEAN'],
      ['name', 'character varying', 'TEXT'],
      ['code', 'character', 'TEXT'],
      ['day', 'date', 'DATE'],
      ['at', 'timestamp without time zone', 'TIMESTAMP'],
      ['seen', 'timestamp with time zone', 'TIMESTAMP'],
      ['moment', 'time without time zone', 'TIME'],
      ['span', 'interval', 'OTHER'],
    ])
    expect(outcome.result.rows[0]?.slice(0, 9)).toEqual([
      1,
      '9007199254740993',
      '1.50',
      0.5,
      true,
      'one',
      'a  ',
      '2026-01-02',
      '2026-01-02 03:04:05.6',
    ])
    expect(outcome.result.rows[1]?.slice(1).every(value => value === null)).toBe(true)
    // The question would be billed on a workgroup, and its catalogue could not answer it.
    expect(facade.statementsOf('ann').join()).not.toMatch(/pg_type/)
  })

  it('knows the types that only Redshift has', async () => {
    const fields = [4000, 6551, 3000, 3001, 3999, 2935, 1188, 1190, 99_999].map(dataTypeID => ({ dataTypeID }))
    const types = await columnTypes(null, fields as never)
    expect(types.map(type => type && [type.name, commonType(type)])).toEqual([
      ['super', 'JSON'],
      ['binary varying', 'OTHER'],
      ['geometry', 'OTHER'],
      ['geography', 'OTHER'],
      ['geometry', 'OTHER'],
      ['hllsketch', 'OTHER'],
      ['interval year to month', 'OTHER'],
      ['interval day to second', 'OTHER'],
      null,
    ])
    const [superType] = types
    expect(superType && toJson('{"a":[1,"x"]}', superType)).toEqual({ a: [1, 'x'] })
  })

  it('reads a table by its name, and chosen columns of it', async () => {
    const table = { schema: 'public', name: 'Big "Table"', columns: ['A b'] }
    expect(await queryRedshift(inputFor(facade, 'ann'), { table })).toMatchObject({
      kind: 'RESULT',
      result: { columns: [{ name: 'A b', type: 'INTEGER' }], rows: [[7]] },
    })
  })

  it('gives no more rows than are wanted, and says that there were more', async () => {
    const limits = { maxRows: 10, maxBytes: 1_048_576 }
    expect(await query('select generate_series(1, 1000) as n', { limits })).toMatchObject({
      kind: 'RESULT',
      result: { truncated: true, rows: { length: 10 } },
    })
  })

  it.each([
    ['select nothing from orders', 'OBJECT_NOT_FOUND'],
    ['select * from nowhere.orders', 'OBJECT_NOT_FOUND'],
    ['selec', 'QUERY_NOT_READ_ONLY'],
    ['select from where', 'QUERY_INVALID'],
    ["select 'x'::int", 'QUERY_INVALID'],
    ['select * from pg_authid', 'PERMISSION_DENIED'],
  ] as const)('says what is wrong with %j: %s', async (text, code) => {
    expectQueryProblem(await query(text), { code })
  })

  it('stops at the time limit of the form', async () => {
    const input = inputFor(facade, 'ann', 'pw', { limits: { statementTimeoutSeconds: 1 } })
    const outcome = await queryRedshift(input, { sql: { text: 'select pg_sleep(60)' } })
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT', fields: ['limits.statementTimeoutSeconds'] })
  })

  it('is cancelled on the server when its reader goes away', async () => {
    const cancel = new AbortController()
    const running = () =>
      facade.sql("select 1 from pg_stat_activity where usename = 'ann' and query like '%pg_sleep(61)%'")
    const outcome = query('select pg_sleep(61)', { signal: cancel.signal })
    outcome.catch(() => {})
    await vi.waitFor(async () => expect(await running()).toHaveLength(1))
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await vi.waitFor(async () => expect(await running()).toHaveLength(0))
  })

  it('has time for the way in, for AWS and for a workgroup that wakes up', () => {
    const budget = (input: unknown) => redshift.queryBudgetMs(redshift.form.schema.parse(input) as never)
    const plain = budget({ host: 'h', auth: { password: { username: 'a', password: 'b' } } })
    const credentials = { assumeRole: { roleArn: 'arn:aws:iam::111122223333:role/patchbay' } }
    const iam = { deployment: { serverless: { workgroupName: 'sales' } }, region: 'eu-west-1', credentials }
    expect(budget({ host: 'h', auth: { iam } })).toBeGreaterThanOrEqual(plain + 80_000 + 2 * 20_000)
  })
})
