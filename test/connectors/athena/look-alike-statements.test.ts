import { describe, expect, it } from 'vitest'
import { judgeSql } from '../../../src/connectors/athena/read-only-sql.ts'

describe('a statement of Athena that looks like a read', () => {
  it.each([
    // Engines before Trino took colons for parts of unquoted names.
    'select * from lambda:f.sales.orders',
    'select * from LAMBDA : f.sales.orders',
    // A table function, however it is wrapped or called
    "select * from table((mysql.system.query(query => 'x')))",
    "select * from table(((query('x'))))",
    "select * from table(1a.system.query('x'))",
    "select * from table(mysql.1a.query('x'))",
    'select * from table(',
    'select * from table(my sql.query(1))',
    // Functions of AWS Lambda and SageMaker are declared before the query, and nowhere else should they be
    "with x as (using external function f(x int) returns int lambda 'f' select f(1)) select 1",
    "with x as (select 1) using function f(x int) returns int sagemaker 'f' select f(1)",
    // Computes statistics and keeps them
    'with x as (select 1) analyze orders',
  ])('is none for all that: %s', text => {
    expect(judgeSql(text)).toMatchObject({ kind: 'REFUSED', reason: expect.stringMatching(/\S/) })
  })
})

describe('a statement of Athena that looks as if it wrote', () => {
  it.each([
    // Columns may be called as statements begin
    'select cast(call as varchar), max(vacuum) from calls',
    'select * from t where (update is not null)',
    'select * from t where (merge between 1 and 2) or (refresh in (1, 2))',
    'select array_agg(call order by day), count(grant) filter (where (analyze = 1)) from calls',
    "select if(truncate like 'x', 1, 2), sum(x) over (partition by day) optimize from t",
    'select * from (select 1 as one) call where true',
    'select * from a join (select 1 as one) update on one = a.id',
    'select * from a join b using (id)',
    'select sum(x) call union all select max(x) over () update from t',
    // A quantifier is no parameter
    'select * from t match_recognize (order by day measures a.x as x pattern (a? b+? c*) define b as b.x > 1)',
    'select * from table(sequence(start => 1, stop => 10)) as t(n), table(orders)',
    'select * from table(exclude_columns(input => table(select 1 as one), columns => descriptor(one)))',
    'select json_object(\'lambda\' : 1) from "lambda_events"',
  ])('is a read for all that: %s', text => {
    expect(judgeSql(text)).toMatchObject({ kind: 'READ' })
  })
})
