import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { bigquery } from '../../../src/connectors/bigquery/index.ts'
import type { JsonRows } from '../../../src/connectors/json-rows.ts'
import type { BigQueryProjects } from '../../servers/bigquery-data.ts'
import type { BigQueryField } from '../../servers/bigquery-values.ts'
import type { GoogleDouble, GoogleRequest } from '../../servers/google-double.ts'
import { bigQueryRefusal, invalidCredentials } from '../../servers/google-refusals.ts'
import { googleScopes } from '../../servers/google-scopes.ts'
import { environmentFor } from '../../servers/type-run.ts'
import {
  byImpersonation,
  byKey,
  byToken,
  expectQueryProblem,
  nearGoogle,
  project,
  queryAt,
  queryBigquery,
  reader,
  readerGrants,
  resultOf,
  type StartOptions,
  sql,
  startGoogle,
  table,
} from './bigquery-run.ts'

/** A project with one large table, of which no row is kept. */
const large = (
  length: number,
  schema: readonly BigQueryField[] = [{ name: 'n', type: 'INTEGER' }],
): BigQueryProjects => ({
  [project]: {
    datasets: {
      sales: { tables: { large: { schema, bytes: 1_000, rows: { length, at: index => [String(index)] } } } },
    },
  },
})

const wide = { maxRows: 100_000, maxBytes: 104_857_600 }
const rowsAsked = (double: GoogleDouble) =>
  double.requests.filter(({ method }) => method === 'jobs.getQueryResults' || method === 'tabledata.list').length

/** Every type of BigQuery, as the first row of `everything` has it. */
const everything: readonly (readonly [common: string, native: RegExp, value: unknown])[] = [
  ['INTEGER', /^INT/, '9007199254740993'],
  ['FLOAT', /^FLOAT/, 0.1],
  ['BOOLEAN', /^BOOL/, true],
  ['TEXT', /^STRING/, 'Zoë "x"'],
  ['BINARY', /^BYTES/, 'AP/+'],
  ['DECIMAL', /^NUMERIC/, '1.10'],
  ['DECIMAL', /^BIGNUMERIC/, '-5789604461865809771178549250434395.25'],
  ['DATE', /^DATE$/, '2026-11-22'],
  ['TIMESTAMP', /^DATETIME/, '2026-11-22T10:11:12.123456'],
  ['TIME', /^TIME$/, '10:11:12.000001'],
  ['TIMESTAMP', /^TIMESTAMP/, '2026-05-28T20:26:40.123456Z'],
  ['OTHER', /^GEOGRAPHY/, 'POINT(2.35 48.85)'],
  ['JSON', /^JSON/, { a: '9007199254740993', b: [1.5, null] }],
  ['OTHER', /^INTERVAL/, '1-2 3 4:5:6.789'],
  ['OTHER', /^RANGE/, '[2026-01-01, UNBOUNDED)'],
  ['OTHER', /^RANGE/, '[2026-05-28T20:26:40Z, 2026-05-28T20:26:40.000001Z)'],
  ['LIST', /^ARRAY/, [1, '9007199254740993']],
  [
    'JSON',
    /^(STRUCT|RECORD)/,
    {
      street: 'Rue de Rivoli',
      at: '1970-01-01T00:00:00.000001Z',
      tags: [
        { k: 'a', v: 1 },
        { k: 'b', v: null },
      ],
    },
  ],
]

