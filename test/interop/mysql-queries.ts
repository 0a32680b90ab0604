import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { QueryOutcome } from '../../src/connectors/define.ts'
import { MysqlOpening } from '../../src/connectors/mysql/open.ts'
import { runQuery } from '../../src/connectors/mysql/query.ts'
import { beginReadOnly, makeReadOnly } from '../../src/connectors/mysql/read-only-session.ts'
import { judgeSql } from '../../src/connectors/mysql/read-only-sql.ts'
import { openSession } from '../../src/connectors/session/open-session.ts'
import { expectQueryProblem } from '../connectors/mysql/expectations.ts'
import { effectfulStatements, readingStatements } from '../connectors/mysql/read-only-corpus.ts'
import { parseConfig, queryMysql } from '../servers/mysql-run.ts'
import { uniqueName } from '../servers/postgres.ts'
import { environmentFor, type QueryOptions } from '../servers/type-run.ts'
import type { MysqlProcess } from './mysql-process.ts'
import {
  configFor,
  encrypting,
  type Product,
  reader,
  running,
  serverCertificate,
  sessions,
  startShop,
} from './mysql-product.ts'

/** A statement that nothing but its end stops, and that is no single function: those end early and say nothing. */
const endless = `select count(*) from information_schema.columns a, information_schema.columns b, information_schema.columns c`
/** What words, numbers, quotes and comments are made of. */
const pieces = fc
  .array(
    fc.constantFrom(
      ...['1', '.', 'e', 'E', '5', '1e1', '1.e', '0x1', '0b1', "x'41'", '_latin1', 'n', 'N', 'a', 't.', '@a', '@', '$'],
      ...[
        '-',
        '--',
        '-- ',
        '--\t',
        '#',
        '\n',
        '/*',
        '*/',
        '/**/',
        '!',
        '+',
        '(',
        ')',
        ',',
        ' ',
        ' ',
        ' ',
        '\v',
        '\u0001',
      ],
      ...["'", '"', '`', '``', "''", "'x'", '`a`', '\\', '\\N', 'é', '\u00a0', '😀', ':', '=', '{', '}', ' from dual'],
    ),
    { maxLength: 5 },
  )
  .map(parts => parts.join(''))
const madeFiles = async () => (await readdir(tmpdir())).filter(name => name.startsWith('patchbay-made'))
/** Statements that change data or definitions, as far as a session can be kept from it at all. */
const changing = effectfulStatements.filter(
  text => /^(insert|replace|update|delete|truncate|create|drop|alter|rename)\b/i.test(text) && !/temporary/.test(text),
)

