import { describe, expect, it } from 'vitest'
import type { GoogleRequest } from '../../servers/google-double.ts'
import type { Grant } from '../../servers/google-rights.ts'
import { googleScopes } from '../../servers/google-scopes.ts'
import {
  byKey,
  expectQueryProblem,
  project,
  queryBigquery,
  reader,
  readerGrants,
  resultOf,
  type StartOptions,
  sql,
  table,
} from './bigquery-run.ts'

/** Of an account that may do everything: nothing but the fences is in its way. */
const owner: readonly Grant[] = [
  ...readerGrants,
  { member: reader.email, role: 'roles/owner', on: `projects/${project}` },
]

const configurationOf = ({ json }: GoogleRequest) =>
  (json['configuration'] ?? json) as { readonly dryRun?: boolean; readonly query?: unknown }

describe('a statement that would not only read', () => {
  it.each([
    "insert into sales.numbers values (3, 'three')",
    "update sales.numbers set name = 'x' where true",
    'delete from sales.numbers where true',
    'merge sales.numbers t using sales.numbers s on false when not matched then insert row',
    'truncate table sales.numbers',
    'create table sales.copies as select n from sales.numbers',
    'create or replace view sales.v as select 1',
    'create temp function f() as (1); select f()',
    'drop table sales.numbers',
    'drop schema sales cascade',
    'alter table sales.numbers add column x int64',
    "export data options (uri = 'gs://bucket/*.csv', format = 'CSV') as select n from sales.numbers",
    "load data into sales.numbers from files (uris = ['gs://bucket/x.csv'], format = 'CSV')",
    'call sales.procedure()',
    "execute immediate 'drop table sales.numbers'",
    'begin drop table sales.numbers; end',
    'declare x int64 default 1; select x',
    "set @@query_label = 'a:b'",
    'assert true',
    "grant `roles/bigquery.dataViewer` on table sales.numbers to 'user:ann@example.com'",
    'select 1; drop table sales.numbers',
    'select 1;\n-- more\nselect 2',
    '/* select */ delete from sales.numbers where true',
    "-- select 'x\ndelete from sales.numbers where true",
    '# select\ndelete from sales.numbers where true',
    'from sales.numbers |> insert into sales.copies',
    "select * from external_query('eu.postgres', 'delete from orders returning *')",
    'select * from ml.generate_text(model sales.m, table sales.numbers)',
    ';',
  ])('is refused, whatever the account may do: %s', async text => {
    const { outcome, double } = await queryBigquery(sql(text), { grants: owner })
    expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] })
    expect(double.bigquery.jobs).toEqual([])
  })

  it.each([
    'INSERT',
    'CREATE_TABLE_AS_SELECT',
    'SCRIPT',
    'EXPORT_DATA',
    'CALL',
    'CREATE_FUNCTION',
    'SOMETHING_NEW',
    '',
  ])('is refused where BigQuery takes it for %s, whatever it looks like', async statementType => {
    const { outcome, double } = await queryBigquery(sql('select n from sales.numbers'), {
      grants: owner,
      bigquery: { statements: () => ({ statementType }) },
    })
    expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] })
    expect(double.bigquery.jobs).toEqual([])
  })

  it('is refused where BigQuery says nothing of what it takes it for', async () => {
    const { outcome, double } = await queryBigquery(sql('select n from sales.numbers'), {
      changes: {
        'jobs.insert': (job: { statistics: { query: object } }) => ({
          ...job,
          statistics: { ...job.statistics, query: { ...job.statistics.query, statementType: undefined } },
        }),
      },
    })
    expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] })
    expect(double.bigquery.jobs).toEqual([])
  })

  it.each([
    'select n from sales.numbers',
    'SELECT n FROM sales.numbers;',
    '(select n from sales.numbers)',
    'with x as (select n from sales.numbers) select n from x',
    "select 'drop table sales.numbers; delete' as n, 1 from sales.numbers",
    'select n -- ; drop table x\nfrom sales.numbers',
    'select n /* ; insert */ from sales.numbers',
    "select r'a\\.b' as n, '''a;b''' as m from sales.numbers",
    'select `n` from `acme-analytics`.sales.numbers',
    'from sales.numbers |> select n',
  ])('is none of these: %s', async text => {
    const schema = [{ name: 'n', type: 'INTEGER' }]
    const bigquery = { statements: () => ({ statementType: 'SELECT', schema, rows: [['1']] }) }
    const { outcome, double } = await queryBigquery(sql(text), { bigquery })
    expect(resultOf(outcome).rows).toEqual([[1]])
    expect(double.bigquery.jobs).toHaveLength(1)
  })
})