describe('the result of a query of BigQuery', () => {
  it.each([
    ['a statement', sql('select * from sales.everything')],
    ['a table', table('everything')],
  ])('has every type as JSON has it, nested and repeated, by %s', async (_, query) => {
    const { outcome } = await queryBigquery(query)
    const { columns, rows } = resultOf(outcome)
    expect(rows[0]).toEqual(everything.map(([, , value]) => value))
    expect(columns.map(({ type }) => type)).toEqual(everything.map(([common]) => common))
    for (const [index, [, native]] of everything.entries()) expect(columns[index]?.nativeType).toMatch(native)
    expect(rows[1]).toEqual(['-9223372036854775808', 'NaN', false, '', '', ...Array(11).fill(null), [], null])
  })

  it.each([
    ['a key', byKey()],
    ['impersonation', byImpersonation()],
    ['a token', byToken()],
  ])('is got by %s', async (_, input) => {
    const { outcome, double } = await queryBigquery(sql('select n, name from sales.numbers'), {}, { input })
    expect(resultOf(outcome)).toMatchObject({
      columns: [
        { name: 'n', type: 'INTEGER' },
        { name: 'name', type: 'TEXT' },
      ],
      rows: [
        [1, 'one'],
        ['9223372036854775807', 'two'],
      ],
      truncated: false,
    })
    for (const { caller, service } of double.requests) if (service === 'bigquery') expect(caller).toBe(reader.email)
  })

  it('is read page by page, however many there are', async () => {
    const google = { bigquery: { projects: large(2_500), pageSize: 1_000 } }
    for (const query of [sql('select n from sales.large'), table('large')]) {
      const { outcome } = await queryBigquery(query, google, { limits: wide })
      const { rows, truncated } = resultOf(outcome)
      expect(rows.map(([n]) => n)).toEqual(Array.from({ length: 2_500 }, (_, index) => index))
      expect(truncated).toBe(false)
    }
  })

  it.each([sql('select n from sales.large'), table('large')])(
    'is not read on after as many rows as are wanted, nor asked for more than that: %j',
    async query => {
      const limits = { maxRows: 10, maxBytes: 1_048_576 }
      const google = { bigquery: { projects: large(1_000_000) } }
      const { outcome, double } = await queryBigquery(query, google, { limits })
      expect(resultOf(outcome)).toMatchObject({ truncated: true, rows: { length: 10 } })
      expect(rowsAsked(double)).toBeLessThanOrEqual(1)
    },
  )

  it.each([
    [10, false],
    [9, true],
  ])('says of a limit of %i rows for ten whether there were more', async (maxRows, truncated) => {
    const limits = { maxRows, maxBytes: 1_048_576 }
    for (const query of [sql('select n from sales.large'), table('large')]) {
      const { outcome } = await queryBigquery(query, { bigquery: { projects: large(10) } }, { limits })
      expect(resultOf(outcome)).toMatchObject({ truncated, rows: { length: maxRows } })
    }
  })

  it('ends at as many bytes as are wanted', async () => {
    const limits = { maxRows: 100_000, maxBytes: 2_000 }
    const google = { bigquery: { projects: large(100_000) } }
    const { outcome, double } = await queryBigquery(sql('select n from sales.large'), google, { limits })
    const { rows, truncated } = resultOf(outcome)
    expect(truncated).toBe(true)
    expect(rows.length).toBeLessThan(1_000)
    expect(rowsAsked(double)).toBeLessThanOrEqual(2)
  })

  it.each([sql('select n from sales.large'), table('large')])(
    'is not read faster than its reader takes it: %j',
    async query => {
      await using double = await startGoogle({ bigquery: { projects: large(6_000), pageSize: 1_000 } })
      const { runQuery } = await bigquery.loadQuery()
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
        bigquery.form.schema.parse(byKey()) as never,
        bigquery.queryForm.schema.parse(query) as never,
        {
          signal: AbortSignal.timeout(30_000),
          environment: await environmentFor(nearGoogle(double, {})),
          limits: wide,
        },
        { columns: () => {}, rows: rows => take(rows.length), json: (rows: JsonRows) => take(rows.count) },
      )
      await first.promise
      // Nothing tells that nothing is asked for.
      await delay(150)
      expect(taken).toHaveLength(1)
      expect(rowsAsked(double)).toBeLessThanOrEqual(2)
      room.resolve()
      expect(await end).toEqual({ kind: 'COMPLETE', truncated: false })
      expect(taken.reduce((sum, count) => sum + count, 0)).toBe(6_000)
    },
  )

  it('is asked for where the job is, which need not be one of the large places', async () => {
    const projects: BigQueryProjects = {
      [project]: {
        datasets: {
          sales: {
            location: 'europe-west1',
            tables: { t: { schema: [{ name: 'n', type: 'INTEGER' }], rows: [['1'], ['2']] } },
          },
        },
      },
    }
    for (const location of [undefined, 'europe-west1']) {
      const google: StartOptions = { bigquery: { projects, pageSize: 1, waits: ['PENDING', 'RUNNING'] } }
      const { outcome } = await queryBigquery(sql('select n from sales.t'), google, { input: byKey({ location }) })
      expect(resultOf(outcome).rows).toEqual([[1], [2]])
    }
  })

  it('has the columns that the dataset names, in its order, and no more are asked for', async () => {
    const { outcome, double } = await queryBigquery(table('numbers', { columns: ['name'] }))
    expect(resultOf(outcome)).toMatchObject({ columns: [{ name: 'name' }], rows: [['one'], ['two']] })
    const [listed] = double.asked('tabledata.list')
    expect(new URL(listed?.url ?? '', 'http://x').searchParams.get('selectedFields')).toBe('name')
    const swapped = await queryBigquery(table('numbers', { columns: ['name', 'n'] }))
    expect(resultOf(swapped.outcome)).toMatchObject({
      columns: [{ name: 'name' }, { name: 'n' }],
      rows: [
        ['one', 1],
        ['two', '9223372036854775807'],
      ],
    })
  })

  it('may have rows and no columns in common with anything: an empty table', async () => {
    for (const query of [sql('select n from sales.large'), table('large')]) {
      const { outcome } = await queryBigquery(query, { bigquery: { projects: large(0) } })
      expect(resultOf(outcome)).toMatchObject({ rows: [], truncated: false, columns: [{ name: 'n' }] })
    }
  })
})

