import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import { proves } from '../../proofs/proves.ts'
import type { Behaviour } from '../../servers/hostile-postgres.ts'
import {
  announcing,
  complete,
  dataRow,
  errorResponse,
  message,
  notice,
  notification,
  parameter,
  ready,
  rowDescription,
} from '../../servers/hostile-postgres-messages.ts'
import { expectFailure } from './expectations.ts'
import { type Line, queryHostile, testHostile, wordsOf } from './hostile-run.ts'

/** The same message without end, as fast as it is taken; `first` once before. */
const flood =
  (each: Buffer, first: Buffer = Buffer.alloc(0)): Behaviour =>
  async peer => {
    const many = Buffer.concat(Array.from({ length: Math.ceil(65_536 / each.length) }, () => each))
    await peer.send(first)
    while (!peer.closed) await peer.send(many)
  }

const column = rowDescription([{ name: 'n' }])
const noColumns = rowDescription([])

describe('a hostile PostgreSQL server that never stops', () => {
  it.concurrent.each<[string, string, StepKey, Behaviour]>([
    ['notices while signing in', 'PARAMETERS', 'SIGN_IN', flood(notice('psst'))],
    ['parameters', 'PARAMETERS', 'SIGN_IN', flood(parameter('server_version', '18.4'))],
    ['notifications', 'PARAMETERS', 'SIGN_IN', flood(notification('psst'))],
    ['empty notifications', 'BEGIN', 'OPEN', flood(notification(''))],
    ['notices while working', 'OPEN', 'OPEN', flood(notice('psst'))],
    ['parameters while working', 'READ', 'READ', flood(parameter('a', 'b'))],
    ['rows', 'OPEN', 'OPEN', flood(dataRow(['x'.repeat(1_000)]), column)],
    ['tiny rows', 'OPEN', 'OPEN', flood(dataRow([null]), column)],
    ['rows without columns', 'OPEN', 'OPEN', flood(dataRow([]), noColumns)],
    ['descriptions of rows', 'OPEN', 'OPEN', flood(column)],
    ['results', 'OPEN', 'OPEN', flood(Buffer.concat([column, dataRow(['1']), complete('SELECT 1')]))],
    ['suspended portals', 'CANDIDATES_ROWS', 'READ', flood(message('s'))],
    ['empty queries', 'OPEN', 'OPEN', flood(message('I'))],
  ])('sends %s: it is stopped', async (_, stage, step, behaviour) => {
    const { reports } = await testHostile({ at: { [stage]: behaviour }, budgetMs: 10_000 })
    expectFailure(reports, step, 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, step)).toContain('it sent more than 16 MB where a few kilobytes are expected')
    proves('POSTGRES', 'PROTOCOL_VIOLATION', 'DOUBLE')
  })

  it('sends ReadyForQuery for ever: what nobody asked is no answer', async () => {
    const { reports } = await testHostile({ at: { BEGIN: flood(ready()) }, budgetMs: 10_000 })
    expectFailure(reports, 'OPEN', 'PROTOCOL_VIOLATION')
  })

  it.concurrent.each(['clear', 'TLS'] as const)(
    'sends a notice every 20 ms: the step ends at its budget (%s)',
    async (line: Line) => {
      const { reports } = await testHostile({
        line,
        at: {
          OPEN: async peer => {
            while (!peer.closed) {
              await peer.send(notice('still thinking'))
              await delay(20)
            }
          },
        },
      })
      expectFailure(reports, 'OPEN', 'STEP_TIMED_OUT')
      proves('POSTGRES', 'STEP_TIMED_OUT', 'DOUBLE')
    },
  )
})

/** Lengths that are lies: two gigabytes, none at all, fewer than a length has, and a negative one. */
const lengths = { '2 GB': 2 ** 31 - 5, zero: -4, three: -1, negative: -1_000_000 }

describe.each(Object.entries(lengths))('a hostile PostgreSQL server that announces a length of %s', (name, length) => {
  const lie =
    (type: string): Behaviour =>
    async peer =>
      peer.send(announcing(type, length), Buffer.alloc(65_536, 0x41))

  it.concurrent.each(['R', 'E', 'N'])('for a greeting of type %s is not taken for PostgreSQL', async type => {
    const { reports } = await testHostile({ at: { STARTUP: lie(type) } })
    expectFailure(reports, 'GREET', 'WRONG_PROTOCOL')
    proves('POSTGRES', 'WRONG_PROTOCOL', 'DOUBLE')
  })

  it.concurrent.each<[string, string, StepKey]>([
    ['R', 'STARTUP', 'SIGN_IN'],
    ['R', 'SASL_CONTINUE', 'SIGN_IN'],
    ['E', 'SASL_FINAL', 'SIGN_IN'],
    ['S', 'PARAMETERS', 'SIGN_IN'],
    ['K', 'BACKEND_KEY', 'SIGN_IN'],
    ['Z', 'READY', 'SIGN_IN'],
    ['T', 'OPEN', 'OPEN'],
    ['D', 'OPEN', 'OPEN'],
    ['C', 'BEGIN', 'OPEN'],
    ['E', 'READ', 'READ'],
    ['1', 'CANDIDATES', 'READ'],
  ])('for a message of type %s at %s is answered at once in %s', async (type, stage, step) => {
    const { reports } = await testHostile({ line: 'TLS', at: { [stage]: lie(type) }, budgetMs: 5_000 })
    expectFailure(reports, step, 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, step)).toMatch(name === '2 GB' ? /(2047 MB|16 MB)/ : /a length that does not exist/)
    expect(reports[step]?.durationMs).toBeLessThan(5_000)
  })
})