describe('a statement that is another one when it is run', () => {
  it('changes nothing: the token that it is run with may only read', async () => {
    let asked = 0
    const statements = () => {
      asked += 1
      return { statementType: asked === 1 ? 'SELECT' : 'INSERT' }
    }
    const { outcome, double } = await queryBigquery(sql('select 1'), { grants: owner, bigquery: { statements } })
    expectQueryProblem(outcome, { code: 'CLOUD_ACCESS_DENIED' })
    expect(asked).toBe(2)
    expect(double.bigquery.jobs).toEqual([])
  })
})

describe('every statement', () => {
  it('is looked at before it is run, as it is and where it is', async () => {
    const { double } = await queryBigquery(sql('select n from sales.numbers'), {}, { input: byKey({ location: 'EU' }) })
    expect(double.bigquery.dryRuns).toEqual(['select n from sales.numbers'])
    expect(double.bigquery.statements).toEqual(double.bigquery.dryRuns)
    const asked = double.requests.filter(({ method }) => method === 'jobs.insert' || method === 'jobs.query')
    expect(configurationOf(asked[0] as GoogleRequest).dryRun).toBe(true)
    expect(asked).toHaveLength(2)
  })

  it('is run with a token that may only read: what BigQuery would take for more it refuses', async () => {
    const { double } = await queryBigquery(sql('select n from sales.numbers'), { grants: owner })
    const scopesOf = ({ headers }: GoogleRequest) =>
      double.tokens.find(String(headers.authorization).replace('Bearer ', ''))?.scopes
    for (const request of double.requests.filter(({ service }) => service === 'bigquery')) {
      const isDryRun = configurationOf(request).dryRun === true
      expect(scopesOf(request), request.method).toEqual([
        isDryRun ? googleScopes.bigquery : googleScopes.bigqueryReadonly,
      ])
    }
  })

  it('is run in the SQL of today, with a cap, and not as a session', async () => {
    const { double } = await queryBigquery(sql('select n from sales.numbers'))
    for (const request of double.requests.filter(({ method }) => method === 'jobs.insert' || method === 'jobs.query')) {
      const text = JSON.stringify(request.json)
      expect(text).toContain('"useLegacySql":false')
      expect(text).not.toMatch(/createSession|destinationTable|writeDisposition|createDisposition|connectionProperties/)
    }
  })
})

describe('names of tables', () => {
  it.each([
    'numbers/data?x=',
    '../../../projects',
    'a`b',
    'numbers:testIamPermissions',
    '%2e%2e',
    'näme ü',
    'x'.repeat(1_024),
  ])('stay names, whatever they are: %s', async name => {
    const { outcome, double } = await queryBigquery(table(name))
    expectQueryProblem(outcome, { code: 'OBJECT_NOT_FOUND', fields: ['table.name'] })
    const asked = double.requests.filter(({ service }) => service === 'bigquery')
    for (const { method } of asked) expect(['tables.get', 'tabledata.list', 'jobs.insert']).toContain(method)
    for (const { url } of asked) expect(url).toMatch(/^\/bigquery\/v2\/projects\/acme-analytics\//)
    expect(double.bigquery.jobs).toEqual([])
  })

  it.each(['select', 'n, name', 'a`; drop table x; --', 'x'.repeat(300)])('of columns too: %s', async column => {
    const odd: StartOptions = {
      bigquery: {
        projects: {
          [project]: {
            datasets: {
              sales: {
                tables: {
                  t: { schema: [{ name: 'n', type: 'INTEGER' }], rows: [['1']] },
                  v: { type: 'VIEW', schema: [{ name: 'n', type: 'INTEGER' }], sql: 'select n from sales.t' },
                },
              },
            },
          },
        },
      },
    }
    for (const name of ['t', 'v']) {
      const { outcome, double } = await queryBigquery(table(name, { columns: [column] }), odd)
      expect(outcome.kind).toBe('PROBLEM')
      expect(double.bigquery.jobs).toEqual([])
    }
  })
})
