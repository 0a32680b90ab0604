import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import { runQuery } from '../../../src/connectors/mysql/query.ts'
import { HostileMysql, type HostileMysqlOptions, resultOf } from '../../servers/hostile-mysql.ts'
import {
  binaryCharset,
  type Column,
  columnCount,
  columnDefinition,
  columnFlag,
  columnType,
  endOfRows,
  errorPacket,
  status,
  textRow,
  type Value,
} from '../../servers/hostile-mysql-packets.ts'
import { parseConfig, queryMysql } from '../../servers/mysql-run.ts'
import { freePort } from '../../servers/postgres.ts'
import { environmentFor, type QueryOptions } from '../../servers/type-run.ts'
import { expectQueryProblem } from './expectations.ts'
import { ann, config } from './hostile-run.ts'

const inTransaction = status.AUTOCOMMIT | status.IN_TRANSACTION | status.READ_ONLY
const query = { sql: { text: 'select n from numbers' } }

interface Run {
  readonly outcome: QueryOutcome
  readonly server: HostileMysql
}

async function run(
  options: HostileMysqlOptions,
  given: unknown = query,
  { change, ...queryOptions }: QueryOptions & { readonly change?: Readonly<Record<string, unknown>> } = {},
): Promise<Run> {
  await using server = await HostileMysql.start({ account: ann, ...options })
  return { outcome: await queryMysql(config(server.port, 'clear', change), given, queryOptions), server }
}
const table = (columns: readonly Column[], ...rows: readonly (readonly Value[])[]): HostileMysqlOptions => ({
  at: { QUERY: () => resultOf({ stage: '', columns, rows }, inTransaction) },
})
const refusing = (errno: number, text: string, sqlState?: string): HostileMysqlOptions => ({
  at: { QUERY: () => errorPacket(errno, text, sqlState) },
})

