import { describe, expect, it } from 'vitest'
import { accountWith, type SnowflakeTable, sampleAccount } from '../../servers/snowflake-account.ts'
import type { SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { type SnowflakeOutcome, statementTypes, textColumn } from '../../servers/snowflake-outcome.ts'
import { SnowflakeRefusalError } from '../../servers/snowflake-refusal.ts'
import {
  account,
  byPassword,
  expectQueryProblem,
  queryAt,
  resultOf,
  type SnowflakeScene,
  sql,
  startSnowflake,
  table,
} from './snowflake-run.ts'

const wide = { maxRows: 10_000, maxBytes: 64 * 1_048_576 }

/** Nothing goes on, and nobody is signed in any more. */
async function expectQuiet({ double, storage }: SnowflakeScene): Promise<void> {
  await expect
    .poll(() => ({ running: double.running, sessions: double.openSessions }))
    .toEqual({ running: 0, sessions: 0 })
  await expect.poll(() => double.openConnections + storage.openConnections).toBe(0)
}

/** One statement's answer, whatever it is. */
const answering = (outcome: SnowflakeOutcome | SnowflakeRefusalError): SnowflakeDoubleOptions => ({
  statements: text => (text.includes('asked_for') ? outcome : undefined),
})
const asked = sql('select * from asked_for')

const withTable = (made: SnowflakeTable) =>
  accountWith({
    ...account,
    databases: { SALES: { PUBLIC: { ...sampleAccount.databases['SALES']?.['PUBLIC'], ORDERS: made } } },
  })

describe('a query of Snowflake', () => {
  it('gives every value exactly, by type', async () => {
    await using scene = await startSnowflake()
    const { columns, rows } = resultOf(await queryAt(scene, sql('select * from every_type')))
    expect(columns).toEqual([
      { name: 'BIG', nativeType: 'NUMBER(38,0)', type: 'INTEGER' },
      { name: 'PRICE', nativeType: 'NUMBER(38,10)', type: 'DECIMAL' },
      { name: 'RATIO', nativeType: 'FLOAT', type: 'FLOAT' },
      { name: 'WORDS', nativeType: 'VARCHAR', type: 'TEXT' },
      { name: 'YES', nativeType: 'BOOLEAN', type: 'BOOLEAN' },
      { name: 'DAY', nativeType: 'DATE', type: 'DATE' },
      { name: 'HOUR', nativeType: 'TIME', type: 'TIME' },
      { name: 'LOCAL', nativeType: 'TIMESTAMP_NTZ', type: 'TIMESTAMP' },
      { name: 'INSTANT', nativeType: 'TIMESTAMP_LTZ', type: 'TIMESTAMP' },
      { name: 'ZONED', nativeType: 'TIMESTAMP_TZ', type: 'TIMESTAMP' },
      { name: 'BYTES', nativeType: 'BINARY', type: 'BINARY' },
      { name: 'ANYTHING', nativeType: 'VARIANT', type: 'JSON' },
      { name: 'THING', nativeType: 'OBJECT', type: 'JSON' },
      { name: 'LIST', nativeType: 'ARRAY', type: 'LIST' },
      { name: 'PLACE', nativeType: 'GEOGRAPHY', type: 'JSON' },
      { name: 'EMBEDDING', nativeType: 'VECTOR', type: 'LIST' },
    ])
    expect(rows).toEqual([
      [
        '12345678901234567890123456789012345678',
        '1234567890123456789012345678.0123456789',
        0.1,
        'a "quoted" line\nand ünïcode',
        true,
        '2026-01-01',
        '12:34:56.123456789',
        '2026-01-01T12:34:56.123456789',
        '2026-01-01T12:34:56.123456789Z',
        '2026-01-01T14:34:56.123456789+02:00',
        Buffer.from('00FF10', 'hex').toString('base64'),
        { big: '12345678901234567890', list: [1, null] },
        { a: 1 },
        [1, 'two'],
        { coordinates: [1, 2], type: 'Point' },
        [1, 2.5, -3],
      ],
      [
        '-9007199254740993',
        '-0.0000000001',
        1e308,
        '',
        false,
        '0001-01-01',
        '00:00:00',
        '0001-01-01T00:00:00',
        '1969-12-31T23:59:58.5Z',
        '1970-01-01T00:00:00Z',
        '',
        'text',
        {},
        [],
        { coordinates: [], type: 'LineString' },
        [0, 0, 0],
      ],
      Array.from({ length: 16 }, () => null),
    ])
    await expectQuiet(scene)
  })

  it('gives the same, however the server says that the session writes values', async () => {
    const strange = [
      { name: 'DATE_OUTPUT_FORMAT', value: 'DD/MM/YY' },
      { name: 'TIMEZONE', value: 'Asia/Tokyo' },
      { name: 'TIMESTAMP_OUTPUT_FORMAT', value: 'HH24' },
      { name: 'BINARY_OUTPUT_FORMAT', value: 'BASE64' },
      { name: 'JS_TREAT_INTEGER_AS_BIGINT', value: true },
      { name: 'CLIENT_SESSION_KEEP_ALIVE', value: true },
      { name: 'CLIENT_TELEMETRY_ENABLED', value: true },
      { name: 'SERVICE_NAME', value: 'elsewhere' },
      { name: '__proto__', value: { polluted: true } },
    ]
    const change = (answer: { readonly data: object }) => ({ ...answer, data: { ...answer.data, parameters: strange } })
    await using plain = await startSnowflake()
    await using odd = await startSnowflake({ changes: { signIn: change, query: change } })
    const [expected, seen] = await Promise.all([
      queryAt(plain, sql('select * from every_type')),
      queryAt(odd, sql('select * from every_type')),
    ])
    expect(resultOf(seen)).toEqual(resultOf(expected))
    expect(odd.double.requests.filter(({ headers }) => 'x-snowflake-service' in headers)).toEqual([])
    expect(odd.double.count('heartbeat') + odd.double.count('telemetry')).toBe(0)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('keeps columns apart that have the same name', async () => {
    await using scene = await startSnowflake()
    const { columns, rows } = resultOf(await queryAt(scene, table('lower case')))
    expect(columns.map(({ name }) => name)).toEqual(['mixed Case', 'N', 'N'])
    expect(rows).toEqual([['a', 'b', 'c']])
  })

  it.each([
    [table('ORDERS'), ['ID', 'CUSTOMER', 'TOTAL']],
    [table('ORDERS', { columns: ['TOTAL', 'ID'] }), ['TOTAL', 'ID']],
    [table('NUMBERS', { database: 'SALES', schema: 'PUBLIC' }), ['N']],
    [table('RECENT_ORDERS', { schema: 'PUBLIC' }), ['ID', 'CUSTOMER', 'TOTAL']],
    [table('lower case', { columns: ['mixed Case'] }), ['mixed Case']],
  ])('reads %j', async (query, names) => {
    await using scene = await startSnowflake()
    const { columns, rows } = resultOf(await queryAt(scene, query))
    expect(columns.map(({ name }) => name)).toEqual(names)
    expect(rows.length).toBeGreaterThan(0)
  })

  it.each([
    ['a quote', '"; drop table orders; --'],
    ['a statement', 'ORDERS; drop table orders'],
    ['a path', 'PUBLIC"."ORDERS'],
    ['a comment', 'ORDERS/*'],
    ['a backslash', 'ORDERS\\'],
  ])('takes the name of a table for a name: %s', async (_, name) => {
    await using scene = await startSnowflake()
    expectQueryProblem(await queryAt(scene, table(name)), { code: 'OBJECT_NOT_FOUND', fields: ['table.name'] })
    expect(scene.double.changes).toEqual([])
  })

  it('is of the role of the form alone', async () => {
    await using scene = await startSnowflake({
      account: accountWith({
        ...account,
        users: { PATCHBAY: { ...account.users['PATCHBAY'], roles: ['READER', 'ADMIN'], secondaryRoles: 'ALL' } },
        roles: { ...account.roles, ADMIN: ['USAGE ON ROLE READER', 'SELECT ON TABLE SALES.PUBLIC.SALARIES'] },
      }),
    })
    expectQueryProblem(await queryAt(scene, sql('select * from salaries')), { code: 'OBJECT_NOT_FOUND' })
    const admin = await queryAt(scene, sql('select * from salaries'), { input: byPassword({ role: 'ADMIN' }) })
    expect(resultOf(admin).rows).toEqual([[1]])
  })

  it.each<[string, SnowflakeDoubleOptions, object, string, readonly string[]]>([
    ['a table that is not there', {}, sql('select * from nope'), 'OBJECT_NOT_FOUND', ['sql.text']],
    ['a table of a form that is not there', {}, table('NOPE'), 'OBJECT_NOT_FOUND', ['table.name']],
    ['a column that is not there', {}, sql('select nope from orders'), 'OBJECT_NOT_FOUND', ['sql.text']],
    ['a mistake of syntax', {}, sql('select * from orders limit'), 'QUERY_INVALID', ['sql.text']],
    [
      'a table without the right to read it',
      {
        account: accountWith({
          ...account,
          roles: {
            READER: [
              ...(account.roles['READER'] ?? []).filter(grant => !grant.includes('ORDERS')),
              'INSERT ON TABLE SALES.PUBLIC.ORDERS',
            ],
          },
        }),
      },
      sql('select * from orders'),
      'PERMISSION_DENIED',
      ['role'],
    ],
    [
      'a value that cannot be computed',
      answering(new SnowflakeRefusalError('100051', 'Division by zero', '22012')),
      asked,
      'QUERY_INVALID',
      ['sql.text'],
    ],
  ])('says of %s what it is', async (_, options, query, code, fields) => {
    await using scene = await startSnowflake(options)
    const found = expectQueryProblem(await queryAt(scene, query), {
      code: code as 'QUERY_INVALID',
      fields: [...fields],
    })
    expect(found.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    await expectQuiet(scene)
  })

  it.each([
    ['in the answer', { inlineRows: 1_000 }, '12345678901234567'],
    ['in a part', { inlineRows: 0, chunkRows: 1_000 }, '1e400'],
  ])('gives no number that it may have rounded: %s', async (_, options, number) => {
    // As no Snowflake sends it: numbers are texts there.
    await using scene = await startSnowflake(
      {
        account: withTable({ columns: [{ name: 'N', type: 'fixed' }], rows: [['7']] }),
        ...options,
        changes: {
          query: (answer: { readonly data: { readonly rowset?: unknown[] } }, { sql: text }) =>
            text.includes('orders') && answer.data.rowset?.length
              ? { ...answer, data: { ...answer.data, rowset: [[Number(number)]] } }
              : answer,
        },
      },
      { changes: body => body.replace('"7"', number) },
    )
    expectQueryProblem(await queryAt(scene, sql('select * from orders')), { code: 'PROTOCOL_VIOLATION' })
  })

  it('gives no value that is no JSON as anything but text, and runs none', async () => {
    const column = { name: 'V', type: 'variant' } as const
    const texts = ['(globalThis.pwned=1)', '{"a":undefined}', 'NaN', '<a>1</a>', '{"__proto__":{"polluted":1}}', '']
    await using scene = await startSnowflake(
      answering({ columns: [column], rows: texts.map(text => [text]), typeId: statementTypes.SELECT }),
    )
    const { rows } = resultOf(await queryAt(scene, asked))
    expect(rows.slice(0, 4)).toEqual(texts.slice(0, 4).map(text => [text]))
    expect(Reflect.get(globalThis, 'pwned')).toBeUndefined()
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('a large result of Snowflake', () => {
  const many = (rowCount: number) =>
    sql(`select seq8() as n, repeat('x', 100) as t from table(generator(rowcount => ${rowCount}))`)

  it('is put together from all its parts, in their order', async () => {
    await using scene = await startSnowflake({ inlineRows: 100, chunkRows: 700 })
    const { rows, truncated } = resultOf(await queryAt(scene, many(5_000), { limits: wide }))
    expect(truncated).toBe(false)
    expect(rows.map(([n]) => Number(n))).toEqual(Array.from({ length: 5_000 }, (_, index) => index))
    expect(scene.storage.fetched).toBe(7)
    await expectQuiet(scene)
  })

  it('shows its storage the key of the result and nothing else that is secret', async () => {
    await using scene = await startSnowflake({ inlineRows: 5, chunkRows: 10 })
    resultOf(await queryAt(scene, many(25)))
    expect(scene.storage.requests).toHaveLength(2)
    for (const { headers } of scene.storage.requests) {
      expect(headers['x-amz-server-side-encryption-customer-key']).toMatch(/=$/)
      expect(headers.authorization).toBeUndefined()
      expect(headers.cookie).toBeUndefined()
      expect(JSON.stringify(headers)).not.toContain('session')
    }
  })

  it('is not fetched beyond what is wanted', async () => {
    await using scene = await startSnowflake({ inlineRows: 100, chunkRows: 100 })
    const { rows, truncated } = resultOf(
      await queryAt(scene, many(1_000_000), { limits: { maxRows: 50, maxBytes: 1_048_576 } }),
    )
    expect({ rows: rows.length, truncated }).toEqual({ rows: 50, truncated: true })
    expect(scene.storage.requests.length).toBeLessThan(5)
    await expectQuiet(scene)
  })

  it.each<[string, NonNullable<Parameters<typeof startSnowflake>[1]>, string]>([
    ['redirects', { at: { status: 302, headers: { location: 'http://169.254.169.254/' } } }, 'WRONG_PROTOCOL'],
    [
      'refuses',
      { at: { status: 403, headers: { 'content-type': 'application/xml' }, body: '<Error/>' } },
      'CLOUD_ACCESS_DENIED',
    ],
    ['has lost it', { at: { status: 404, body: '' } }, 'CLOUD_ACCESS_DENIED'],
    ['is always busy', { at: { status: 503, body: '' } }, 'CLOUD_UNAVAILABLE'],
    ['cuts the answer', { at: 'CUT' }, 'CONNECTION_RESET'],
    ['sends no JSON', { changes: () => '<html>' }, 'PROTOCOL_VIOLATION'],
    ['sends too few rows', { changes: () => '["1","x"]' }, 'PROTOCOL_VIOLATION'],
    ['sends too many rows', { changes: body => `${body},["1","x"]` }, 'PROTOCOL_VIOLATION'],
    ['sends rows that are too short', { changes: body => body.replaceAll(/,"x+"/g, '') }, 'PROTOCOL_VIOLATION'],
    ['sends objects', { changes: body => body.replaceAll(/"x+"/g, '{"a":1}') }, 'PROTOCOL_VIOLATION'],
  ])('is told to be incomplete where its storage %s', async (_, storage, code) => {
    await using scene = await startSnowflake({ inlineRows: 1, chunkRows: 50 }, storage)
    expectQueryProblem(await queryAt(scene, many(40)), { code: code as 'WRONG_PROTOCOL' })
    await expectQuiet(scene)
  })

  it.each([
    ['another scheme', 'ftp://127.0.0.1/x'],
    ['a file', 'file:///etc/passwd'],
    ['nothing', ''],
    ['a password', 'https://ann:pw@127.0.0.1/x'],
    ['metadata of the machine', 'http://169.254.169.254/latest/meta-data/'],
    ['an address in other digits', 'https://2130706433/x'],
  ])('is fetched from nowhere that is %s', async (_, url) => {
    await using scene = await startSnowflake({
      changes: {
        query: (answer: { readonly data: { readonly rowset?: unknown[] } }, { sql: text }) =>
          text.includes('generator')
            ? { ...answer, data: { ...answer.data, rowset: [], chunks: [{ url, rowCount: 3 }] } }
            : answer,
      },
    })
    const outcome = await queryAt(scene, many(3))
    expect(outcome).toMatchObject({ kind: 'PROBLEM' })
    expect(scene.storage.requests).toEqual([])
    await expectQuiet(scene)
  })

  it('is fetched from a host that no longer answers only as long as the query may take', async () => {
    await using scene = await startSnowflake({ inlineRows: 1, chunkRows: 50 }, { at: 'HANG' })
    const cancel = new AbortController()
    const run = queryAt(scene, many(40), { signal: cancel.signal })
    run.catch(() => {})
    await expect.poll(() => scene.storage.requests.length).toBeGreaterThan(0)
    cancel.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    await expectQuiet(scene)
  })
})

describe('a query of Snowflake that takes its time', () => {
  const slow = (polls: number): SnowflakeDoubleOptions => ({
    takes: text => (text.includes('numbers') ? { how: 'APART', polls } : undefined),
  })

  it('is waited for', async () => {
    await using scene = await startSnowflake(slow(3))
    expect(resultOf(await queryAt(scene, sql('select n from numbers'))).rows).toEqual([['one'], ['two']])
    expect(scene.double.count('result')).toBe(3)
    await expectQuiet(scene)
  })

  it.each(['WITHIN', 'APART'] as const)('is stopped by Snowflake when nobody waits any more: %s', async how => {
    await using scene = await startSnowflake({ takes: text => (text.includes('numbers') ? { how } : undefined) })
    const { double } = scene
    const cancel = new AbortController()
    const run = queryAt(scene, sql('select n from numbers'), { signal: cancel.signal })
    run.catch(() => {})
    await expect.poll(() => double.running).toBe(1)
    cancel.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    expect(double.aborted).toHaveLength(1)
    await expectQuiet(scene)
  })

  it.each(['WITHIN', 'APART'] as const)('ends at the time limit of the form, on both sides: %s', async how => {
    await using scene = await startSnowflake({ takes: text => (text.includes('numbers') ? { how } : undefined) })
    const input = byPassword({ limits: { statementTimeoutSeconds: 1 } })
    const outcome = await queryAt(scene, sql('select n from numbers'), { input })
    const { message } = expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT' })
    expect(message).toContain('1 s')
    await expectQuiet(scene)
  })

  it('may be stopped by somebody else', async () => {
    const refusal = new SnowflakeRefusalError('000604', 'SQL execution canceled', '57014')
    await using scene = await startSnowflake(answering(refusal))
    expectQueryProblem(await queryAt(scene, asked), { code: 'STATEMENT_CANCELLED' })
  })

  it('may have waited for too long before it began', async () => {
    const words = 'Statement was canceled because it exceeded its queued timeout of 60 second(s).'
    await using scene = await startSnowflake(answering(new SnowflakeRefusalError('000631', words, '57014')))
    expectQueryProblem(await queryAt(scene, asked), { code: 'QUERY_STILL_QUEUED', fields: ['warehouse'] })
  })

  it('goes on with a new session token when the old one has expired', async () => {
    await using scene = await startSnowflake({ queriesPerToken: 2 })
    expect(resultOf(await queryAt(scene, sql('select n from numbers'))).rows).toEqual([['one'], ['two']])
    expect(scene.double.renewals).toBeGreaterThan(0)
    expect(scene.double.signIns).toHaveLength(1)
  })

  it('ends with the session where that cannot be renewed', async () => {
    await using scene = await startSnowflake({ queriesPerToken: 2, renews: false })
    expectQueryProblem(await queryAt(scene, sql('select n from numbers')), { code: 'SESSION_ENDED_BY_SERVER' })
    expect(scene.double.signIns).toHaveLength(1)
  })

  it('follows nobody who says that its result is elsewhere', async () => {
    await using elsewhere = await startSnowflake()
    await using scene = await startSnowflake({
      ...slow(1),
      changes: {
        query: (answer: { readonly code: string; readonly data: object }) =>
          answer.code === '333334'
            ? {
                ...answer,
                data: { ...answer.data, getResultUrl: `@127.0.0.1:${elsewhere.double.port}/queries/1/result` },
              }
            : answer,
      },
    })
    await queryAt(scene, sql('select n from numbers'))
    expect(elsewhere.double.connections).toBe(0)
  })
})

describe('the limits of a preview', () => {
  it('hold for more columns than anybody reads', async () => {
    const columns = Array.from({ length: 10_001 }, (_, nth) => textColumn(`C${nth}`))
    await using scene = await startSnowflake(answering({ columns, rows: [], typeId: statementTypes.SELECT }))
    expectQueryProblem(await queryAt(scene, asked), { code: 'RESULT_TOO_LARGE' })
  })

  it('hold for one row that is too large', async () => {
    await using scene = await startSnowflake({
      account: withTable({ columns: [textColumn('T')], rows: [['x'.repeat(2_000_000)]] }),
    })
    expect(resultOf(await queryAt(scene, table('ORDERS')))).toMatchObject({ rows: [], truncated: true })
  })

  it('hold for rows that are too many bytes together', async () => {
    await using scene = await startSnowflake()
    const text = "select repeat('x', 10000) as t from table(generator(rowcount => 5000))"
    const { rows, truncated } = resultOf(
      await queryAt(scene, sql(text), { limits: { maxRows: 5_000, maxBytes: 200_000 } }),
    )
    expect(truncated).toBe(true)
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.length).toBeLessThanOrEqual(20)
  })

  it('hold although the server sends more than it was asked for', async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => [String(index)])
    await using scene = await startSnowflake({
      changes: {
        query: (answer: { readonly data: { readonly rowset?: unknown[] } }, { sql: text }) =>
          text.includes('numbers') && (answer.data.rowset?.length ?? 0) > 0
            ? { ...answer, data: { ...answer.data, rowset: rows } }
            : answer,
      },
    })
    const result = resultOf(
      await queryAt(scene, sql('select n from numbers'), { limits: { maxRows: 10, maxBytes: 100_000 } }),
    )
    expect(result.rows).toHaveLength(10)
    expect(result.truncated).toBe(true)
  })
})
