import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { databricks } from '../../../src/connectors/databricks/index.ts'
import type { JsonRows } from '../../../src/connectors/json-rows.ts'
import { typedTable } from '../../servers/databricks-catalog.ts'
import {
  type DatabricksDouble,
  type DatabricksDoubleOptions,
  sampleWarehouse,
} from '../../servers/databricks-double.ts'
import { refusals } from '../../servers/databricks-faults.ts'
import type { DatabricksOutcome } from '../../servers/databricks-statements.ts'
import { environmentFor } from '../../servers/type-run.ts'
import {
  byClient,
  byToken,
  clusterPath,
  expectQueryProblem,
  nearDatabricks,
  queryAt,
  queryDatabricks,
  resultOf,
  sql,
  startWorkspace,
  table,
} from './databricks-run.ts'

/** A workspace at which every statement has this outcome. */
const answering = (outcome: DatabricksOutcome, more: DatabricksDoubleOptions = {}): DatabricksDoubleOptions => ({
  ...more,
  statements: () => outcome,
})

const numbersUpTo = (length: number): DatabricksOutcome => ({
  columns: [{ name: 'n', type: 'int' }],
  rows: Array.from({ length }, (_, index) => [index + 1]),
})

const count = ({ calls }: DatabricksDouble, call: string) => calls.filter(each => each === call).length
const wide = { maxRows: 100_000, maxBytes: 50_000_000 }
const leftOf = ({ running, openSessions, strays }: DatabricksDouble) => ({ running, openSessions, strays })
/** For a machine that has other things to do. */
const patience = { timeout: 10_000, interval: 10 }
const nothing = { running: 0, openSessions: 0, strays: [] }