export function describeQueries(product: Product): void {
  describe(`queries on ${product.name}`, () => {
    let server: MysqlProcess
    /** May do everything: nothing but the fences stands in its way. */
    let administrator: string

    beforeAll(async () => {
      server = await startShop(product, {
        ...encrypting(serverCertificate, {
          'secure-file-priv': '',
          'local-infile': '1',
          'log-bin-trust-function-creators': '1',
        }),
      })
      administrator = await reader(server, 'grant all on *.* to {} with grant option')
      await server.sql(
        `create function writes_a_row() returns int modifies sql data begin insert into readings values (94, 'x'); return 1; end`,
        'shop',
      )
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
    })

    const run = (text: string, username = administrator, options: QueryOptions = {}): Promise<QueryOutcome> =>
      queryMysql(configFor(server, username), { sql: { text } }, options)
    const nothingRuns = (username: string) =>
      vi.waitFor(async () => expect(await sessions(server, username)).toEqual([]), { timeout: 5_000 })

    /** All that a statement of the corpus could change. */
    const state = () =>
      server.sql(`
        select (select group_concat(id, value order by id) from shop.readings) as data,
          (select group_concat(table_schema, table_name order by 1) from information_schema.tables
            where table_schema not in ('mysql', 'information_schema', 'performance_schema', 'sys')) as tables,
          (select group_concat(column_name order by 1) from information_schema.columns where table_schema = 'shop') as columns,
          (select group_concat(index_name order by 1) from information_schema.statistics where table_schema = 'shop') as indexes,
          (select group_concat(routine_name order by 1) from information_schema.routines where routine_schema = 'shop') as routines,
          (select group_concat(user, host order by 1) from mysql.user) as users,
          (select count(*) from information_schema.user_privileges) as privileges,
          @@global.max_connections as connections, @@global.read_only as read_only, is_free_lock('patchbay') as unlocked`)

    test(`refuse all ${effectfulStatements.length} statements that do more than read, and none has an effect`, async () => {
      expect(effectfulStatements.length).toBeGreaterThanOrEqual(50)
      const before = await state()
      for (const text of effectfulStatements)
        expectQueryProblem(await run(text), { code: 'QUERY_NOT_READ_ONLY' }, { about: text })
      expect(await state()).toEqual(before)
      expect(await madeFiles()).toEqual([])
      await nothingRuns(administrator)
    })

    test('are split into words where the server splits them', async () => {
      const connection = await server.connect('shop')
      let ran = 0
      try {
        await fc.assert(
          fc.asyncProperty(pieces, pieces, async (before, after) => {
            const verdict = judgeSql(`select 1${before}into @made${after}`)
            if (verdict.kind === 'REFUSED') return
            const [answer] = await connection.query(verdict.text).catch((error: { readonly errno?: number }) => {
              // Not the connection's.
              expect(error.errno).toBeGreaterThan(0)
              return [[]]
            })
            ran += 1
            // What has no rows has done something.
            expect(Array.isArray(answer), verdict.text).toBe(true)
          }),
          { numRuns: 5_000 },
        )
      } finally {
        await connection.end()
      }
      expect(ran).toBeGreaterThan(500)
    })

    test(`are kept from changing anything by the session alone, too: ${changing.length} statements`, async () => {
      expect(changing.length).toBeGreaterThanOrEqual(15)
      const before = await state()
      for (const text of changing) {
        const opening = new MysqlOpening(
          parseConfig(configFor(server, administrator)) as never,
          (await environmentFor()).network,
          1_048_576,
        )
        try {
          expect(await openSession(opening, AbortSignal.timeout(10_000))).toBeNull()
          const { session } = opening
          const perform = (sql: string) => session.run(sql, { columns: () => {}, row: () => {} })
          await perform('use shop')
          await makeReadOnly(session)
          await beginReadOnly(session)
          await expect(perform(text), text).rejects.toThrow()
        } finally {
          await opening.close({ busy: false })
        }
      }
      expect(await state()).toEqual(before)
    })

    test('put both fences up before the text and leave nothing behind it', async () => {
      const username = await reader(server)
      expect(await run('select value from readings order by id', username)).toMatchObject({
        kind: 'RESULT',
        result: { rows: [['row-content'], ['other'], [null]], truncated: false },
      })
      const log = await server.sql(
        `select convert(argument using utf8mb4) as text from mysql.general_log where command_type = 'Query' and user_host like '${username}%' order by event_time, thread_id`,
      )
      const texts = log.map(({ text }) => String(text))
      const at = (text: string) => texts.indexOf(text)
      const statement = at('select value from readings order by id')
      expect(at('SET SESSION TRANSACTION READ ONLY')).toBeGreaterThanOrEqual(0)
      expect(at('START TRANSACTION READ ONLY')).toBeGreaterThan(at('SET SESSION TRANSACTION READ ONLY'))
      expect(statement).toBeGreaterThan(at('START TRANSACTION READ ONLY'))
      expect(texts.slice(statement + 1)).toEqual(['ROLLBACK'])
    })

    test('are refused by the server where only it can know: a function that writes', async () => {
      const outcome = await run('select writes_a_row() from readings limit 1')
      expect(outcome.kind === 'PROBLEM' ? outcome.problem.code : outcome.kind).toBe('QUERY_NOT_READ_ONLY')
      expect(await server.sql('select count(*) as n from shop.readings where id = 94')).toEqual([{ n: 0 }])
    })

    test(`run all ${readingStatements.length} statements that read, but those that the server does not know`, async () => {
      const unknown: string[] = []
      for (const text of readingStatements) {
        const outcome = await run(text)
        if (outcome.kind === 'RESULT') continue
        // Never because of what they are.
        expect({ text, problem: outcome.problem }).toMatchObject({ text, problem: { code: 'QUERY_INVALID' } })
        unknown.push(text)
      }
      expect(unknown).toEqual(product.unknownStatements)
    })

    test('answer values as JSON with their types', async () => {
      const outcome = await run(`
        select cast(18446744073709551615 as unsigned) as big, 1.10 as d, 1.5e0 as f, date'2024-02-29' as date,
          timestamp'2024-02-29 12:34:56.789012' as ts, time'-838:59:58' as span, x'00ff' as bin, b'101' as bits, 'ü😀' as text,
          json_extract('{"a": [1, null]}', '$') as json, null as nothing, id as c, id as c from readings where id = 1`)
      if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
      const [row] = outcome.result.rows
      expect(row).toEqual([
        '18446744073709551615',
        '1.10',
        1.5,
        '2024-02-29',
        '2024-02-29 12:34:56.789012',
        '-838:59:58',
        'AP8=',
        expect.anything(),
        'ü😀',
        product.name === 'MySQL' ? { a: [1, null] } : expect.anything(),
        null,
        1,
        1,
      ])
    })

    test('read a table by its name, and say what is missing or not allowed', async () => {
      await server.sql(
        'create table `odd ``table`` ; x` (`a;b` int); insert into `odd ``table`` ; x` values (7)',
        'shop',
      )
      const table = { schema: 'shop', name: 'odd `table` ; x', columns: ['a;b'] }
      expect(await queryMysql(configFor(server, administrator), { table })).toMatchObject({
        kind: 'RESULT',
        result: { rows: [[7]] },
      })
      expectQueryProblem(await run('select nope from readings'), { code: 'OBJECT_NOT_FOUND' })
      expectQueryProblem(await run('select * from nowhere'), { code: 'OBJECT_NOT_FOUND' })
      expectQueryProblem(await run('select from where'), { code: 'QUERY_INVALID' })
      const username = await reader(server)
      expectQueryProblem(await run('select * from elsewhere.secrets', username), { code: 'PERMISSION_DENIED' })
      expectQueryProblem(await run('select user from mysql.user', username), { code: 'PERMISSION_DENIED' })
    })

    test('answer at most the rows and bytes asked for', async () => {
      const digits =
        '(select 0 n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)'
      const many = `select repeat('x', 1000) from ${['a', 'b', 'c', 'd', 'e'].map(name => `${digits} ${name}`).join(', ')}`
      const rows = await run(many, administrator, { limits: { maxRows: 10, maxBytes: 1_000_000 } })
      expect(rows).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
      expect(rows.kind === 'RESULT' && rows.result.rows.length).toBe(10)
      const bytes = await run(many, administrator, { limits: { maxRows: 100_000, maxBytes: 50_000 } })
      expect(bytes).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
      const all = await run(many, administrator, { limits: { maxRows: 100_000, maxBytes: 2 ** 30 } })
      expect(all.kind === 'RESULT' && all.result.rows.length).toBe(100_000)
      await nothingRuns(administrator)
    })

    test('stop on the server when they are abandoned', async () => {
      const username = await reader(server)
      const cancel = new AbortController()
      // What servers list of it is not always what they were sent.
      const text = ` \n/* é😀 */ ${endless}\twhere 'ü😀' <> '?'`
      const outcome = expect(run(text, username, { signal: cancel.signal })).rejects.toThrow()
      await vi.waitFor(async () => expect(await running(server, username)).toHaveLength(1), { timeout: 10_000 })
      cancel.abort()
      await outcome
      await nothingRuns(username)
      const kills = await server.sql(
        `select count(*) as n from mysql.general_log where user_host like '${username}%' and convert(argument using utf8mb4) like 'KILL QUERY %'`,
      )
      expect(Number(kills[0]?.['n'])).toBe(1)
    })

    test('stop at their time limit, and when somebody else stops them', async () => {
      const username = await reader(server)
      const limited = configFor(server, username, { limits: { statementTimeoutSeconds: 1 } })
      const outcome = await queryMysql(limited, { sql: { text: endless } })
      expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT', params: { seconds: 1 } })
      const killed = run(endless, username)
      await stopping(username, 'kill query')
      expectQueryProblem(await killed, { code: 'STATEMENT_CANCELLED', retryable: true })
      const ended = run(endless, username)
      await stopping(username, 'kill')
      const problem = await ended
      expect(['SESSION_ENDED_BY_SERVER', 'CONNECTION_RESET', 'STATEMENT_CANCELLED']).toContain(
        problem.kind === 'PROBLEM' ? problem.problem.code : problem.kind,
      )
      await nothingRuns(username)
    })

    test('wait for a reader who takes his time', async () => {
      const username = await reader(server)
      await server.sql(
        `create table wide (id int primary key auto_increment, filler varchar(1000));
         insert into wide (filler) select repeat('x', 1000) from information_schema.columns limit 500;
         insert into wide (filler) select w.filler from wide w, (select 1 from information_schema.columns limit 99) n`,
        'shop',
      )
      let batches = 0
      let held = 0
      const take = async () => {
        batches += 1
        if (batches === 3) {
          await vi.waitFor(async () => {
            // The server has more to say, and nobody to say it to.
            const [row] = await server.sql(
              `select state from information_schema.processlist where user = '${username}' and info like 'select filler%'`,
            )
            expect(String(row?.['state'])).toMatch(/sending to client|writing to net|sending data/i)
            held += 1
          })
          await delay(200)
          expect(await running(server, username)).toHaveLength(1)
        }
        return batches < 5
      }
      const end = await runQuery(
        parseConfig(configFor(server, username)) as never,
        { sql: { text: 'select filler from wide' } } as never,
        {
          signal: new AbortController().signal,
          environment: await environmentFor(),
          limits: { maxRows: 1_000_000, maxBytes: 2 ** 30 },
        },
        { columns: () => {}, rows: take, json: take },
      )
      expect(end.kind).toBe('COMPLETE')
      expect(held).toBe(1)
      await nothingRuns(username)
    })

    async function stopping(username: string, how: string): Promise<void> {
      await vi.waitFor(
        async () => {
          const [statement] = await running(server, username)
          expect(statement).toBeDefined()
          await server.sql(`${how} ${statement?.['id'] ?? statement?.['ID']}`)
        },
        { timeout: 10_000 },
      )
    }

    test('need no more than one sign-in, and see no other account', async () => {
      const name = uniqueName('nobody')
      const auth = { password: { username: name, password: 'pw' } }
      const outcome = await queryMysql(configFor(server, name, { auth }), { sql: { text: 'select 1' } })
      expectQueryProblem(outcome, { code: 'CREDENTIALS_REJECTED' })
    })
  })
}