describe('a query on a MySQL connector', () => {
  it('puts both fences up before it sends the text, and takes them for nothing but the server`s word', async () => {
    const { server } = await run({}, query, { change: { database: 'shop' } })
    const at = (pattern: RegExp) => server.statements.findIndex(text => pattern.test(text))
    const text = server.statements.indexOf('select n from numbers')
    expect(text).toBeGreaterThan(0)
    for (const fence of [
      /^SET SESSION TRANSACTION READ ONLY$/,
      /transaction_read_only/,
      /^START TRANSACTION READ ONLY$/,
    ]) {
      expect(at(fence), String(fence)).toBeGreaterThanOrEqual(0)
      expect(at(fence), String(fence)).toBeLessThan(text)
    }
    expect(server.statements.slice(text + 1)).toEqual(['ROLLBACK'])
    expect(server.statements.filter(each => /read write|commit/i.test(each))).toEqual([])
  })

  it('neither offers files of its own nor takes several statements or results', async () => {
    const { server } = await run({})
    const [login] = server.logins
    const [localFiles, multiStatements, multiResults, compress] = [1 << 7, 1 << 16, 1 << 17, 1 << 5]
    for (const flag of [localFiles, multiStatements, multiResults, compress])
      expect((login?.capabilities ?? ~0) & flag).toBe(0)
  })

  it('refuses what does more than read before anything is dialled', async () => {
    for (const text of ['delete from numbers', "select 1 into outfile '/tmp/x'", 'select 1; select 2', 'call x()']) {
      const { outcome, server } = await run({}, { sql: { text } })
      expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY' }, { about: text })
      expect(server.connections).toBe(0)
    }
  })

  it('answers values as JSON with their types', async () => {
    const { outcome } = await run(
      table(
        [
          { name: 'tiny', type: columnType.TINY },
          { name: 'big', type: columnType.LONGLONG, flags: columnFlag.UNSIGNED },
          { name: 'dec', type: columnType.NEWDECIMAL },
          { name: 'double', type: columnType.DOUBLE },
          { name: 'day', type: columnType.DATE },
          { name: 'zero', type: columnType.DATETIME },
          { name: 'span', type: columnType.TIME },
          { name: 'year', type: columnType.YEAR },
          { name: 'json', type: columnType.JSON },
          { name: 'bytes', type: columnType.BLOB, charset: binaryCharset },
          { name: 'text', type: columnType.BLOB },
          { name: 'bits', type: columnType.BIT },
          { name: 'point', type: columnType.GEOMETRY, charset: binaryCharset },
          { name: 'nothing' },
        ],
        [
          '-1',
          '18446744073709551615',
          '1.10',
          '1.5e300',
          '2024-02-29',
          '0000-00-00 00:00:00',
          '-838:59:59.000001',
          '2024',
          '{"n": 12345678901234567890, "a": [1, null]}',
          Buffer.from([0, 255]),
          'ü',
          Buffer.from([1, 0]),
          Buffer.from([1, 2, 3]),
          null,
        ],
      ),
    )
    expect(outcome).toMatchObject({
      kind: 'RESULT',
      result: {
        rows: [
          [
            -1,
            '18446744073709551615',
            '1.10',
            1.5e300,
            '2024-02-29',
            '0000-00-00 00:00:00',
            '-838:59:59.000001',
            2024,
            { n: '12345678901234567890', a: [1, null] },
            'AP8=',
            'ü',
            '256',
            'AQID',
            null,
          ],
        ],
      },
    })
    if (outcome.kind !== 'RESULT') return
    expect(outcome.result.columns.map(({ nativeType, type }) => `${nativeType} ${type}`)).toEqual([
      'tinyint INTEGER',
      'bigint unsigned INTEGER',
      'decimal DECIMAL',
      'double FLOAT',
      'date DATE',
      'datetime TIMESTAMP',
      'time TIME',
      'year INTEGER',
      'json JSON',
      'blob BINARY',
      'text TEXT',
      'bit INTEGER',
      'geometry BINARY',
      'varchar TEXT',
    ])
  })

  it('says again what a server says that names a number and sends something else', async () => {
    const { outcome } = await run(
      table(
        [
          { name: 'n', type: columnType.LONG },
          { name: 'j', type: columnType.JSON },
        ],
        ['not a number', '{not json'],
      ),
    )
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['not a number', '{not json']] } })
  })

  it('answers at most the rows asked for, and says whether there was more', async () => {
    for (const [count, truncated] of [
      [0, false],
      [10, false],
      [11, true],
    ] as const) {
      const rows = Array.from({ length: count }, (_, index) => [String(index)])
      const { outcome, server } = await run(table([{ name: 'n' }], ...rows), query, {
        limits: { maxRows: 10, maxBytes: 100_000 },
      })
      expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated } })
      expect(outcome.kind === 'RESULT' && outcome.result.rows.length).toBe(Math.min(count, 10))
      // The server is not asked for more than that either.
      expect(server.statements).toContain('SET SESSION sql_select_limit = 11')
    }
  })

  it('leaves a value of 20 MB out of a preview of 1 MB, and stops one that is larger than anything allowed', async () => {
    const value = (megabytes: number) => table([{ name: 'n' }], ['x'.repeat(megabytes * 1_048_576)])
    const { outcome } = await run(value(20), query, { limits: { maxRows: 10, maxBytes: 1_048_576 } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [], truncated: true } })
    expectQueryProblem((await run(value(40))).outcome, { code: 'RESULT_TOO_LARGE' })
  })

  it('reads a table by its name, whatever the name', async () => {
    const { server } = await run({}, { table: { schema: 'odd `schema`', name: 'the table', columns: ['a`;b'] } })
    expect(server.statements).toContain('SELECT `a``;b` FROM `odd ``schema```.`the table`')
  })

  it.each<[string, number, string, string, string, object]>([
    ['a column that is not there', 1054, '42S22', "Unknown column 'nope' in 'field list'", 'OBJECT_NOT_FOUND', {}],
    ['a table that is not there', 1146, '42S02', "Table 'shop.nowhere' doesn't exist", 'OBJECT_NOT_FOUND', {}],
    ['a text that is none', 1064, '42000', 'You have an error in your SQL syntax', 'QUERY_INVALID', {}],
    ['a right that is missing', 1142, '42000', 'SELECT command denied', 'PERMISSION_DENIED', { retryable: false }],
    ['a right to a column', 1143, '42000', 'SELECT command denied to user', 'PERMISSION_DENIED', {}],
    ['what the transaction refuses', 1792, '25006', 'Cannot execute in READ ONLY', 'QUERY_NOT_READ_ONLY', {}],
    ['a server that only reads', 1290, 'HY000', 'The server is running with --read-only', 'QUERY_NOT_READ_ONLY', {}],
    [
      'a statement that somebody kills',
      1317,
      '70100',
      'Query execution was interrupted',
      'STATEMENT_CANCELLED',
      { retryable: true },
    ],
    ['a session that somebody ends', 1053, '08S01', 'Server shutdown in progress', 'SESSION_ENDED_BY_SERVER', {}],
    [
      'something that nobody knows',
      5_999,
      'HY000',
      'Out of cheese',
      'UNCLASSIFIED',
      { detail: 'Out of cheese (5999)' },
    ],
  ])('names %s', async (_, errno, sqlState, text, code, more) => {
    const { outcome } = await run(refusing(errno, text, sqlState))
    expectQueryProblem(outcome, { code: code as never, ...more })
  })

  it.each([
    ['MySQL', '8.4.6', 3024],
    ['MariaDB', '5.5.5-10.11.19-MariaDB', 1969],
  ])('names a statement that %s stops at its time limit', async (_, version, errno) => {
    const limits = { statementTimeoutSeconds: 7 }
    const { outcome, server } = await run(
      { version, ...refusing(errno, 'Query execution was interrupted (max_statement_time exceeded)', '70100') },
      query,
      { change: { limits } },
    )
    const fields = ['limits.statementTimeoutSeconds']
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT', params: { seconds: 7 }, fields })
    const setting = version === '8.4.6' ? 'max_execution_time = 7000' : 'max_statement_time = 7.000'
    expect(server.statements).toContain(`SET SESSION ${setting}`)
  })

  it('stops a statement itself on a server that does not', async () => {
    const limits = { statementTimeoutSeconds: 1 }
    const { outcome, server } = await run({ at: { QUERY: () => {} } }, query, { change: { limits } })
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT', params: { seconds: 1 } })
    expect(server.kills).toEqual([101])
  })

  it('does without limits that an old server does not know, and refuses one that reads texts by other rules', async () => {
    const unknown = () => errorPacket(1193, "Unknown system variable 'max_execution_time'")
    expect((await run({ at: { LIMIT: unknown } })).outcome).toMatchObject({ kind: 'RESULT' })
    const modes = (mode: string) => () =>
      resultOf({ stage: '', columns: [{ name: 'm' }, { name: 'c' }], rows: [[mode, 'utf8mb4']] }, status.AUTOCOMMIT)
    for (const mode of ['ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES']) {
      const { outcome, server } = await run({ at: { MODES: modes(mode) } })
      expectQueryProblem(outcome, { code: 'PROTOCOL_VIOLATION' })
      expect(server.statements).not.toContain('select n from numbers')
    }
  })

  it('keeps the server waiting for a reader who takes his time', async () => {
    const rowBytes = 10_000
    const row = textRow(['x'.repeat(rowBytes)])
    let sent = 0
    await using server = await HostileMysql.start({
      account: ann,
      at: {
        QUERY: async peer => {
          await peer.send(peer.frame(columnCount(1), columnDefinition({ name: 'n' }), endOfRows(inTransaction)))
          for (; sent < 20_000 && !peer.closed; sent++) await peer.send(peer.frame(row))
          return endOfRows(inTransaction)
        },
      },
    })
    const taken: number[] = []
    const take = async (count: number) => {
      taken.push(count)
      await delay(50)
      return taken.length < 10
    }
    const end = await runQuery(
      parseConfig(config(server.port, 'clear')) as never,
      query as never,
      {
        signal: new AbortController().signal,
        environment: await environmentFor(),
        limits: { maxRows: 100_000, maxBytes: 2 ** 30 },
      },
      {
        columns: () => {},
        rows: rows => take(rows.length),
        json: rows => take(rows.count),
      },
    )
    expect(end.kind).toBe('COMPLETE')
    const read = taken.reduce((sum, count) => sum + count, 0)
    // What lies between: the kernel's buffers of both ends, and the little that waits here.
    expect((sent - read) * rowBytes).toBeLessThan(16 * 1_048_576)
    expect(sent).toBeLessThan(20_000)
    expect(Math.max(...taken) * rowBytes).toBeLessThan(1_048_576)
  })

  it('fails with the problem of a test when the way in fails', async () => {
    const outcome = await queryMysql(config(await freePort(), 'clear'), query)
    expectQueryProblem(outcome, { code: 'CONNECTION_REFUSED', fields: ['host', 'port'] }, { by: 'REAL_SERVER' })
  })
})