describe('what a query of BigQuery costs', () => {
  it.each([
    ['of the default dataset', table('numbers')],
    ['of another one', table('old', { dataset: 'archive' })],
  ])('is nothing for a table %s: no job is run', async (_, query) => {
    const { outcome, double } = await queryBigquery(query)
    expect(resultOf(outcome).rows.length).toBeGreaterThan(0)
    expect(double.bigquery.jobs).toEqual([])
    expect(double.bigquery.bytesBilled).toBe(0)
    expect(double.asked('tabledata.list')).toHaveLength(1)
  })

  it('is that of a statement for a view, which is looked at first as every statement is', async () => {
    const { outcome, double } = await queryBigquery(table('recent'))
    expect(resultOf(outcome).rows).toEqual([[1], ['9223372036854775807']])
    expect(double.bigquery.jobs).toHaveLength(1)
    expect(double.bigquery.dryRuns).toEqual(double.bigquery.statements)
    expect(double.bigquery.jobs[0]?.maximumBytesBilled).toBe(1_073_741_824)
  })

  it('is capped by BigQuery too, with a time after which it ends the job by itself', async () => {
    const input = byKey({ maximumBytesBilled: 20_971_520, limits: { statementTimeoutSeconds: 7 } })
    const { outcome, double } = await queryBigquery(sql('select n from sales.numbers'), {}, { input })
    expect(resultOf(outcome).rows).toHaveLength(2)
    const [job] = double.bigquery.jobs
    expect(job?.maximumBytesBilled).toBe(20_971_520)
    expect(job?.timeoutMs).toBeGreaterThan(0)
    expect(job?.timeoutMs).toBeLessThanOrEqual(17_000)
  })

  it('is looked at before: what would read more than the connector allows is never begun', async () => {
    const projects: BigQueryProjects = {
      [project]: {
        datasets: {
          sales: { tables: { huge: { schema: [{ name: 'n', type: 'INTEGER' }], rows: [['1']], bytes: 2 ** 40 } } },
        },
      },
    }
    const { outcome, double } = await queryBigquery(sql('select n from sales.huge'), { bigquery: { projects } })
    const { fields, params } = expectQueryProblem(outcome, { code: 'SCAN_LIMIT_REACHED' })
    expect(fields).toContain('maximumBytesBilled')
    expect(JSON.stringify(params)).toMatch(/1 ?GiB|1073741824/)
    expect(double.bigquery.jobs).toEqual([])
    expect(double.bigquery.bytesBilled).toBe(0)
  })

  it('is ended by BigQuery where the dry run was mistaken', async () => {
    const fails = () => ({
      reason: 'bytesBilledLimitExceeded',
      message: 'Query exceeded limit for bytes billed: 1073741824. 2147483648 or higher required.',
    })
    const { outcome, double } = await queryBigquery(sql('select n from sales.numbers'), { bigquery: { fails } })
    expectQueryProblem(outcome, { code: 'SCAN_LIMIT_REACHED' })
    expect(double.bigquery.bytesBilled).toBe(0)
  })
})

