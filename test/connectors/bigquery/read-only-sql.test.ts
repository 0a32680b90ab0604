import { describe, expect, it } from 'vitest'
import { judgeSql } from '../../../src/connectors/bigquery/read-only-sql.ts'
import { byKey, expectQueryProblem, queryBigquery, sql, table } from './bigquery-run.ts'

const read = (text: string) => judgeSql(text).kind

describe('a statement, by its text alone', () => {
  it.each([
    'select \'a;b\', "c;d", \'\'\'e;\n\'f\';\'\'\', """g;\n"h";"""',
    "select r'\\'; x', b'\\x00', br\"\\\"; y\", Rb'''z;'''",
    'select `a;b` from `p-1.d.t` # ; drop\nwhere true -- ; drop\n/* ; drop */',
    'select 1;',
    'select 1; ;; -- end',
    '((select 1) union all (select 2))',
    'with recursive x as (select 1 as n union all select n + 1 from x) select * from x',
    'from d.t |> where x > 1 |> aggregate count(*) group by y',
    'from d.t |> drop x |> call d.f(1) |> select y',
    'select 1 # legacySQL is another language',
    "select ml, ai.x, max(ml.y) from d.t as ai, d.u as ml where a = 'ml.predict('",
    'select external_query from d.t',
    'select @@project_id, @p, .5e3, 0xFF, 1.',
    'select "drop table x"',
  ])('reads: %s', text => {
    expect(read(text)).toBe('READ')
  })

  it.each<[string, RegExp]>([
    ['select 1; select 2', /more than one/],
    ["select '\\'; drop table x; --'; drop table y", /more than one/],
    ["select r'\\\\'; drop table x --'", /more than one/],
    ["select '''a''b'; drop table x", /does not end/],
    ["select 'a\ndrop table x; --'", /does not end/],
    ["select 'a\\\ndrop table x; --'", /does not end/],
    ['select `a', /does not end/],
    ['select /* a', /does not end/],
    ['select /* /* */ 1 */', /two ways/],
    ['#legacySQL\nselect [x] from [p:d.t]', /legacy SQL/],
    ['\n /* */ #LegacySql \nselect 1', /legacy SQL/],
    ['from d.t |> alter table d.t', /ALTER/],
    ['select 1 --\rdrop table x', /two ways/],
    ['select\u00a01', /belongs into quotes/],
    ['select 1\0', /NUL/],
    ['select `external\\x5fquery`(1)', /escapes/],
    ["select * from external_query('p.eu.c', 'delete from t')", /EXTERNAL_QUERY/],
    ["select * from EXTERNAL_QUERY /* */ ('p.eu.c', 'delete from t')", /EXTERNAL_QUERY/],
    ["select * from `External_Query`('p.eu.c', 'x')", /EXTERNAL_QUERY/],
    ['select * from ml.predict(model d.m, table d.t)', /ML\.PREDICT/],
    ['select * from `ML`.`Generate_Text`(model d.m, table d.t)', /ML\.GENERATE_TEXT/],
    ["select `ai.generate`('x')", /AI\.GENERATE/],
    ['from d.t |> insert into d.u', /INSERT/],
    ["from d.t |> export data options (uri = 'gs://b/*')", /EXPORT/],
    ['explain select 1', /begins with EXPLAIN/],
    ['table d.t', /begins with TABLE/],
    ['@x', /does not begin/],
    ['-- nothing', /empty/],
  ])('is refused: %s', (text, reason) => {
    const verdict = judgeSql(text)
    expect(verdict).toEqual({ kind: 'REFUSED', reason: expect.stringMatching(reason) })
  })

  it('of what is refused nothing reaches Google', async () => {
    const { outcome, double } = await queryBigquery(sql("select * from external_query('c', 'delete from t')"))
    expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] })
    expect(double.connections).toBe(0)
  })
})

describe('a table without a dataset', () => {
  it('is looked for nowhere where the connector has none either', async () => {
    const { outcome, double } = await queryBigquery(
      table('numbers'),
      {},
      { input: byKey({ defaultDataset: undefined }) },
    )
    expectQueryProblem(outcome, { code: 'QUERY_MALFORMED', fields: ['table.dataset'] })
    expect(double.connections).toBe(0)
  })
})
