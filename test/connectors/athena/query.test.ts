import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { athena } from '../../../src/connectors/athena/index.ts'
import type { JsonRows } from '../../../src/connectors/json-rows.ts'
import type { AthenaOutcome } from '../../servers/athena-statements.ts'
import type { AwsDoubleOptions } from '../../servers/aws-double.ts'
import { environmentFor } from '../../servers/type-run.ts'
import {
  byKey,
  byRole,
  expectQueryProblem,
  nearAws,
  queryAt,
  queryAthena,
  resultOf,
  type Seen,
  sql,
  startAws,
} from './athena-run.ts'

/** A double at which a statement has this outcome. */
const answering = (outcome: AthenaOutcome, more: AwsDoubleOptions['athena'] = {}): AwsDoubleOptions => ({
  athena: {
    ...more,
    statements: () => ({ statementType: 'DML', substatementType: 'SELECT', ...outcome }),
  },
})

const asked = ({ requests }: Seen, action: string) => requests.filter(request => request.action === action)

const numbersUpTo = (count: number): AthenaOutcome => ({
  columns: [{ name: 'n', type: 'integer' }],
  rows: Array.from({ length: count }, (_, index) => [String(index + 1)]),
})

const wide = { maxRows: 10_000, maxBytes: 10_485_760 }

