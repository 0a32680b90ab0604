import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type Behaviour, resultOf, type Script } from '../../servers/hostile-mysql.ts'
import {
  columnCount,
  columnDefinition,
  columnType,
  endOfRows,
  errorPacket,
  localInfile,
  ok,
  packets,
  status,
  textRow,
  type Value,
} from '../../servers/hostile-mysql-packets.ts'
import { expectFailure } from './expectations.ts'
import { queryHostile, testHostile, wordsOf } from './hostile-run.ts'

const inTransaction = status.AUTOCOMMIT | status.IN_TRANSACTION | status.READ_ONLY
/** A whole answer: these columns and rows. */
const table =
  (columns: readonly string[], ...rows: readonly (readonly Value[])[]): Behaviour =>
  () =>
    resultOf({ stage: '', columns: columns.map(name => ({ name })), rows }, inTransaction)
const send =
  (...payloads: readonly Buffer[]): Behaviour =>
  () =>
    payloads
/** Sends this and says nothing more. */
const only =
  (...payloads: readonly Buffer[]): Behaviour =>
  async peer => {
    await peer.send(peer.frame(...payloads))
  }
const openColumns = ['database', 'version', 'comment', 'charset']
const header = [columnCount(1), columnDefinition({ name: 'n' }), endOfRows(inTransaction)]

