import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import type { Behaviour, Script } from '../../servers/hostile-postgres.ts'
import {
  complete,
  dataRow,
  errorResponse,
  message,
  notice,
  ready,
  rowDescription,
  type Value,
} from '../../servers/hostile-postgres-messages.ts'
import { expectFailure } from './expectations.ts'
import { queryHostile, testHostile, wordsOf } from './hostile-run.ts'

/** A whole answer to a simple query: these columns and this row. */
const row =
  (columns: Readonly<Record<string, Value>>, oid = 25): Behaviour =>
  () =>
    Buffer.concat([
      rowDescription(Object.keys(columns).map(name => ({ name, oid }))),
      dataRow(Object.values(columns)),
      complete('SELECT 1'),
      ready('T'),
    ])
/** These rows to a query with parameters, whose columns have been told. */
const rows =
  (...values: readonly (readonly Value[])[]): Behaviour =>
  () =>
    Buffer.concat([...values.map(dataRow), complete(`SELECT ${values.length}`)])
const send =
  (...parts: readonly Buffer[]): Behaviour =>
  () =>
    Buffer.concat(parts)

const open = { database: 'postgres', version: '18.4', recovering: 'f', encoding: 'UTF8' }
const facts = { version: '180004', temp: 't', bypass: 'f', definers: '{}' }
const noAnswer = Buffer.concat([complete('SELECT 0'), ready('T')])

type Case = readonly [what: string, at: Script, step: StepKey, words: RegExp]
const violations: readonly Case[] = [
  ['is in no transaction after BEGIN', { BEGIN: send(complete('BEGIN'), ready('I')) }, 'OPEN', /and is in none/],
  ['is in a failed transaction after BEGIN', { BEGIN: send(complete('BEGIN'), ready('E')) }, 'OPEN', /and is in none/],
  ['does not say which database it opened', { OPEN: send(noAnswer) }, 'OPEN', /which database/],
  ['answers with null', { OPEN: row({ ...open, database: null }) }, 'OPEN', /no usable value for "database"/],
  [
    'answers with other columns',
    { OPEN: row({ toString: 'a', constructor: 'b', __proto__x: 'c' }) },
    'OPEN',
    /no usable value for "database"/,
  ],
  [
    'answers a yes-or-no question with something else',
    { OPEN: row({ ...open, recovering: 'perhaps' }) },
    'OPEN',
    /"recovering"/,
  ],
  [
    'begins a copy out',
    { OPEN: send(message('H', Buffer.from([0, 0, 1, 0, 0]))) },
    'OPEN',
    /a transfer that nobody had asked for/,
  ],
  [
    'begins a copy in',
    { OPEN: send(message('G', Buffer.from([0, 0, 1, 0, 0]))) },
    'OPEN',
    /a transfer that nobody had asked for/,
  ],
  [
    'begins a copy both ways',
    { OPEN: send(message('W', Buffer.from([0, 0, 1, 0, 0]))) },
    'OPEN',
    /a transfer that nobody had asked for/,
  ],
  [
    'answers a function call',
    { OPEN: send(message('V', Buffer.from([0, 0, 0, 0]))) },
    'OPEN',
    /a transfer that nobody had asked for/,
  ],
  [
    'asks for the password again',
    { OPEN: send(message('R', Buffer.from([0, 0, 0, 3]))) },
    'OPEN',
    /a sign-in after the sign-in/,
  ],
  ['sends a row before its columns', { OPEN: send(dataRow(['1'])) }, 'OPEN', /another number of columns/],
  ['describes columns that are cut off', { OPEN: send(message('T', Buffer.from('\0\x02a\0'))) }, 'OPEN', /malformed/],
  ['describes fewer columns than none', { OPEN: send(message('T', Buffer.from([0xff, 0xff]))) }, 'OPEN', /malformed/],
  [
    'describes a column with a megabyte',
    { OPEN: send(rowDescription([{ name: 'x'.repeat(1_100_000) }])) },
    'OPEN',
    /a message of 1 MB/,
  ],
  [
    'sends results between the questions',
    { ROLLBACK: (_, end) => Buffer.concat([end, rowDescription([]), dataRow([])]) },
    'READ',
    /results that nobody had asked for/,
  ],
  [
    'has more candidates than were asked for',
    { CANDIDATES_ROWS: rows(...Array.from({ length: 2_000 }, () => ['a', 'b', 'c'])) },
    'READ',
    /more rows than were asked for/,
  ],
  ['has a candidate without a name', { CANDIDATES_ROWS: rows(['public', null, 'id']) }, 'READ', /"name"/],
  ['has read a negative number of rows', { READ: row({ rows: '-1' }) }, 'READ', /neither one row nor none/],
  ['has read a number of rows that is none', { READ: row({ rows: 'many' }) }, 'READ', /"rows"/],
  ['has read more rows than one', { READ: row({ rows: '9007199254740993' }) }, 'READ', /"rows"/],
]