describe('the result of an Athena query', () => {
  const types: readonly (readonly [type: string, text: string | null, common: string, value: unknown])[] = [
    ['boolean', 'true', 'BOOLEAN', true],
    ['tinyint', '-7', 'INTEGER', -7],
    ['smallint', '7', 'INTEGER', 7],
    ['integer', '42', 'INTEGER', 42],
    ['bigint', '9007199254740993', 'INTEGER', '9007199254740993'],
    ['float', '0.5', 'FLOAT', 0.5],
    ['double', '1.0E-7', 'FLOAT', 1e-7],
    ['double', 'NaN', 'FLOAT', 'NaN'],
    ['double', '-Infinity', 'FLOAT', '-Infinity'],
    ['decimal(10,2)', '1.50', 'DECIMAL', '1.50'],
    ['varchar', 'naïve 😀', 'TEXT', 'naïve 😀'],
    ['char(3)', 'a  ', 'TEXT', 'a  '],
    ['date', '2026-01-02', 'DATE', '2026-01-02'],
    ['timestamp', '2026-01-02 03:04:05.678', 'TIMESTAMP', '2026-01-02 03:04:05.678'],
    ['timestamp with time zone', '2026-01-02 03:04:05.678 UTC', 'TIMESTAMP', '2026-01-02 03:04:05.678 UTC'],
    ['varbinary', '00 ff 61', 'BINARY', 'AP9h'],
    ['json', '{"a":[1,"x"]}', 'JSON', { a: [1, 'x'] }],
    ['array', '[1, 2]', 'OTHER', '[1, 2]'],
    ['map', '{a=1}', 'OTHER', '{a=1}'],
    ['row', '{x=1}', 'OTHER', '{x=1}'],
    ['hyperloglog', 'AgwA', 'OTHER', 'AgwA'],
    ['integer', null, 'INTEGER', null],
    ['varchar', null, 'TEXT', null],
    ['varchar', '', 'TEXT', ''],
  ]

  it('has every type of Athena as JSON has it, nothing where there is null, and text where there is empty text', async () => {
    const columns = types.map(([type], index) => ({ name: `c${index}`, type }))
    const { outcome } = await queryAthena(
      sql('select * from everything'),
      answering({ columns, rows: [types.map(([, text]) => text)] }),
    )
    const { columns: told, rows } = resultOf(outcome)
    expect(told.map(({ type }) => type)).toEqual(types.map(([, , common]) => common))
    expect(told[9]?.nativeType).toBe('decimal(10,2)')
    expect(rows).toEqual([types.map(([, , , value]) => value)])
  })

  it('tells null from empty text in a table', async () => {
    const { outcome } = await queryAthena(sql('select customer from orders'))
    expect(resultOf(outcome).rows).toEqual([['ann'], [''], [null]])
  })

  it.each([
    ['the first row of a SELECT is its header', 'DML', 'SELECT', [['n'], ['2']]],
    ['a row that reads like the header stays', 'DML', 'SELECT', [['n'], ['n']]],
    ['SHOW has no header', 'UTILITY', 'SHOW_TABLES', [['n'], ['2']]],
    ['DESCRIBE has none, though its first row may read like one', 'UTILITY', 'DESCRIBE_TABLE', [['n']]],
    ['a header alone is no row', 'DML', 'SELECT', []],
  ] as const)('%s', async (_, statementType, substatementType, rows) => {
    const columns = [{ name: 'n', type: 'varchar' }]
    for (const pageSize of [1, 1_000]) {
      const text = statementType === 'DML' ? 'select n from t' : 'show tables'
      const { outcome } = await queryAthena(
        sql(text),
        answering({ columns, rows, statementType, substatementType }, { pageSize }),
      )
      expect(resultOf(outcome)).toMatchObject({ rows, truncated: false, columns: [{ name: 'n' }] })
    }
  })

  it('of DESCRIBE is taken apart at its tabs', async () => {
    const columns = ['col_name', 'data_type', 'comment'].map(name => ({ name, type: 'string' }))
    const rows = [['id                  \tint                 \t'], ['day\tdate\tof the order'], ['\t \t ']]
    const outcome = { columns, rows, statementType: 'UTILITY', substatementType: 'DESCRIBE_TABLE' } as const
    expect(resultOf((await queryAthena(sql('describe orders'), answering(outcome))).outcome).rows).toEqual([
      ['id', 'int', ''],
      ['day', 'date', 'of the order'],
      ['', '', ''],
    ])
  })

  it('is read page by page, however many there are', async () => {
    const { outcome, ...seen } = await queryAthena(sql('select n from t'), answering(numbersUpTo(2_500)), {
      limits: wide,
    })
    const { rows, truncated } = resultOf(outcome)
    expect(rows.map(([n]) => n)).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1))
    expect(truncated).toBe(false)
    expect(asked(seen, 'GetQueryResults').length).toBeLessThanOrEqual(4)
    expect(seen.athena.running).toBe(0)
  })

  it('is not read on after as many rows as are wanted, nor asked for more than that', async () => {
    const limits = { maxRows: 10, maxBytes: 1_048_576 }
    const { outcome, ...seen } = await queryAthena(sql('select n from t'), answering(numbersUpTo(2_500)), { limits })
    expect(resultOf(outcome)).toMatchObject({ truncated: true, rows: { length: 10 } })
    expect(asked(seen, 'GetQueryResults')).toHaveLength(1)
  })

  it.each([
    [10, false],
    [9, true],
  ])('says of a limit of %i rows for ten whether there were more', async (maxRows, truncated) => {
    const limits = { maxRows, maxBytes: 1_048_576 }
    const { outcome } = await queryAthena(sql('select n from t'), answering(numbersUpTo(10)), { limits })
    expect(resultOf(outcome)).toMatchObject({ truncated, rows: { length: maxRows } })
  })

  it('ends at as many bytes as are wanted', async () => {
    const limits = { maxRows: 10_000, maxBytes: 2_000 }
    const { outcome, ...seen } = await queryAthena(sql('select n from t'), answering(numbersUpTo(5_000)), { limits })
    const { rows, truncated } = resultOf(outcome)
    expect(truncated).toBe(true)
    expect(rows.length).toBeLessThan(500)
    expect(asked(seen, 'GetQueryResults').length).toBeLessThanOrEqual(2)
  })

  it('is not read faster than its reader takes it', async () => {
    await using double = await startAws(answering(numbersUpTo(6_000)))
    const { runQuery } = await athena.loadQuery()
    const taken: number[] = []
    const first = Promise.withResolvers<void>()
    const room = Promise.withResolvers<void>()
    const take = async (count: number) => {
      taken.push(count)
      first.resolve()
      await room.promise
      return true
    }
    const end = runQuery(
      athena.form.schema.parse(byKey()) as never,
      athena.queryForm.schema.parse(sql('select n from t')) as never,
      { signal: AbortSignal.timeout(30_000), environment: await environmentFor(nearAws(double, {})), limits: wide },
      {
        columns: () => {},
        rows: rows => take(rows.length),
        json: (rows: JsonRows) => take(rows.count),
      },
    )
    await first.promise
    // Nothing tells that nothing is asked for.
    await delay(150)
    const pages = () => double.requests.filter(({ action }) => action === 'GetQueryResults').length
    expect(taken).toHaveLength(1)
    expect(pages()).toBeLessThanOrEqual(2)
    room.resolve()
    expect(await end).toEqual({ kind: 'COMPLETE', truncated: false })
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(6_000)
    expect(pages()).toBe(7)
  })
})

