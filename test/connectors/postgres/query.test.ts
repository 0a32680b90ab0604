import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort, PostgresServer, superuser, uniqueName } from '../../servers/postgres.ts'
import { queryPostgres } from '../../servers/postgres-run.ts'
import { expectQueryProblem } from './expectations.ts'
import { effectfulStatements, readingStatements } from './read-only-corpus.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await PostgresServer.start()
  await server.sql(`
    create table readings (id int); insert into readings values (1), (2), (3);
    create sequence numbers;
    create function writes_a_row() returns int language sql volatile as 'insert into readings values (94) returning id';
    create schema "Odd ""schema"""; create table "Odd ""schema"""."the table" ("a;b" int, c text);
    insert into "Odd ""schema"""."the table" values (1, 'x')`)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const config = (change: Record<string, unknown> = {}) => ({
  host: '127.0.0.1',
  port: server.port,
  auth: { password: superuser },
  tls: { mode: 'DISABLE' },
  ...change,
})
const run = (text: string, options: Parameters<typeof queryPostgres>[2] = {}) =>
  queryPostgres(config(), { sql: { text } }, options)
async function result(text: string, options: Parameters<typeof queryPostgres>[2] = {}) {
  const outcome = await run(text, options)
  if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
  return outcome.result
}
const nothingLeft = () =>
  vi.waitFor(
    async () =>
      expect(await server.sql("select pid, query from pg_stat_activity where application_name = 'patchbay'")).toEqual(
        [],
      ),
    { timeout: 5_000 },
  )

describe('a query on a PostgreSQL connector, as superuser', () => {
  it(`refuses all ${effectfulStatements.length} statements that do more than read, and none has an effect`, async () => {
    expect(effectfulStatements.length).toBeGreaterThanOrEqual(60)
    const listener = new pg.Client({
      host: '127.0.0.1',
      port: server.port,
      user: superuser.username,
      password: superuser.password,
      database: 'postgres',
      ssl: false,
    })
    const heard: unknown[] = []
    listener.on('notification', message => heard.push(message))
    listener.on('error', error => heard.push(error))
    await listener.connect()
    try {
      await listener.query('listen channel')
      const { pid } = (await listener.query('select pg_backend_pid() as pid')).rows[0]
      const file = join(server.directory, 'written-by-a-query')
      const state = () =>
        server.sql(`
          select (select array_agg(id order by id) from readings) as rows, (select last_value from numbers) as sequence,
            (select count(*) from pg_class where relname like 'made%') as relations, (select count(*) from pg_roles) as roles,
            (select rolcanlogin from pg_roles where rolname = 'admin') as admin_may_log_in, (select relacl::text from pg_class where relname = 'readings') as grants,
            (select count(*) from pg_largeobject_metadata) as large_objects, (select count(*) from pg_replication_slots) as slots,
            (select count(*) from pg_locks where locktype = 'advisory') as locks, current_setting('work_mem') as work_mem,
            obj_description('readings'::regclass) as comment, pg_postmaster_start_time() as started, pg_conf_load_time() as loaded`)
      const before = await state()
      for (const statement of effectfulStatements) {
        const text = statement.replaceAll('{file}', file).replaceAll('{pid}', String(pid))
        // The last one of each pair of quotes may turn out to be a literal, which reads and answers itself.
        const outcome = await run(text)
        if (outcome.kind === 'RESULT') expect(text).toBe("select '\\'; delete from readings --'")
        else expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY' }, { about: text })
      }
      expect(await state()).toEqual(before)
      await expect(stat(file)).rejects.toThrow('ENOENT')
      await listener.query('select 1')
      expect(heard).toEqual([])
    } finally {
      await listener.end()
    }
    await nothingLeft()
  })

  it(`runs all ${readingStatements.length} statements that read`, async () => {
    expect(readingStatements.length).toBeGreaterThanOrEqual(40)
    for (const text of readingStatements) {
      const outcome = await run(text)
      expect({ text, outcome: outcome.kind === 'RESULT' ? 'RESULT' : outcome.problem }).toEqual({
        text,
        outcome: 'RESULT',
      })
    }
  })

  it('sets the rules by which the text was judged, whatever the account has set', async () => {
    const username = uniqueName('old_fashioned')
    await server.sql(
      `create role ${username} login password 'pw'; alter role ${username} set standard_conforming_strings = off`,
    )
    const auth = { password: { username, password: 'pw' } }
    const outcome = await queryPostgres(config({ auth }), { sql: { text: "select '\\' as slash" } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['\\']] } })
  })
})