describe('the result of a Databricks query', () => {
  it('has every type as JSON has it, exact to the last digit, and nothing where there is null', async () => {
    const { outcome } = await queryDatabricks(table('typed'))
    const { columns, rows } = resultOf(outcome)
    const [values = [], nulls = []] = rows
    const told = Object.fromEntries(columns.map(({ name, type }, index) => [name, [type, values[index]]]))
    expect(told).toEqual({
      a_boolean: ['BOOLEAN', true],
      a_tinyint: ['INTEGER', -128],
      a_smallint: ['INTEGER', -32_768],
      an_int: ['INTEGER', -2_147_483_648],
      a_bigint: ['INTEGER', '9223372036854775807'],
      a_float: ['FLOAT', 1.5],
      a_double: ['FLOAT', 0.1],
      a_decimal: ['DECIMAL', '12345678901234567890123456789.123456789'],
      a_whole_decimal: ['DECIMAL', '99999999999999999999999999999999999999'],
      a_string: ['TEXT', 'héllo "world"'],
      a_binary: ['BINARY', 'AAH+/w=='],
      a_date: ['DATE', '2026-01-02'],
      a_timestamp: ['TIMESTAMP', '2026-01-02T03:04:05.123456'],
      a_timestamp_ntz: ['TIMESTAMP', '1969-12-31T23:59:59.999999'],
      an_array: ['LIST', ['9007199254740993', null]],
      a_map: ['JSON', { k: '123456789012345678.90' }],
      a_struct: ['JSON', { id: '9007199254740993', tags: ['x', null] }],
      an_interval: ['OTHER', '1 02:03:04.000000000'],
      a_month_interval: ['OTHER', '1-2'],
      a_variant: ['TEXT', '{"exact":12345678901234567890.123}'],
      a_void: ['OTHER', null],
    })
    expect(nulls).toEqual(typedTable.columns.map(() => null))
    const natives = Object.fromEntries(columns.map(({ name, nativeType }) => [name, nativeType]))
    expect(natives).toMatchObject({
      a_decimal: 'decimal(38,9)',
      a_bigint: 'bigint',
      an_interval: 'interval day to second',
    })
  })

  it.each<[string, number | string, unknown]>([
    ['float', 0.100_000_001_490_116_12, 0.1],
    ['double', Number.NaN, 'NaN'],
    ['double', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['double', 5e-324, 5e-324],
    ['bigint', -9_007_199_254_740_991, -9_007_199_254_740_991],
    ['string', '', ''],
    ['string', '\u0000 \u2028 😀', '\u0000 \u2028 😀'],
    ['timestamp', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00'],
    ['timestamp', '9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999'],
    ['date', '0001-01-01', '0001-01-01'],
    ['decimal(38,38)', '-0.00000000000000000000000000000000000001', '-0.00000000000000000000000000000000000001'],
  ])('tells a %s of %j as it is', async (type, given, expected) => {
    const { outcome } = await queryDatabricks(
      sql('select v'),
      answering({ columns: [{ name: 'v', type }], rows: [[given]] }),
    )
    expect(resultOf(outcome).rows).toEqual([[expected]])
  })

  it('keeps columns of the same name apart, and names that are strange', async () => {
    const columns = ['a', 'a', '__proto__', '', 'x'.repeat(5_000)].map(name => ({ name, type: 'int' }))
    const { outcome } = await queryDatabricks(sql('select 1'), answering({ columns, rows: [[1, 2, 3, 4, 5]] }))
    const result = resultOf(outcome)
    expect(result.rows).toEqual([[1, 2, 3, 4, 5]])
    expect(result.columns.map(({ name }) => name.slice(0, 255))).toEqual(columns.map(({ name }) => name.slice(0, 255)))
  })

  it.each([
    ['a table of the connector', table('orders'), 3],
    ['a table of another schema', table('orders', { schema: 'sales', catalog: 'main' }), 3],
    ['columns of a table', table('orders', { columns: ['customer', 'id'] }), 3],
    ['names that need quotes', table('odd `name`', { columns: ['a `b` c'] }), 1],
    ['a view', table('recent_orders'), 3],
    ['a statement', sql('select * from orders'), 3],
  ])('is that of %s', async (_, query, length) => {
    for (const input of [byToken(), byClient(), byToken({ httpPath: clusterPath })]) {
      const { outcome, double } = await queryDatabricks(query, {}, { input })
      expect(resultOf(outcome).rows).toHaveLength(length)
      expect(leftOf(double)).toEqual(nothing)
    }
  })

  it('is read page by page, however many there are', async () => {
    for (const more of [{}, { waits: ['PENDING_STATE', 'RUNNING_STATE'] as const }]) {
      const workspace = answering(numbersUpTo(2_500), { ...more, rowsAtOnce: 700 })
      const { outcome, double } = await queryDatabricks(sql('select n from t'), workspace, { limits: wide })
      const { rows, truncated } = resultOf(outcome)
      expect(rows.map(([n]) => n)).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1))
      expect(truncated).toBe(false)
      expect(leftOf(double)).toEqual(nothing)
    }
  })

  it('is not asked for beyond what is wanted', async () => {
    const limits = { maxRows: 10, maxBytes: 1_048_576 }
    const { outcome, double } = await queryDatabricks(sql('select n from t'), answering(numbersUpTo(2_500)), { limits })
    expect(resultOf(outcome)).toMatchObject({ truncated: true, rows: { length: 10 } })
    expect(count(double, 'FetchResults')).toBe(0)
    expect(leftOf(double)).toEqual(nothing)
  })

  it.each([
    [10, false],
    [9, true],
  ])('says of a limit of %i rows for ten whether there were more', async (maxRows, truncated) => {
    const limits = { maxRows, maxBytes: 1_048_576 }
    for (const query of [sql('select n from t'), table('t')]) {
      const { outcome } = await queryDatabricks(query, answering(numbersUpTo(10)), { limits })
      expect(resultOf(outcome)).toMatchObject({ truncated, rows: { length: maxRows } })
    }
  })

  it('ends at as many bytes as are wanted', async () => {
    const limits = { maxRows: 100_000, maxBytes: 2_000 }
    const { outcome, double } = await queryDatabricks(sql('select n from t'), answering(numbersUpTo(50_000)), {
      limits,
    })
    const { rows, truncated } = resultOf(outcome)
    expect(truncated).toBe(true)
    expect(rows.length).toBeLessThan(600)
    expect(count(double, 'FetchResults')).toBeLessThanOrEqual(1)
    expect(leftOf(double)).toEqual(nothing)
  })

  it('is not read faster than its reader takes it', async () => {
    await using double = await startWorkspace(answering(numbersUpTo(6_000), { rowsAtOnce: 1_000 }))
    const { runQuery } = await databricks.loadQuery()
    const taken: number[] = []
    const first = Promise.withResolvers<void>()
    const room = Promise.withResolvers<void>()
    const take = async (rows: number) => {
      taken.push(rows)
      first.resolve()
      await room.promise
      return true
    }
    const end = runQuery(
      databricks.form.schema.parse(byToken()) as never,
      databricks.queryForm.schema.parse(sql('select n from t')) as never,
      {
        signal: AbortSignal.timeout(30_000),
        environment: await environmentFor(nearDatabricks(double, {})),
        limits: wide,
      },
      { columns: () => {}, rows: rows => take(rows.length), json: (rows: JsonRows) => take(rows.count) },
    )
    await first.promise
    // Nothing tells that nothing is asked for.
    await delay(150)
    expect(taken).toHaveLength(1)
    expect(count(double, 'FetchResults')).toBeLessThanOrEqual(1)
    room.resolve()
    expect(await end).toMatchObject({ kind: 'COMPLETE' })
    expect(taken.reduce((sum, rows) => sum + rows, 0)).toBe(6_000)
  })

  it('is nothing where a statement has none', async () => {
    const { outcome } = await queryDatabricks(sql('show tables'), answering({ columns: [], rows: [] }))
    expect(resultOf(outcome)).toEqual({ columns: [], rows: [], truncated: false })
  })
})