describe('a result that is too large for anybody', () => {
  it('is refused by its columns', async () => {
    const columns = Array.from({ length: 1_601 }, (_, index) => ({ name: `c${index}`, type: 'integer' }))
    const { outcome } = await queryAthena(sql('select * from t'), answering({ columns, rows: [] }))
    expectQueryProblem(outcome, { code: 'RESULT_TOO_LARGE' })
  })

  it('is asked for in smaller pages where one is too large, and given as far as it is wanted', async () => {
    const text = 'x'.repeat(400_000)
    const rows = Array.from({ length: 130 }, () => [text])
    const { outcome, ...seen } = await queryAthena(
      sql('select * from t'),
      answering({ columns: [{ name: 't', type: 'varchar' }], rows }),
      { limits: { maxRows: 1_000, maxBytes: 100_000_000 } },
    )
    expect(resultOf(outcome).rows).toHaveLength(130)
    const sizes = asked(seen, 'GetQueryResults').map(({ parameters }) => Number(parameters['MaxResults']))
    expect(Math.max(...sizes.slice(1))).toBeLessThan(sizes[0] ?? 0)
  })
})

describe('a table of Athena', () => {
  it('is read by its name, and chosen columns of it, whatever characters they have', async () => {
    const table = { database: 'sales', name: 'odd "name"', columns: ['a "b" c'] }
    const { outcome, athena: double } = await queryAthena({ table })
    expect(resultOf(outcome)).toMatchObject({ columns: [{ name: 'a "b" c', type: 'INTEGER' }], rows: [[7]] })
    expect(double.statements[0]).toContain('"odd ""name"""')
    expect(double.statements[0]).toContain('"a ""b"" c"')
  })

  it('is looked for in the database of the connector where none is given', async () => {
    const { outcome } = await queryAthena({ table: { name: 'numbers' } })
    expect(resultOf(outcome).rows).toEqual([['one'], ['two']])
    const elsewhere = await queryAthena({ table: { name: 'numbers' } }, {}, { input: byKey({ database: 'default' }) })
    expectQueryProblem(elsewhere.outcome, { code: 'OBJECT_NOT_FOUND' })
  })

  it('is read from the catalog of the connector', async () => {
    const lambda = 'arn:aws:lambda:eu-west-1:111122223333:function:federation'
    const databases = { shop: { items: { columns: [{ name: 'n', type: 'varchar' }], rows: [['x']] } } }
    const catalogs = { 'my catalog': { type: 'LAMBDA', function: lambda, databases } } as const
    for (const input of [byKey, byRole]) {
      const options = { input: input({ catalog: 'my catalog', database: 'shop' }) }
      const { outcome } = await queryAthena({ table: { name: 'items' } }, { athena: { catalogs } }, options)
      expect(resultOf(outcome).rows).toEqual([['x']])
    }
  })

  it('is read by a role too', async () => {
    const { outcome, requests } = await queryAthena({ table: { name: 'orders' } }, {}, { input: byRole() })
    expect(resultOf(outcome).rows).toHaveLength(3)
    expect(requests[0]?.action).toBe('AssumeRole')
    expect(new Set(requests.slice(1).map(({ signature }) => signature.accessKeyId))).not.toContain(
      'AKIAIOSFODNN7EXAMPLE',
    )
  })
})