describe('a query on a PostgreSQL connector', () => {
  it('answers values as JSON with their types', async () => {
    const { columns, rows } = await result(`
      select 1::int4 as i, 9007199254740993::int8 as big, 1.10::numeric as d, 'NaN'::numeric as nan, 1.5::float8 as f, 'Infinity'::float8 as inf,
        true as b, '2024-02-29'::date as date, '2024-02-29 12:34:56.789012+00'::timestamptz at time zone 'utc' as ts, interval '1 day 2 hours' as span,
        '{"n": 12345678901234567890, "a": [1, null]}'::jsonb as json, '\\x00ff'::bytea as bin, array[[1, null], [3, 4]] as nested,
        array['a,b', 'q"x', 'NULL', null, '{}']::text[] as texts, '[0:1]={5,6}'::int[] as bounds, null::int as nothing, '00000000-0000-0000-0000-000000000001'::uuid as id`)
    expect(columns.map(({ name, nativeType, type }) => `${name} ${nativeType} ${type}`)).toEqual([
      'i integer INTEGER',
      'big bigint INTEGER',
      'd numeric DECIMAL',
      'nan numeric DECIMAL',
      'f double precision FLOAT',
      'inf double precision FLOAT',
      'b boolean BOOLEAN',
      'date date DATE',
      'ts timestamp without time zone TIMESTAMP',
      'span interval OTHER',
      'json jsonb JSON',
      'bin bytea BINARY',
      'nested integer[] LIST',
      'texts text[] LIST',
      'bounds integer[] LIST',
      'nothing integer INTEGER',
      'id uuid TEXT',
    ])
    expect(rows).toEqual([
      [
        1,
        '9007199254740993',
        '1.10',
        'NaN',
        1.5,
        'Infinity',
        true,
        '2024-02-29',
        '2024-02-29 12:34:56.789012',
        'P1DT2H',
        { n: '12345678901234567890', a: [1, null] },
        'AP8=',
        [
          [1, null],
          [3, 4],
        ],
        ['a,b', 'q"x', 'NULL', null, '{}'],
        [5, 6],
        null,
        '00000000-0000-0000-0000-000000000001',
      ],
    ])
  })

  it('keeps what is nested too deeply as text', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const { rows } = await result(`select '${nested(90)}'::json, '${nested(150)}'::json`)
    expect(JSON.stringify(rows)).toBe(`[[${nested(90)},"${nested(150)}"]]`)
  })

  it('names a cancellation by an administrator as what it is', async () => {
    const running = run('select pg_sleep(60)')
    await vi.waitFor(
      async () =>
        expect(
          await server.sql("select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'"),
        ).toHaveLength(1),
      { timeout: 5_000 },
    )
    expectQueryProblem(await running, { code: 'STATEMENT_CANCELLED', retryable: true, fields: [] })
  })

  it('looks through domains', async () => {
    await server.sql(
      'create domain positive as int check (value > 0); create domain few as positive; create domain list as int[]',
    )
    const { columns, rows } = await result("select 5::few as a, array[1, 2]::few[] as b, '{7}'::list as c")
    expect(columns.map(column => column.type)).toEqual(['INTEGER', 'LIST', 'LIST'])
    expect(rows).toEqual([[5, [1, 2], [7]]])
  })

  it('keeps columns of the same name apart', async () => {
    expect(await result('select 1 as a, 2 as a')).toMatchObject({
      columns: [{ name: 'a' }, { name: 'a' }],
      rows: [[1, 2]],
    })
  })

  it('reads a table by its name, whatever the name', async () => {
    const table = { schema: 'Odd "schema"', name: 'the table' }
    expect(await queryPostgres(config(), { table })).toMatchObject({ kind: 'RESULT', result: { rows: [[1, 'x']] } })
    expect(await queryPostgres(config(), { table: { ...table, columns: ['a;b'] } })).toMatchObject({
      kind: 'RESULT',
      result: { rows: [[1]] },
    })
    const injected = await queryPostgres(config(), { table: { name: 'readings; drop table readings' } })
    expectQueryProblem(injected, { code: 'OBJECT_NOT_FOUND' })
  })

  it('answers at most the rows asked for, and says whether there was more', async () => {
    const rows = async (count: number) => {
      const answer = await result(`select generate_series(1, ${count})`, {
        limits: { maxRows: 10, maxBytes: 1_000_000 },
      })
      return { rows: answer.rows.length, truncated: answer.truncated }
    }
    expect(await rows(0)).toEqual({ rows: 0, truncated: false })
    expect(await rows(10)).toEqual({ rows: 10, truncated: false })
    expect(await rows(11)).toEqual({ rows: 10, truncated: true })
  })

  it('answers at most the bytes allowed, and stops a value that is larger than anything allowed', async () => {
    const limits = { maxRows: 1_000, maxBytes: 10_000 }
    const answer = await result("select repeat('x', 900) from generate_series(1, 100000)", { limits })
    expect(answer.truncated).toBe(true)
    expect(JSON.stringify(answer.rows).length).toBeLessThanOrEqual(10_000)
    expect(answer.rows.length).toBeGreaterThan(8)
    expectQueryProblem(await run("select repeat('x', 60000000)", { limits }), { code: 'RESULT_TOO_LARGE' })
    await nothingLeft()
  })

  it('says what a query lacks', async () => {
    expectQueryProblem(await run('select nope from readings'), {
      code: 'OBJECT_NOT_FOUND',
      params: { line: 1 },
    })
    expectQueryProblem(await run('select *\nfrom\nnowhere'), { code: 'OBJECT_NOT_FOUND', params: { line: 3 } })
    expectQueryProblem(await run('select from where'), { code: 'QUERY_INVALID' })
    expectQueryProblem(await run('select 1 / 0'), {
      code: 'QUERY_INVALID',
      detail: expect.stringContaining('division by zero'),
    })
  })

  it('stops a statement at its time limit', async () => {
    const limits = { statementTimeoutSeconds: 1 }
    const outcome = await queryPostgres(config({ limits }), { sql: { text: 'select pg_sleep(30)' } })
    const fields = ['limits.statementTimeoutSeconds']
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT', params: { seconds: 1 }, fields })
    await nothingLeft()
  })

  it('names a session that an administrator ends as what it is', async () => {
    const running = run('select pg_sleep(60)')
    const end = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'"
    await vi.waitFor(async () => expect(await server.sql(end)).toHaveLength(1), { timeout: 5_000 })
    expectQueryProblem(await running, { code: 'SESSION_ENDED_BY_SERVER', retryable: true, fields: [] })
  })

  it('names a right that the account lacks', async () => {
    const username = uniqueName('stranger')
    await server.sql(`create role ${username} login password 'pw'`)
    const stranger = config({ auth: { password: { username, password: 'pw' } } })
    const outcome = await queryPostgres(stranger, { sql: { text: 'select * from readings' } })
    const problem = expectQueryProblem(outcome, { code: 'PERMISSION_DENIED', retryable: false })
    expect(problem.detail).toContain('permission denied for table readings')
  })

  it('stops the statement on the server when it is abandoned', async () => {
    const cancel = new AbortController()
    const running = run('select pg_sleep(60)', { signal: cancel.signal })
    const outcome = expect(running).rejects.toThrow()
    await vi.waitFor(
      async () =>
        expect(await server.sql("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).toHaveLength(1),
      { timeout: 5_000 },
    )
    cancel.abort()
    await outcome
    await nothingLeft()
  })

  it('fails with the problem of a test when the way in fails', async () => {
    const outcome = await queryPostgres(config({ port: await freePort() }), { sql: { text: 'select 1' } })
    expectQueryProblem(outcome, { code: 'CONNECTION_REFUSED', fields: ['host', 'port'] }, { by: 'REAL_SERVER' })
  })
})