describe('a Databricks statement that fails', () => {
  it.each([
    [sql('select * from nope'), 'OBJECT_NOT_FOUND', ['sql.text']],
    [table('nope'), 'OBJECT_NOT_FOUND', ['table.name']],
    [sql('select nope from orders'), 'OBJECT_NOT_FOUND', ['sql.text']],
    [table('orders', { columns: ['nope'] }), 'OBJECT_NOT_FOUND', ['table.name']],
    [sql('select from where'), 'QUERY_INVALID', ['sql.text']],
    [sql('select * from secret.hidden.ledger'), 'PERMISSION_DENIED', ['sql.text']],
  ] as const)('is told by what Databricks says of it: %j', async (query, code, fields) => {
    const { outcome, double } = await queryDatabricks(query)
    const { detail } = expectQueryProblem(outcome, { code, fields })
    expect(detail).toMatch(/^\[?[A-Z_]+/)
    expect(leftOf(double)).toEqual(nothing)
  })

  it.each([
    ['DIVIDE_BY_ZERO', '22012', 'QUERY_INVALID'],
    ['CAST_INVALID_INPUT', '22018', 'QUERY_INVALID'],
    ['DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES', '42K09', 'QUERY_INVALID'],
    ['UNSUPPORTED_FEATURE.LATERAL_JOIN_USING', '0A000', 'QUERY_INVALID'],
    ['UNRESOLVED_ROUTINE', '42883', 'OBJECT_NOT_FOUND'],
    ['QUERY_EXECUTION_TIMEOUT_EXCEEDED', '57KD0', 'STATEMENT_TIMED_OUT'],
    ['SOMETHING_QUITE_NEW', 'ZZ999', 'UNCLASSIFIED'],
  ] as const)('has a meaning by its error class or state: %s (%s)', async (errorClass, sqlState, code) => {
    const failure = { errorClass, sqlState, message: 'Something is wrong.' }
    const { outcome } = await queryDatabricks(sql('select 1'), answering(failure))
    expect(expectQueryProblem(outcome, { code }).detail).toContain('Something is wrong.')
  })

  it.each([
    ['CANCELED_STATE', 'STATEMENT_CANCELLED'],
    ['CLOSED_STATE', 'STATEMENT_CANCELLED'],
    ['TIMEDOUT_STATE', 'STATEMENT_TIMED_OUT'],
    ['UKNOWN_STATE', 'UNCLASSIFIED'],
  ] as const)('that ends as %s is told as what it is', async (ended, code) => {
    const { outcome, double } = await queryDatabricks(sql('select 1'), answering({ ended, message: 'So be it.' }))
    expectQueryProblem(outcome, { code })
    expect(leftOf(double)).toEqual(nothing)
  })

  it('keeps the tokens that it was given on its way, whatever the server repeats', async () => {
    const tokens: string[] = []
    await using double = await startWorkspace({
      statements: () => ({ errorClass: 'ECHO', sqlState: 'ZZ999', message: `You are ${tokens.join(' or ')}.` }),
      changes: {
        OpenSession: (answer: never) => {
          tokens.push(...double.tokens)
          return answer
        },
      },
    })
    const outcome = await queryAt(double, sql('select 1'), { input: byClient() })
    expect(expectQueryProblem(outcome, { code: 'UNCLASSIFIED' }).detail).toContain('You are ')
    expect(tokens).toHaveLength(1)
    for (const secret of tokens) expect(JSON.stringify(outcome)).not.toContain(secret)
  })
})

describe('a Databricks statement that takes long', () => {
  const slow = { limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 1 } }

  it.each(['PENDING_STATE', 'RUNNING_STATE'] as const)('is stopped at its time limit (%s)', async state => {
    const { outcome, double } = await queryDatabricks(
      sql('select 1'),
      { staysIn: () => state },
      { input: byToken(slow) },
    )
    const problem = expectQueryProblem(outcome, {
      code: 'STATEMENT_TIMED_OUT',
      fields: ['limits.statementTimeoutSeconds'],
    })
    expect(problem.message).toContain('1 s')
    expect(double.operations).toMatchObject([{ isCancelled: true, isClosed: true }])
    expect(leftOf(double)).toEqual(nothing)
  })

  it('is stopped on the server when nobody wants its rows any more', async () => {
    await using double = await startWorkspace({ staysIn: () => 'RUNNING_STATE' })
    const cancel = new AbortController()
    const reason = new Error('The reader has gone.')
    const run = queryAt(double, sql('select 1'), { signal: cancel.signal })
    run.catch(() => {})
    await expect.poll(() => double.operations[0]?.polls, patience).toBeGreaterThan(1)
    cancel.abort(reason)
    await expect(run).rejects.toBe(reason)
    await expect.poll(() => double.operations[0]?.isCancelled, patience).toBe(true)
    await expect
      .poll(() => ({ ...leftOf(double), open: double.openConnections }), patience)
      .toEqual({ ...nothing, open: 0 })
  })

  it.each([
    ['OpenSession', 'HANG'],
    ['OpenSession', 'DO_AND_HANG'],
    ['ExecuteStatement', 'HANG'],
    ['ExecuteStatement', 'DO_AND_HANG'],
    ['GetOperationStatus', 'HANG'],
    ['GetResultSetMetadata', 'HANG'],
    ['FetchResults', 'HANG'],
    ['FetchResults', 'DRIP'],
    ['FetchResults', 'FLOOD'],
  ] as const)('at %s ends when it is cancelled (%s), and leaves no statement behind', async (call, how) => {
    await using double = await startWorkspace({ at: { [call]: how }, waits: ['RUNNING_STATE'], rowsAtOnce: 1 })
    const cancel = new AbortController()
    const run = queryAt(double, sql('select n from numbers'), { signal: cancel.signal })
    run.catch(() => {})
    await expect.poll(() => double.held, patience).toBeGreaterThan(0)
    cancel.abort(new Error('Enough.'))
    await expect(run).rejects.toThrow('Enough.')
    await expect.poll(() => double.openConnections, patience).toBe(0)
    expect(double.running).toBe(0)
    // A session whose handle was never told nobody can close: Databricks ends it by itself.
    expect(double.openSessions).toBe(call === 'OpenSession' && how === 'DO_AND_HANG' ? 1 : 0)
  })

  it('is asked about again where Databricks is busy for a moment', async () => {
    const at = {
      GetOperationStatus: ({ nth }: { readonly nth: number }) => (nth === 1 ? { status: 503, body: '' } : undefined),
    }
    const { outcome } = await queryDatabricks(sql('select n from numbers'), { at, waits: ['RUNNING_STATE'] })
    expect(resultOf(outcome).rows).toHaveLength(2)
  })

  it('asks Databricks to keep the same limit, a little later', async () => {
    const { double } = await queryDatabricks(sql('select 1'), {}, { input: byToken(slow) })
    expect(Number(double.sessions[0]?.configuration['STATEMENT_TIMEOUT'])).toBeGreaterThan(1)
    expect(Number(double.sessions[0]?.configuration['STATEMENT_TIMEOUT'])).toBeLessThan(60)
  })
})