describe('what is wrong with an Athena query', () => {
  it.each([
    ['select n from nowhere', 'OBJECT_NOT_FOUND'],
    ['select nothing from numbers', 'OBJECT_NOT_FOUND'],
    ['select n from elsewhere.numbers', 'OBJECT_NOT_FOUND'],
    ['selec 1', 'QUERY_NOT_READ_ONLY'],
    ['insert into numbers values (1)', 'QUERY_NOT_READ_ONLY'],
  ] as const)('is said of %j: %s', async (text, code) => {
    const { outcome, athena: double } = await queryAthena(sql(text))
    expectQueryProblem(outcome, { code })
    expect(double.running).toBe(0)
  })

  it.each([
    ["line 1:8: mismatched input 'from'. Expecting: <expression>", 'QUERY_INVALID'],
    ['Queries of this type are not supported', 'QUERY_INVALID'],
  ] as const)('is said when Athena does not begin it: %s', async (refused, code) => {
    const { outcome } = await queryAthena(sql('select from where'), { athena: { statements: () => ({ refused }) } })
    expectQueryProblem(outcome, { code, fields: ['sql.text'] })
  })

  it.each([
    ["SYNTAX_ERROR: line 3:7: '/' cannot be applied to varchar, integer", 'QUERY_INVALID'],
    ['DIVISION_BY_ZERO: Division by zero', 'QUERY_INVALID'],
    ['HIVE_BAD_DATA: Error parsing field value', 'QUERY_INVALID'],
    ['Insufficient Lake Formation permission(s): Required Select on orders', 'PERMISSION_DENIED'],
    ['Permission denied on S3 path: s3://sales-data/orders', 'PERMISSION_DENIED'],
    [
      'Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 1)',
      'PERMISSION_DENIED',
    ],
    [
      'The ciphertext refers to a customer master key: User is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/1',
      'PERMISSION_DENIED',
    ],
    ['Query exhausted resources at this scale factor', 'STATEMENT_CANCELLED'],
    ['Something that nobody has ever heard of', 'UNCLASSIFIED'],
  ] as const)('is said when it has failed: %s', async (failure, code) => {
    const { outcome } = await queryAthena(sql('select n from numbers'), answering({ failure, errorType: 9_998 }))
    const { detail, message } = expectQueryProblem(outcome, { code })
    expect(detail).toContain(failure.slice(0, 12))
    expect(detail).not.toContain('111122223333')
    expect(message).not.toMatch(/undefined|[{}]/)
  })

  it('is that the workgroup lets no query read so much', async () => {
    const workgroups = { primary: { outputLocation: 's3://athena-results/', bytesScannedCutoff: 10 } }
    const { outcome } = await queryAthena(sql('select n from numbers'), { athena: { workgroups } })
    expectQueryProblem(outcome, { code: 'SCAN_LIMIT_REACHED' })
  })

  it('is that somebody else has stopped it', async () => {
    const { outcome } = await queryAthena(
      sql('select n from numbers'),
      answering({ cancelled: 'Query cancelled by user' }),
    )
    expectQueryProblem(outcome, { code: 'STATEMENT_CANCELLED' })
  })

  it('is what the database of the connector is called', async () => {
    const { outcome } = await queryAthena(sql('select n from numbers'), {}, { input: byKey({ database: 'nowhere' }) })
    expectQueryProblem(outcome, { code: 'DATABASE_NOT_FOUND', fields: ['database'] })
  })

  it('is that a role was refused before', async () => {
    const { outcome, athena: double } = await queryAthena(sql('select 1'), { externalId: 'other' }, { input: byRole() })
    expectQueryProblem(outcome, { code: 'CLOUD_ROLE_REFUSED' })
    expect(double.queries).toEqual([])
  })
})

describe('a query that turns out to be none that reads', () => {
  it.each([
    ['DML', 'INSERT'],
    ['DML', 'UNLOAD'],
    ['DML', 'MERGE'],
    ['DDL', 'CREATE_TABLE_AS_SELECT'],
    ['DDL', 'DROP_TABLE'],
  ] as const)(
    'as Athena takes it (%s, %s) is stopped, and nothing of it is shown',
    async (statementType, substatementType) => {
      const rows = [['1']]
      const columns = [{ name: 'rows', type: 'bigint' }]
      const { outcome, ...seen } = await queryAthena(
        sql('select 1'),
        answering({ statementType, substatementType, columns, rows }, { staysIn: () => 'RUNNING' }),
      )
      expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY' })
      expect(seen.athena.stopped).toHaveLength(1)
      expect(seen.athena.running).toBe(0)
      expect(asked(seen, 'GetQueryResults')).toEqual([])
    },
  )

  it('is not shown either when it was over before anybody looked', async () => {
    const { outcome, ...seen } = await queryAthena(
      sql('select 1'),
      answering({ substatementType: 'INSERT' }, { waits: [] }),
    )
    expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY' })
    expect(asked(seen, 'GetQueryResults')).toEqual([])
  })

  it('is refused too where Athena does not say what it takes it for', async () => {
    const changes = {
      GetQueryExecution: ({ QueryExecution: { StatementType: _, SubstatementType: __, ...rest } }: Polled) => ({
        QueryExecution: rest,
      }),
    }
    const { outcome, ...seen } = await queryAthena(sql('select 1'), { changes })
    expect(outcome.kind).toBe('PROBLEM')
    expect(asked(seen, 'GetQueryResults')).toEqual([])
    expect(seen.athena.running).toBe(0)
  })
})