type Case = readonly [what: string, at: Script, step: StepKey, words: RegExp]
const violations: readonly Case[] = [
  ['is in no transaction after its beginning', { BEGIN: send(ok(status.AUTOCOMMIT)) }, 'OPEN', /and is in none/],
  [
    'is in a transaction that may write',
    { BEGIN: send(ok(status.AUTOCOMMIT | status.IN_TRANSACTION)) },
    'OPEN',
    /and is in none/,
  ],
  [
    'only says that the session is read-only',
    { FENCED: table(['Variable_name', 'Value'], ['transaction_read_only', 'OFF']) },
    'OPEN',
    /has not made it one/,
  ],
  ['knows no setting for it', { FENCED: table(['Variable_name', 'Value']) }, 'OPEN', /has not made it one/],
  ['does not say what it opened', { OPEN: table(openColumns) }, 'OPEN', /which database/],
  [
    'answers with null',
    { OPEN: table(openColumns, ['shop', null, null, null]) },
    'OPEN',
    /no usable value for "version"/,
  ],
  ['answers with other columns', { OPEN: table(['toString'], ['x']) }, 'OPEN', /other columns than were asked for/],
  ['says OK where rows belong', { OPEN: send(ok(inTransaction)) }, 'OPEN', /other columns than were asked for/],
  ['asks for a file of ours', { OPEN: only(localInfile('/etc/passwd')) }, 'OPEN', /asked for a file of the client/],
  [
    'asks for a file in answer to the transaction',
    { BEGIN: only(localInfile('/proc/self/environ')) },
    'OPEN',
    /asked for a file of the client/,
  ],
  [
    'asks for a file instead of its rows',
    { OPEN: only(...header, localInfile('/etc/passwd')) },
    'OPEN',
    /malformed|another number/,
  ],
  [
    'has a second result',
    { OPEN: only(...header.slice(0, 2), endOfRows(inTransaction | status.MORE_RESULTS)) },
    'OPEN',
    /further results/,
  ],
  [
    'has a second result after OK',
    { BEGIN: only(ok(inTransaction | status.MORE_RESULTS), ok()) },
    'OPEN',
    /further results/,
  ],
  [
    'says something unasked',
    { BEGIN: only(ok(inTransaction), ok(inTransaction)) },
    'OPEN',
    /nobody had asked for|wrong order/,
  ],
  ['has no columns and goes on', { OPEN: only(Buffer.from([0xfc, 0, 0])) }, 'OPEN', /malformed/],
  ['has a million columns', { OPEN: only(columnCount(1_000_000)) }, 'OPEN', /malformed/],
  ['has more columns than a number holds', { OPEN: only(Buffer.alloc(9, 0xfe)) }, 'OPEN', /malformed/],
  ['describes a column that is cut off', { OPEN: only(columnCount(1), Buffer.from([3, 0x64])) }, 'OPEN', /malformed/],
  [
    'describes a column with a megabyte',
    { OPEN: only(columnCount(1), columnDefinition({ name: 'x'.repeat(1_100_000) })) },
    'OPEN',
    /a message of 1 MB/,
  ],
  ['sends rows before their columns end', { OPEN: only(...header.slice(0, 2), textRow(['a'])) }, 'OPEN', /malformed/],
  [
    'sends rows that are too short',
    { OPEN: only(...header, Buffer.alloc(0)) },
    'OPEN',
    /another number of columns|malformed/,
  ],
  ['sends rows that are too long', { OPEN: only(...header, textRow(['a', 'b'])) }, 'OPEN', /another number of columns/],
  [
    'sends a value beyond its packet',
    { OPEN: only(...header, Buffer.from([0xfd, 0xff, 0xff, 0xff])) },
    'OPEN',
    /malformed/,
  ],
  [
    'sends a value of sixteen million terabytes',
    { OPEN: only(...header, Buffer.alloc(9, 0xff).fill(0xfe, 0, 1)) },
    'OPEN',
    /malformed/,
  ],
  [
    'numbers its packets from the start',
    { OPEN: async peer => peer.send(packets(0, ok())) },
    'OPEN',
    /nobody had asked for|wrong order/,
  ],
  [
    'numbers its packets twice',
    { OPEN: async peer => peer.send(packets(1, header[0] ?? ok()), packets(1, header[1] ?? ok())) },
    'OPEN',
    /wrong order/,
  ],
  ['is cut off in an OK', { BEGIN: only(Buffer.from([0, 0])) }, 'OPEN', /malformed/],
  ['is cut off in an error', { OPEN: only(Buffer.from([0xff])) }, 'OPEN', /malformed/],
  [
    'has more tables than were asked for',
    {
      CANDIDATES: table(['TABLE_SCHEMA', 'TABLE_NAME'], ...Array.from({ length: 6_000 }, () => ['a', 'b'])),
    },
    'READ',
    /more rows than were asked for/,
  ],
  [
    'has a table without a name',
    { CANDIDATES: table(['s', 'n'], ['shop', null]) },
    'READ',
    /no usable value for "name"/,
  ],
  ['has read a negative number of rows', { READ: table(['n'], ['-1']) }, 'READ', /neither one row nor none/],
  ['has read a number of rows that is none', { READ: table(['n'], ['many']) }, 'READ', /no usable value for "rows"/],
  ['has read more rows than one', { READ: table(['n'], ['9007199254740993']) }, 'READ', /"rows"/],
]

describe('a hostile MySQL server, asked what it has', () => {
  it.concurrent.each(violations)('that %s is told as it is', async (_, at, step, words) => {
    const { reports } = await testHostile({ at, budgetMs: 5_000 })
    expectFailure(reports, step, 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, step)).toMatch(words)
    expect(reports[step]?.problem).toMatchObject({ fields: ['host', 'port'], retryable: false, origin: 'SOURCE' })
  })

  it('that opens another database lets the reader see it', async () => {
    const at = { OPEN: table(openColumns, ['other', '8.4.6', null, null]) }
    const { reports } = await testHostile({ at, change: { database: 'shop' }, budgetMs: 5_000 })
    expect(reports.OPEN?.evidence).toContainEqual(expect.objectContaining({ label: 'Database', value: 'other' }))
  })

  it('that gives its texts types of their own is read as text', async () => {
    for (const type of Object.values(columnType)) {
      const columns = openColumns.map(name => ({ name, type, flags: 0xffff, charset: 63 }))
      const at = {
        OPEN: () => resultOf({ stage: '', columns, rows: [['shop', '8'.repeat(1_000), null, 'x']] }, inTransaction),
      }
      const { reports } = await testHostile({ at, budgetMs: 5_000 })
      expect(reports.OPEN?.status, String(type)).toBe('PASSED')
    }
  })

  it('that names columns like properties of every object changes none', async () => {
    const at = { OPEN: table(['__proto__', 'constructor', 'toString', 'charset'], ['{"polluted":1}', '8', null, null]) }
    const { reports } = await testHostile({ at, budgetMs: 5_000 })
    expect(reports.OPEN?.status).toBe('PASSED')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('about rights, and that refuses to say, is not believed: nothing is measured', async () => {
    const at = { GRANTS: send(errorPacket(1142, 'not for you', '42000')) }
    const { reports } = await testHostile({ at, budgetMs: 5_000 })
    expect(reports.READ?.status).toBe('PASSED')
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'SKIPPED', problem: { code: 'PRIVILEGES_UNKNOWN' } })
  })
})