describe('a query on compute that does not run', () => {
  const stopped = (more: NonNullable<DatabricksDoubleOptions['warehouses']>[string] = {}) => ({
    warehouses: { [sampleWarehouse]: { state: 'STOPPED', start: { runsAfter: 2 }, ...more } as const },
  })

  it.each(['QUEUES', 'REFUSES', 'UNAVAILABLE'] as const)(
    'starts it and waits for it, whatever it does with calls meanwhile (%s)',
    async whileStarting => {
      const { outcome, double } = await queryDatabricks(sql('select n from numbers'), stopped({ whileStarting }))
      expect(resultOf(outcome).rows).toHaveLength(2)
      expect(double.starts).toBe(1)
      // No session is opened that would be forgotten.
      expect(double.sessions).toHaveLength(1)
    },
    30_000,
  )

  it.each(['QUEUES', 'UNAVAILABLE'] as const)(
    'and cannot be looked at is started by its session, and waited for (%s)',
    async whileStarting => {
      const workspace = { ...stopped({ whileStarting }), at: { Warehouse: refusals.denied } }
      const { outcome, double } = await queryDatabricks(sql('select n from numbers'), workspace)
      expect(resultOf(outcome).rows).toHaveLength(2)
      expect(double.starts).toBe(1)
      expect(double.calls).not.toContain('StartWarehouse')
    },
    30_000,
  )

  it('says why it does not start', async () => {
    const fails = { code: 'CLOUD_FAILURE', type: 'CLOUD_FAILURE', message: 'No machine is left.' }
    const { outcome, double } = await queryDatabricks(sql('select 1'), stopped({ start: { runsAfter: 1, fails } }))
    expectQueryProblem(outcome, { code: 'WAREHOUSE_CANNOT_START' })
    expect(JSON.stringify(outcome)).toContain('No machine is left.')
    expect(double.statements).toEqual([])
  })

  it('that may not be started by whoever asks says so', async () => {
    const { outcome } = await queryDatabricks(sql('select 1'), {
      ...stopped(),
      at: { StartWarehouse: { status: 403, error: 'PERMISSION_DENIED', message: 'You may not start it.' } },
    })
    expectQueryProblem(outcome, { code: 'WAREHOUSE_SUSPENDED' })
  })
})