interface Polled {
  readonly QueryExecution: Readonly<Record<string, unknown>>
}
interface Results {
  readonly ResultSet: {
    readonly Rows: readonly { readonly Data: readonly object[] }[]
    readonly ResultSetMetadata: object
  }
  readonly NextToken?: string
}

describe('an Athena query that does not end', () => {
  const limits = { statementTimeoutSeconds: 1 }

  it('is stopped on the server at the time limit of the form', async () => {
    const { outcome, athena: double } = await queryAthena(
      sql('select n from numbers'),
      { athena: { staysIn: () => 'RUNNING' } },
      { input: byKey({ limits }) },
    )
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT', fields: ['limits.statementTimeoutSeconds'] })
    expect(double.stopped).toHaveLength(1)
    expect(double.running).toBe(0)
  })

  it('is said to have been waiting where it never had its turn', async () => {
    const { outcome, athena: double } = await queryAthena(
      sql('select n from numbers'),
      { athena: { staysIn: () => 'QUEUED' } },
      { input: byKey({ limits }) },
    )
    expectQueryProblem(outcome, { code: 'QUERY_STILL_QUEUED', retryable: true })
    expect(double.stopped).toHaveLength(1)
  })

  it.each(['QUEUED', 'RUNNING'] as const)('is stopped on the server when its reader goes away (%s)', async state => {
    await using double = await startAws({ athena: { staysIn: () => state } })
    const cancel = new AbortController()
    const outcome = queryAt(double, byKey(), sql('select n from numbers'), { signal: cancel.signal })
    outcome.catch(() => {})
    await expect.poll(() => double.athena.queries[0]?.polls ?? 0).toBeGreaterThan(0)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await expect.poll(() => double.athena.stopped).toHaveLength(1)
    // What it is called was known: not every service knows a query by its token.
    expect(double.requests.filter(({ action }) => action === 'StartQueryExecution')).toHaveLength(1)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('is stopped though its reader went away before Athena had said what it is called', async () => {
    // The first answer never comes; whoever asks again with the same token is told of the same query.
    const at: AwsDoubleOptions['at'] = { StartQueryExecution: ({ nth }) => (nth === 1 ? 'DO_AND_HANG' : undefined) }
    await using double = await startAws({ at, athena: { staysIn: () => 'RUNNING' } })
    const cancel = new AbortController()
    const outcome = queryAt(double, byKey(), sql('select n from numbers'), { signal: cancel.signal })
    outcome.catch(() => {})
    await expect.poll(() => double.athena.queries.length).toBe(1)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await expect.poll(() => double.athena.running).toBe(0)
    expect(double.athena.queries).toHaveLength(1)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('is stopped by the keys of the role that has begun it', async () => {
    await using double = await startAws({ athena: { staysIn: () => 'RUNNING' } })
    const cancel = new AbortController()
    const outcome = queryAt(double, byRole(), sql('select n from numbers'), { signal: cancel.signal })
    outcome.catch(() => {})
    await expect.poll(() => double.athena.queries[0]?.polls ?? 0).toBeGreaterThan(0)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await expect.poll(() => double.athena.running).toBe(0)
  })
})

const expired = {
  error: 'ExpiredTokenException',
  message: 'The security token included in the request is expired',
  status: 403,
} as const
const throttled = { error: 'ThrottlingException', message: 'Rate exceeded' } as const

describe('AWS in the middle of a query', () => {
  it('may say that the keys have expired, after which the query is stopped if it lets us', async () => {
    const at: AwsDoubleOptions['at'] = { GetQueryExecution: ({ nth }) => (nth >= 2 ? expired : undefined) }
    const { outcome, athena: double } = await queryAthena(sql('select n from numbers'), { at })
    expectQueryProblem(outcome, { code: 'CLOUD_CREDENTIALS_EXPIRED' })
    expect(double.stopped).toHaveLength(1)
  })

  it('may say so of the session of a role, which is then opened once more', async () => {
    for (const action of ['GetQueryExecution', 'GetQueryResults'] as const) {
      const at: AwsDoubleOptions['at'] = { [action]: ({ nth }: { nth: number }) => (nth === 2 ? expired : undefined) }
      const { outcome, ...seen } = await queryAthena(
        sql('select n from t'),
        { ...answering(numbersUpTo(2_500)), at },
        { limits: wide, input: byRole({ outputLocation: 's3://athena-results/mine/' }) },
      )
      expect(resultOf(outcome).rows).toHaveLength(2_500)
      expect(asked(seen, 'AssumeRole')).toHaveLength(2)
      expect(seen.athena.queries).toHaveLength(1)
    }
  })

  it('may say so for good, and nobody goes on opening sessions', async () => {
    const { outcome, ...seen } = await queryAthena(
      sql('select n from numbers'),
      { at: { GetQueryExecution: expired } },
      { input: byRole({ outputLocation: 's3://athena-results/mine/' }) },
    )
    expectQueryProblem(outcome, { code: 'CLOUD_CREDENTIALS_EXPIRED' })
    expect(asked(seen, 'AssumeRole').length).toBeLessThanOrEqual(3)
    expect(seen.athena.running).toBe(0)
  })

  it('may say so while pages are read', async () => {
    const at: AwsDoubleOptions['at'] = { GetQueryResults: ({ nth }) => (nth >= 2 ? expired : undefined) }
    const options = { ...answering(numbersUpTo(2_500)), at }
    const { outcome } = await queryAthena(sql('select n from t'), options, { limits: wide })
    expectQueryProblem(outcome, { code: 'CLOUD_CREDENTIALS_EXPIRED' })
  })

  it.each(['GetQueryExecution', 'GetQueryResults'] as const)('may ask for patience twice at %s', async action => {
    const at: AwsDoubleOptions['at'] = { [action]: ({ nth }: { nth: number }) => (nth <= 2 ? throttled : undefined) }
    const { outcome } = await queryAthena(sql('select n from numbers'), { at })
    expect(resultOf(outcome).rows).toEqual([['one'], ['two']])
  })

  it('may have no room for another query', async () => {
    const tooMany = {
      error: 'TooManyRequestsException',
      message: 'You have exceeded the limit for the number of queries',
    }
    const { outcome, ...seen } = await queryAthena(sql('select 1'), { at: { StartQueryExecution: tooMany } })
    expectQueryProblem(outcome, { code: 'CLOUD_THROTTLED', retryable: true })
    expect(seen.athena.queries).toEqual([])
  })

  it('may fall silent for good, and the query ends at its time limit', async () => {
    const input = byKey({ limits: { statementTimeoutSeconds: 1 } })
    await using double = await startAws({ at: { GetQueryExecution: 'HANG' } })
    expectQueryProblem(await queryAt(double, input, sql('select n from numbers')), { code: 'CLOUD_TIMED_OUT' })
    await expect.poll(() => double.athena.running).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
  })
})

/** A page for every token, so that one which repeats itself leads back to the first. */
const repeatingAt = {
  GetQueryResults: ({ parameters }) =>
    parameters['NextToken'] === 'again'
      ? {
          status: 200,
          headers: { 'content-type': 'application/x-amz-json-1.1' },
          body: JSON.stringify({
            ResultSet: {
              Rows: [{ Data: [{ VarCharValue: '1' }] }],
              ResultSetMetadata: { ColumnInfo: [{ Name: 'n', Type: 'integer' }] },
            },
            NextToken: 'again',
          }),
        }
      : undefined,
} satisfies NonNullable<AwsDoubleOptions['at']>

describe('pages that no Athena sends', () => {
  const rows = (...values: readonly (readonly string[])[]) =>
    values.map(row => ({ Data: row.map(VarCharValue => ({ VarCharValue })) }))
  const changed = (change: (page: Results, nth: number) => unknown): AwsDoubleOptions => ({
    ...answering(numbersUpTo(3)),
    changes: { GetQueryResults: (page: Results, { nth }) => change(page, nth) },
  })
  const violations: readonly (readonly [string, (page: Results, nth: number) => unknown])[] = [
    [
      'a row with more values than columns',
      ({ ResultSet }) => ({ ResultSet: { ...ResultSet, Rows: rows(['n'], ['1', '2']) } }),
    ],
    ['a row with fewer values', ({ ResultSet }) => ({ ResultSet: { ...ResultSet, Rows: rows(['n'], []) } })],
    ['no columns', ({ ResultSet: { Rows } }) => ({ ResultSet: { Rows } })],
    [
      'columns that are none',
      ({ ResultSet }) => ({ ResultSet: { ...ResultSet, ResultSetMetadata: { ColumnInfo: 'n' } } }),
    ],
    [
      'a column without a name',
      ({ ResultSet }) => ({ ResultSet: { ...ResultSet, ResultSetMetadata: { ColumnInfo: [{ Type: 'integer' }] } } }),
    ],
    [
      'a value that is no text',
      ({ ResultSet }) => ({
        ResultSet: { ...ResultSet, Rows: [{ Data: [{ VarCharValue: 'n' }] }, { Data: [{ VarCharValue: { a: 1 } }] }] },
      }),
    ],
    ['rows that are none', ({ ResultSet }) => ({ ResultSet: { ...ResultSet, Rows: { Data: [] } } })],
    ['nothing at all', () => ({})],
    ['a token that repeats itself', page => ({ ...page, NextToken: 'again' })],
  ]
  it.each(violations)('such as %s are refused', async (_, change) => {
    // The double itself knows no page "again".
    const repeating = { ...changed(change), at: repeatingAt }
    const { outcome } = await queryAthena(sql('select n from t'), repeating, { limits: wide })
    expectQueryProblem(outcome, { code: 'PROTOCOL_VIOLATION' })
  })

  it('without an end, and without a row in them, do not go on for ever', async () => {
    const endless = { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' } }
    const at: AwsDoubleOptions['at'] = {
      GetQueryResults: ({ nth }) => ({
        ...endless,
        body: JSON.stringify({
          ResultSet: { Rows: [], ResultSetMetadata: { ColumnInfo: [{ Name: 'n', Type: 'integer' }] } },
          NextToken: `page-${nth}`,
        }),
      }),
    }
    const input = byKey({ limits: { statementTimeoutSeconds: 2 } })
    const { outcome, ...seen } = await queryAthena(
      sql('select n from t'),
      { ...answering(numbersUpTo(3)), at },
      { input },
    )
    expect(outcome.kind).toBe('PROBLEM')
    expect(asked(seen, 'GetQueryResults').length).toBeLessThan(2_000)
  })

  it.each([
    ['FLOOD', 'PROTOCOL_VIOLATION'],
    ['CUT', 'CONNECTION_RESET'],
    [{ status: 200, body: '<html>proxy</html>' }, 'WRONG_PROTOCOL'],
    [
      { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: '{"ResultSet":' },
      'WRONG_PROTOCOL',
    ],
    [{ status: 302, headers: { location: 'https://example.com/' }, body: '' }, 'WRONG_PROTOCOL'],
  ] as const)('as %j are told from a result', async (how, code) => {
    const { outcome } = await queryAthena(sql('select n from numbers'), { at: { GetQueryResults: how } })
    expectQueryProblem(outcome, { code })
  })

  it('show names and values as they are, whatever is in them', async () => {
    const columns = ['__proto__', 'constructor', 'a', 'a', '', 'x'.repeat(5_000)].map(name => ({
      name,
      type: 'varchar',
    }))
    const { outcome } = await queryAthena(
      sql('select * from t'),
      answering({ columns, rows: [columns.map(() => '<b>\u0000')] }),
    )
    const { columns: told, rows: shown } = resultOf(outcome)
    expect(told.slice(0, 4).map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'a', 'a'])
    expect(shown[0]).toHaveLength(columns.length)
  })
})