const isDryRun = (json: GoogleRequest['json']): boolean =>
  (json['configuration'] as { readonly dryRun?: boolean } | undefined)?.dryRun === true

describe('a query of BigQuery that is stopped', () => {
  const endless: StartOptions = { bigquery: { staysIn: () => 'RUNNING' } }

  it('ends here and there when its reader has gone', async () => {
    await using double = await startGoogle(endless)
    const cancel = new AbortController()
    const outcome = queryAt(double, byKey(), sql('select n from sales.numbers'), { signal: cancel.signal })
    outcome.catch(() => {})
    await expect.poll(() => double.bigquery.running, { interval: 5 }).toBe(1)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await expect.poll(() => double.bigquery.running).toBe(0)
    expect(double.bigquery.cancelled).toEqual(['select n from sales.numbers'])
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it.each([
    ['a key', byKey],
    ['impersonation', byImpersonation],
    ['a token', byToken],
  ])('ends there too at its own time, by %s', async (_, inputOf) => {
    const input = inputOf({ limits: { statementTimeoutSeconds: 1 } })
    const { outcome, double } = await queryBigquery(sql('select n from sales.numbers'), endless, { input })
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT' })
    expect(double.bigquery.running).toBe(0)
  })

  it('is told that it did not get its turn, where that is so', async () => {
    const input = byKey({ limits: { statementTimeoutSeconds: 1 } })
    const google: StartOptions = { bigquery: { staysIn: () => 'PENDING' } }
    const { outcome, double } = await queryBigquery(sql('select n from sales.numbers'), google, { input })
    expectQueryProblem(outcome, { code: 'QUERY_STILL_QUEUED' })
    expect(double.bigquery.running).toBe(0)
  })

  it('by somebody else is told as that', async () => {
    const fails = () => ({ reason: 'stopped', message: 'Job execution was cancelled: User requested cancellation' })
    const { outcome } = await queryBigquery(sql('select n from sales.numbers'), { bigquery: { fails } })
    expectQueryProblem(outcome, { code: 'STATEMENT_CANCELLED' })
  })

  it.each([false, true])(
    'though BigQuery has never said that it began (and begins it anew when it is asked again: %s)',
    async forgetsRequests => {
      const lost = ({ json, nth }: GoogleRequest) => (isDryRun(json) || nth > 1 ? undefined : ('DO_AND_HANG' as const))
      await using double = await startGoogle({
        bigquery: { ...endless.bigquery, forgetsRequests },
        at: { 'jobs.query': lost },
      })
      const cancel = new AbortController()
      const outcome = queryAt(double, byKey(), sql('select n from sales.numbers'), { signal: cancel.signal })
      outcome.catch(() => {})
      await expect.poll(() => double.bigquery.running, { interval: 5 }).toBe(1)
      cancel.abort(new Error('The reader has left.'))
      await expect(outcome).rejects.toThrow('The reader has left.')
      await expect.poll(() => double.openConnections).toBe(0)
      // What nobody can name cannot be stopped: BigQuery does so itself, at the time that it was given.
      const { jobs, running } = double.bigquery
      expect(running).toBe(forgetsRequests ? 1 : 0)
      for (const { isCancelled, timeoutMs } of jobs) expect(isCancelled || (timeoutMs ?? 0) > 0).toBe(true)
      expect(jobs.length).toBeLessThanOrEqual(2)
    },
  )

  it.each([
    ['jobs.insert', sql('select n from sales.numbers')],
    ['jobs.query', sql('select n from sales.numbers')],
    ['tables.get', table('numbers')],
    ['tabledata.list', table('numbers')],
  ] as const)('ends at once for a reader who goes while %s is told drop by drop', async (method, query) => {
    await using double = await startGoogle({ at: { [method]: 'DRIP' } })
    const cancel = new AbortController()
    const outcome = queryAt(double, byKey(), query, { signal: cancel.signal })
    outcome.catch(() => {})
    await expect.poll(() => double.held, { interval: 5 }).toBeGreaterThan(0)
    cancel.abort(new Error('The reader has left.'))
    await expect(outcome).rejects.toThrow('The reader has left.')
    await expect.poll(() => double.openConnections).toBe(0)
    expect(double.bigquery.running).toBe(0)
  })
})

describe('a query that BigQuery does not answer', () => {
  const said = (reason: string, message: string): StartOptions => ({ bigquery: { fails: () => ({ reason, message }) } })
  const cases: readonly (readonly [string, unknown, StartOptions, Parameters<typeof expectQueryProblem>[1]])[] = [
    [
      'a slip of the pen',
      sql('select n frm sales.numbers x y'),
      {
        bigquery: {
          statements: () => bigQueryRefusal('invalidQuery', 'Syntax error: Unexpected identifier "sales" at [1:14]'),
        },
      },
      { code: 'QUERY_INVALID', fields: ['sql.text'] },
    ],
    [
      'a table that is not there',
      sql('select n from sales.nope'),
      {},
      { code: 'OBJECT_NOT_FOUND', fields: ['sql.text'] },
    ],
    ['a table that is not there, by its name', table('nope'), {}, { code: 'OBJECT_NOT_FOUND', fields: ['table.name'] }],
    [
      'a column that is not there',
      sql('select x from sales.numbers'),
      {},
      { code: 'OBJECT_NOT_FOUND', fields: ['sql.text'] },
    ],
    [
      'a table of another project',
      sql('select at from `acme-lake.events.clicks`'),
      {},
      { code: 'PERMISSION_DENIED', fields: ['sql.text'] },
    ],
    [
      'a result beyond all bounds',
      sql('select 1'),
      said('responseTooLarge', 'Response too large to return. Consider specifying a destination table'),
      { code: 'RESULT_TOO_LARGE' },
    ],
    [
      'a job that breaks down',
      sql('select 1'),
      said('jobBackendError', 'The job encountered an error during execution. Retrying the job may solve the problem.'),
      { code: 'CLOUD_UNAVAILABLE' },
    ],
    [
      'a quota that is used up',
      sql('select 1'),
      said('quotaExceeded', 'Custom quota exceeded: Your usage exceeded the custom quota for QueryUsagePerDay'),
      { code: 'CLOUD_QUOTA_EXCEEDED' },
    ],
    [
      'too many queries at once',
      sql('select 1'),
      said('jobRateLimitExceeded', 'Exceeded rate limits: too many concurrent queries'),
      { code: 'CLOUD_THROTTLED' },
    ],
    [
      'a job that BigQuery gave up',
      sql('select 1'),
      said('timeout', 'Operation timed out after 6.0 hours.'),
      { code: 'STATEMENT_TIMED_OUT' },
    ],
    [
      'a token that is revoked meanwhile',
      sql('select n from sales.large'),
      {
        bigquery: { projects: large(5_000), pageSize: 1_000 },
        at: {
          'jobs.getQueryResults': ({ nth }) =>
            nth === 3 ? invalidCredentials('bigquery.googleapis.com', true) : undefined,
        },
      },
      { code: 'CLOUD_CREDENTIALS_EXPIRED' },
    ],
  ]
  it.each(cases)('says so of %s', async (_, query, google, expected) => {
    const { outcome, double } = await queryBigquery(query, google, { limits: wide, input: byToken() })
    const { message } = expectQueryProblem(outcome, expected)
    expect(message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    expect(double.bigquery.running).toBe(0)
  })

  it('says that it is another place that the data is in, and which', async () => {
    const { outcome } = await queryBigquery(
      sql('select n from sales.numbers'),
      {},
      { input: byKey({ location: 'US', defaultDataset: undefined }) },
    )
    const { fields } = expectQueryProblem(outcome, { code: 'CLOUD_REGION_MISMATCH' })
    expect(fields).toContain('location')
  })

  it('asks nobody twice for a token that may only read where the form has one', async () => {
    const google: StartOptions = { tokenScopes: [googleScopes.bigqueryReadonly] }
    const { outcome, double } = await queryBigquery(table('numbers'), google, { input: byToken() })
    expect(resultOf(outcome).rows).toHaveLength(2)
    expect(double.bigquery.jobs).toEqual([])
  })

  it('needs no right to run queries for a table', async () => {
    const grants = readerGrants.filter(({ role }) => role === 'roles/bigquery.dataViewer')
    const { outcome } = await queryBigquery(table('numbers'), { grants })
    expect(resultOf(outcome).rows).toHaveLength(2)
  })

  it.each([
    ['jobs.query', sql('select n from sales.numbers'), 'FLOOD', 'PROTOCOL_VIOLATION'],
    ['tabledata.list', table('numbers'), 'FLOOD', 'PROTOCOL_VIOLATION'],
    ['tables.get', table('numbers'), 'CUT', 'CONNECTION_RESET'],
    ['jobs.query', sql('select n from sales.numbers'), 'CUT', 'CONNECTION_RESET'],
  ] as const)('says of %s what became of it: %j, %s', async (method, query, how, code) => {
    const { outcome, double } = await queryBigquery(query, { at: { [method]: how } })
    expectQueryProblem(outcome, { code })
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('needs to be told in which dataset a table is, and asks nobody before', async () => {
    const { outcome, double } = await queryBigquery(
      table('numbers'),
      {},
      { input: byKey({ defaultDataset: undefined }) },
    )
    expectQueryProblem(outcome, { code: 'QUERY_MALFORMED', fields: ['table.dataset'] })
    expect(double.connections).toBe(0)
  })

  it('finds a table in the project of the data', async () => {
    const lake = { member: reader.email, role: 'roles/bigquery.dataViewer', on: 'projects/acme-lake' } as const
    const google: StartOptions = { grants: [...readerGrants, lake] }
    const input = byKey({ dataProjectId: 'acme-lake', defaultDataset: 'events' })
    const { outcome, double } = await queryBigquery(table('clicks'), google, { input })
    expect(resultOf(outcome).rows).toEqual([['1970-01-01T00:00:00Z']])
    const unqualified = await queryBigquery(sql('select at from clicks'), google, { input })
    expect(resultOf(unqualified.outcome).rows).toEqual([['1970-01-01T00:00:00Z']])
    expect(unqualified.double.bigquery.jobs.map(({ projectId }) => projectId)).toEqual([project])
    expect(double.bigquery.jobs).toEqual([])
  })
})