describe('a hostile PostgreSQL server, asked what it has', () => {
  it.concurrent.each(violations)('that %s is told as it is', async (_, at, step, words) => {
    const { reports } = await testHostile({ at, budgetMs: 5_000 })
    expectFailure(reports, step, 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, step)).toMatch(words)
    expect(reports[step]?.problem).toMatchObject({ fields: ['host', 'port'], retryable: false, origin: 'SOURCE' })
  })

  it('that opens another database lets the reader see it', async () => {
    const { reports } = await testHostile({ at: { OPEN: row({ ...open, database: 'other' }) }, budgetMs: 5_000 })
    expect(reports.OPEN).toMatchObject({
      status: 'PASSED',
      note: 'The server opened a database of another name than the form has.',
    })
    expect(reports.OPEN?.evidence).toContainEqual(expect.objectContaining({ label: 'Database', value: 'other' }))
  })

  it('that gives its texts types of its own is read as text: no parser of a type runs on it', async () => {
    // The driver's parser of timestamps takes the square of a text's length: this would take minutes.
    const at = { OPEN: row({ ...open, version: '1'.repeat(2_000_000) }, 1114) }
    const { reports } = await testHostile({ at, budgetMs: 5_000 })
    expect(reports.OPEN?.status).toBe('PASSED')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })

  it.concurrent.each<[string, Script, RegExp]>([
    ['answers with nulls', { FACTS: row({ ...facts, temp: null }) }, /no usable value for "temp"/],
    ['has a version that is no number', { FACTS: row({ ...facts, version: 'eighteen' }) }, /"version"/],
    ['has a list that is none', { FACTS: row({ ...facts, definers: 'all of them' }) }, /"definers"/],
    ['has a list without a bottom', { FACTS: row({ ...facts, definers: '{'.repeat(1_000_000) }) }, /"definers"/],
    ['says nothing', { FACTS: send(noAnswer) }, /did not say what the account may do/],
    [
      'invents rights',
      { ROLES_ROWS: rows(['GODLIKE', 'everything', null]) },
      /a kind of right that nobody had asked about/,
    ],
    ['refuses to say', { FACTS: send(errorResponse('42501', 'not for you'), ready('E')) }, /not for you/],
  ])('about rights, and that %s, is not believed: nothing is measured', async (_, at, words) => {
    const { reports } = await testHostile({ at, budgetMs: 5_000 })
    expect(reports.READ?.status).toBe('PASSED')
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'SKIPPED', problem: { code: 'PRIVILEGES_UNKNOWN' } })
    expect(reports.LEAST_PRIVILEGE?.problem?.detail).toMatch(words)
    proves('POSTGRES', 'PRIVILEGES_UNKNOWN', 'DOUBLE')
  })

  it('that fills the remedy with megabytes of names gets no statement into it', async () => {
    const names = Array.from({ length: 900 }, (_, index) => [`s${index}${'x'.repeat(1_000)}`, 't', '{}'])
    const at = { ROLES_ROWS: rows(['ROLE_FLAG', 'CREATEDB', null]), READABLE_ROWS: rows(...names) }
    const { reports } = await testHostile({ at, budgetMs: 5_000 })
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'WARNING', problem: { code: 'ACCOUNT_CAN_WRITE' } })
    expect(reports.LEAST_PRIVILEGE?.problem?.remedies.map(({ kind }) => kind)).toEqual(['SET_FIELD', 'REENTER_SECRET'])
    proves('POSTGRES', 'ACCOUNT_CAN_WRITE', 'DOUBLE')
  })
})