const controls = '\u001b[2J\u001b]0;title\u0007\u202eevil\u2066\u061c\u2028'
const texts: readonly (readonly [what: string, text: Buffer | string, code: ProblemCode, detail: RegExp])[] = [
  ['escapes of terminals and directions', controls, 'UNCLASSIFIED', /evil/],
  ['markup', '<img src=x onerror=alert(1)>', 'UNCLASSIFIED', /<img/],
  ['bytes that are no text', Buffer.from([0x61, 0xff, 0xfe, 0xc0, 0x80, 0x62]), 'UNCLASSIFIED', /a.*b/],
  ['half a character at its cut', `${'x'.repeat(279)}😀😀`, 'UNCLASSIFIED', /^x+/],
  ['sixty kilobytes', 'y'.repeat(60_000), 'UNCLASSIFIED', /^y+/],
  ['nothing', '', 'UNCLASSIFIED', /./],
]

describe('the words of a hostile MySQL server', () => {
  it.concurrent.each(texts)('with %s reach the reader clean and short', async (_, text, code, detail) => {
    const { reports } = await testHostile({ at: { OPEN: send(errorPacket(5_999, text)) }, budgetMs: 5_000 })
    const quoted = expectFailure(reports, 'OPEN', code).detail ?? ''
    expect(quoted).toMatch(detail)
    expect(quoted.length).toBeLessThanOrEqual(300)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the claim.
    expect(quoted).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/)
    expect(quoted.isWellFormed()).toBe(true)
  })

  it('that are longer than any message are refused before they are read', async () => {
    const { reports } = await testHostile({
      at: {
        OPEN: async peer => {
          await peer.send(peer.frame(errorPacket(1105, 'z'.repeat(64 * 1_048_576))))
        },
      },
      budgetMs: 10_000,
    })
    expectFailure(reports, 'OPEN', 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, 'OPEN')).toContain('a message of 15 MB')
  })
})

describe('a hostile MySQL server that falls silent once it has answered', () => {
  it('with an error has its error told, not its silence', async () => {
    const failing = { OPEN: send(errorPacket(5_999, 'gone mad')), ROLLBACK: () => {} }
    const { reports } = await testHostile({ at: failing, budgetMs: 5_000 })
    expect(expectFailure(reports, 'OPEN', 'UNCLASSIFIED').detail).toBe('gone mad (5999)')
    const { outcome } = await queryHostile({
      at: { QUERY: send(errorPacket(1146, 'no such thing', '42S02')), ROLLBACK: () => {} },
    })
    expect(outcome).toMatchObject({
      kind: 'PROBLEM',
      problem: { code: 'OBJECT_NOT_FOUND', detail: 'no such thing' },
    })
  })

  it('with rows has its rows told, although it does not end', async () => {
    const { outcome } = await queryHostile({ at: { ROLLBACK: () => {} } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['one'], ['two']] } })
  })
})