describe('a hostile PostgreSQL server, asked for a preview', () => {
  it.concurrent.each<[string, Behaviour]>([
    ['rows', flood(dataRow(['x'.repeat(1_000)]))],
    ['empty values', flood(dataRow(['']))],
    ['notices', flood(notice('psst'))],
    ['one value of 2 GB', async peer => peer.send(announcing('D', 2 ** 31 - 5), Buffer.alloc(65_536, 0x41))],
  ])('that sends %s without end gets no further than the limits', async (name, behaviour) => {
    const { outcome } = await queryHostile({ at: { QUERY_ROWS: behaviour } })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'RESULT_TOO_LARGE' } })
    if (name === 'rows') proves('POSTGRES', 'RESULT_TOO_LARGE', 'DOUBLE')
  })

  it('that has more columns than PostgreSQL can have is refused', async () => {
    const many = rowDescription(Array.from({ length: 20_000 }, (_, index) => ({ name: `c${index}` })))
    const { outcome } = await queryHostile({
      at: {
        QUERY: () => Buffer.concat([message('1'), message('2'), many]),
        QUERY_ROWS: () => complete('SELECT 0'),
      },
    })
    expect(outcome).toMatchObject({
      kind: 'PROBLEM',
      problem: { code: 'RESULT_TOO_LARGE', message: expect.stringContaining('1664 columns') },
    })
  })

  it('that names a column with a megabyte is refused', async () => {
    const { outcome } = await queryHostile({
      at: {
        QUERY: () => Buffer.concat([message('1'), message('2'), rowDescription([{ name: 'x'.repeat(1_048_576) }])]),
      },
    })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'PROTOCOL_VIOLATION' } })
  })

  it('that names columns like properties of every object answers with just these columns', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'n', 'n', '']
    const { outcome } = await queryHostile({
      at: {
        QUERY: () => Buffer.concat([message('1'), message('2'), rowDescription(names.map(name => ({ name })))]),
        QUERY_ROWS: () =>
          Buffer.concat([dataRow(names.map((_, index) => `{"polluted":${index}}`)), complete('SELECT 1')]),
      },
    })
    expect(outcome).toMatchObject({
      kind: 'RESULT',
      result: {
        columns: names.map(name => ({ name })),
        rows: [names.map((_, index) => `{"polluted":${index}}`)],
      },
    })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('that breaks off its rows with an error is quoted', async () => {
    const { outcome } = await queryHostile({ at: { QUERY_ROWS: () => errorResponse('XX000', 'gone mad') } })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'UNCLASSIFIED', detail: 'gone mad (XX000)' } })
  })

  it.each<[string, Buffer]>([
    ['has fewer columns than announced', dataRow([])],
    ['has more columns than announced', dataRow(['1', '2'])],
    ['ends in the middle of a value', message('D', Buffer.from([0, 1, 0, 0, 0, 9, 0x61]))],
    // Read field by field it would send the reader back to the same bytes, thousands of times.
    ['has a value of negative length', message('D', Buffer.from([0, 1, 0xff, 0xff, 0xff, 0xf0]))],
    ['has a negative number of columns', message('D', Buffer.from([0xff, 0xff]))],
  ])('whose row %s is not believed', async (_, row) => {
    const { outcome } = await queryHostile({ at: { QUERY_ROWS: () => Buffer.concat([row, complete('SELECT 1')]) } })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'PROTOCOL_VIOLATION' } })
  })

  it('that ignores the beginning of the transaction is not sent the statement', async () => {
    const begun = Buffer.concat([complete('BEGIN'), ready('I')])
    const { outcome, server } = await queryHostile({ at: { BEGIN: () => begun } })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'PROTOCOL_VIOLATION' } })
    expect(server.received.includes('from numbers')).toBe(false)
  })

  it('that falls silent among its rows is left when the reader has waited enough', async () => {
    const { outcome } = await queryHostile({ at: { QUERY_ROWS: () => {} }, budgetMs: 500 })
    expect(outcome).toBe('CANCELLED')
  })
})