describe('a token that ends in the middle of a query', () => {
  const gone = { status: 401, error: 401, message: 'Access token has expired.' }

  it.each(['ExecuteStatement', 'GetOperationStatus', 'FetchResults'] as const)(
    'is told as what it is, at %s, where there is no other',
    async call => {
      const workspace = { at: { [call]: gone }, waits: ['RUNNING_STATE'], rowsAtOnce: 1 } as const
      const { outcome, double } = await queryDatabricks(sql('select n from numbers'), workspace)
      expectQueryProblem(outcome, { code: 'CLOUD_CREDENTIALS_EXPIRED', fields: ['auth.accessToken.token'] })
      expect(leftOf(double)).toEqual(nothing)
    },
  )

  it.each(['ExecuteStatement', 'GetOperationStatus', 'FetchResults'] as const)(
    'is replaced by another one, once, at %s, where a service principal asks',
    async call => {
      const once = ({ nth }: { readonly nth: number }) => (nth === 1 ? gone : undefined)
      const workspace = { at: { [call]: once }, waits: ['RUNNING_STATE'], rowsAtOnce: 1 } as const
      const { outcome, double } = await queryDatabricks(sql('select n from numbers'), workspace, { input: byClient() })
      expect(resultOf(outcome).rows).toEqual([['one'], ['two']])
      expect(double.tokens).toHaveLength(2)
    },
  )

  it('is not replaced for ever', async () => {
    const { outcome, double } = await queryDatabricks(
      sql('select n from numbers'),
      { at: { FetchResults: gone }, waits: ['RUNNING_STATE'] },
      { input: byClient() },
    )
    expectQueryProblem(outcome, { code: 'CLOUD_CREDENTIALS_EXPIRED' })
    expect(double.tokens.length).toBeLessThanOrEqual(2)
  })
})