const controls = '\u001b[2J\u001b]0;title\u0007\u202eevil\u2066\u061c\u2028\u0000'
const texts: readonly (readonly [what: string, text: Buffer | string, code: ProblemCode, detail: RegExp])[] = [
  ['escapes of terminals and directions', controls.replaceAll('\0', ''), 'UNCLASSIFIED', /evil/],
  ['markup', '<img src=x onerror=alert(1)>', 'UNCLASSIFIED', /<img/],
  ['bytes that are no text', Buffer.from([0x61, 0xff, 0xfe, 0xc0, 0x80, 0x62]), 'UNCLASSIFIED', /a.*b/],
  ['half a character at its cut', `${'x'.repeat(298)}😀😀`, 'UNCLASSIFIED', /^x+/],
  ['seven megabytes', 'y'.repeat(7 * 1_048_576), 'UNCLASSIFIED', /^y+…$/],
  // Looked through as a whole it would take hours.
  ['seven megabytes of what rules look for', 'no pg_hba.conf entry '.repeat(350_000), 'UNCLASSIFIED', /^no pg_hba/],
  ['nothing', '', 'UNCLASSIFIED', /./],
]

describe('a hostile PostgreSQL server that falls silent once it has answered with an error', () => {
  it('has its error told, not its silence', async () => {
    const failing = { OPEN: send(errorResponse('XX000', 'gone mad'), ready('E')), ROLLBACK: () => {} }
    const { reports } = await testHostile({ at: failing, budgetMs: 5_000 })
    expect(expectFailure(reports, 'OPEN', 'UNCLASSIFIED').detail).toBe('gone mad (XX000)')
    const { outcome } = await queryHostile({
      at: { QUERY: send(errorResponse('42P01', 'no such thing')), ROLLBACK: () => {} },
    })
    expect(outcome).toMatchObject({
      kind: 'PROBLEM',
      problem: { code: 'OBJECT_NOT_FOUND', detail: 'no such thing' },
    })
    proves('POSTGRES', 'OBJECT_NOT_FOUND', 'DOUBLE')
  })

  it('has its rows told, although it does not end', async () => {
    const { outcome } = await queryHostile({ at: { ROLLBACK: () => {} } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['one'], ['two']] } })
  })
})

describe('the words of a hostile PostgreSQL server', () => {
  it.concurrent.each(texts)('with %s reach the reader clean and short', async (_, text, code, detail) => {
    const { reports } = await testHostile({
      at: { OPEN: send(errorResponse('XX000', text), ready('E')) },
      budgetMs: 5_000,
    })
    const quoted = expectFailure(reports, 'OPEN', code).detail ?? ''
    expect(quoted).toMatch(detail)
    expect(quoted.length).toBeLessThanOrEqual(300)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the claim.
    expect(quoted).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/)
    expect(quoted.isWellFormed()).toBe(true)
    proves('POSTGRES', code, 'DOUBLE')
  })

  it('that are longer than any message are refused before they are read', async () => {
    const { reports } = await testHostile({
      at: {
        OPEN: async peer => {
          const whole = errorResponse('XX000', 'z'.repeat(64 * 1_048_576))
          await peer.send(whole)
        },
      },
      budgetMs: 10_000,
    })
    expectFailure(reports, 'OPEN', 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, 'OPEN')).toContain('a message of 64 MB')
  })

  it('are not read at all in notices', async () => {
    const { reports } = await testHostile({
      at: { OPEN: (_, answer) => Buffer.concat([notice(controls), answer]) },
      budgetMs: 5_000,
    })
    expect(reports.OPEN?.status).toBe('PASSED')
    expect(JSON.stringify(reports)).not.toContain('evil')
  })
})
