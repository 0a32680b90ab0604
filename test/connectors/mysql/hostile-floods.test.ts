import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { Behaviour } from '../../servers/hostile-mysql.ts'
import {
  authMore,
  columnCount,
  columnDefinition,
  endOfRows,
  errorPacket,
  ok,
  status,
  textRow,
} from '../../servers/hostile-mysql-packets.ts'
import type { MysqlPeer } from '../../servers/hostile-mysql-peer.ts'
import { expectFailure, expectQueryProblem } from './expectations.ts'
import { type Line, queryHostile, testHostile, wordsOf } from './hostile-run.ts'

const inTransaction = status.AUTOCOMMIT | status.IN_TRANSACTION | status.READ_ONLY
const header = [columnCount(1), columnDefinition({ name: 'n' }), endOfRows(inTransaction)]

/** The same packet without end, each with its number, as fast as it is taken; `first` once before. */
const flood =
  (each: Buffer, ...first: readonly Buffer[]): Behaviour =>
  async peer => {
    await peer.send(peer.frame(...first))
    // Numbers begin again after 256 packets, so that the same bytes can be sent again and again.
    const rounds = Math.ceil(65_536 / (256 * (each.length + 4)))
    const many = peer.frame(...Array.from({ length: 256 * rounds }, () => each))
    while (!peer.closed) await peer.send(many)
  }
/** One row of so many megabytes, really sent as far as anybody takes it. */
const giant =
  (megabytes: number, ...first: readonly Buffer[]): Behaviour =>
  async peer => {
    await peer.send(peer.frame(...first))
    const piece = Buffer.alloc(0xff_ffff, 0x78)
    for (let left = megabytes * 1_048_576; left > 0 && !peer.closed; left -= piece.length)
      await peer.send(peer.frameAnnouncing(piece.length, piece))
  }

describe('a hostile MySQL server that never stops', () => {
  it.each<[string, string, StepKey, Behaviour]>([
    ['rows', 'OPEN', 'OPEN', flood(textRow(['x'.repeat(1_000)]), ...header)],
    ['tiny rows', 'OPEN', 'OPEN', flood(textRow([null]), ...header)],
    ['a row of 2 GB', 'OPEN', 'OPEN', giant(2_048, ...header)],
    ['descriptions of columns', 'OPEN', 'OPEN', flood(columnDefinition({ name: 'n' }), columnCount(4_096))],
    ['OK', 'BEGIN', 'OPEN', flood(ok(inTransaction))],
    ['errors', 'OPEN', 'OPEN', flood(errorPacket(1105, 'and again'))],
    ['questions about the password', 'AUTH_MORE', 'SIGN_IN', flood(authMore(Buffer.from([3])))],
    ['welcomes', 'WELCOME', 'SIGN_IN', flood(ok())],
  ])('sends %s: it is stopped', async (what, stage, step, behaviour) => {
    const { reports } = await testHostile({ at: { [stage]: behaviour }, budgetMs: 10_000 })
    // A question that was answered is answered: what comes after it belongs to the next one.
    const noticed = reports[step]?.status === 'FAILED' ? step : nextOf(step)
    if (what === 'errors') expect(reports[noticed]?.status).toBe('FAILED')
    else expectFailure(reports, noticed, 'PROTOCOL_VIOLATION')
  })

  it.each(['OPEN', 'BEGIN'])('sends rows of thousands of columns at %s: none of them is kept', async stage => {
    const names = Array.from({ length: 4_096 }, (_, index) => columnDefinition({ name: `n${index}` }))
    const wide = [columnCount(names.length), ...names, endOfRows(inTransaction)]
    const at = { [stage]: flood(textRow(names.map(() => null)), ...wide) }
    const { reports } = await testHostile({ at, budgetMs: 10_000 })
    expectFailure(reports, 'OPEN', 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, 'OPEN')).toMatch(/other columns than were asked for/)
  })

  it.concurrent.each(['clear', 'TLS'] as const)(
    'sends a byte every 20 ms: the step ends at its budget (%s)',
    async (line: Line) => {
      const { reports } = await testHostile({
        line,
        at: {
          OPEN: async peer => {
            for (const byte of peer.frame(...header)) {
              if (peer.closed) return
              await peer.send(Buffer.from([byte]))
              await delay(20)
            }
          },
        },
      })
      expectFailure(reports, 'OPEN', 'STEP_TIMED_OUT')
    },
  )
})

const nextOf = (step: StepKey): StepKey => (step === 'SIGN_IN' ? 'OPEN' : 'READ')

/** Lengths that are lies: of the most that a packet can have, of nothing, and of less than there is. */
const lengths = { 'sixteen megabytes': 0xff_ffff, 'ten megabytes': 10_485_760, nothing: 0 }

describe.each(Object.entries(lengths))('a hostile MySQL server that announces a length of %s', (_, length) => {
  const lie: Behaviour = async (peer: MysqlPeer) => {
    await peer.send(peer.frameAnnouncing(length), Buffer.alloc(65_536, 0x41))
  }

  it('for a greeting is not taken for MySQL', async () => {
    const { reports } = await testHostile({ at: { GREETING: lie }, budgetMs: 2_000 })
    expectFailure(reports, 'GREET', 'WRONG_PROTOCOL')
  })

  it.concurrent.each<[string, StepKey]>([
    ['AUTH_MORE', 'SIGN_IN'],
    ['WELCOME', 'SIGN_IN'],
    ['WHO', 'SIGN_IN'],
    ['BEGIN', 'OPEN'],
    ['OPEN', 'OPEN'],
    ['CANDIDATES', 'READ'],
    ['READ', 'READ'],
  ])('at %s is answered at once in %s', async (stage, step) => {
    const { reports } = await testHostile({ line: 'TLS', at: { [stage]: lie }, budgetMs: 5_000 })
    expectFailure(reports, step, 'PROTOCOL_VIOLATION')
    expect(wordsOf(reports, step)).toMatch(/a message of \d+ MB|malformed|order/)
    expect(reports[step]?.durationMs).toBeLessThan(5_000)
  })
})

describe('a hostile MySQL server, asked for a preview', () => {
  const limits = { maxRows: 20_000, maxBytes: 1_048_576 }

  it.each<[string, Behaviour]>([
    ['rows', flood(textRow(['x'.repeat(1_000)]), ...header)],
    ['empty values', flood(textRow(['']), ...header)],
    ['nulls', flood(textRow([null]), ...header)],
  ])('that sends %s without end gets no further than the limits', async (_, behaviour) => {
    const { outcome } = await queryHostile({ at: { QUERY: behaviour }, limits })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
  })

  it('that sends one row of 2 GB is stopped', async () => {
    const { outcome } = await queryHostile({ at: { QUERY: giant(2_048, ...header) }, limits })
    if (outcome === 'CANCELLED') throw new Error('It was not stopped.')
    expectQueryProblem(outcome, { code: 'RESULT_TOO_LARGE' })
  })

  it('that names columns like properties of every object answers with just these columns', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'n', 'n', '']
    const { outcome } = await queryHostile({
      at: {
        QUERY: () => [
          columnCount(names.length),
          ...names.map(name => columnDefinition({ name })),
          endOfRows(inTransaction),
          textRow(names.map((_, index) => `{"polluted":${index}}`)),
          endOfRows(inTransaction),
        ],
      },
    })
    expect(outcome).toMatchObject({
      kind: 'RESULT',
      result: { columns: names.map(name => ({ name })), rows: [names.map((_, index) => `{"polluted":${index}}`)] },
    })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('that breaks off its rows with an error is quoted', async () => {
    const { outcome } = await queryHostile({
      at: { QUERY: () => [...header, textRow(['a']), errorPacket(5_999, 'gone mad')] },
    })
    if (outcome === 'CANCELLED') throw new Error('It was not answered.')
    expectQueryProblem(outcome, { code: 'UNCLASSIFIED', detail: 'gone mad (5999)' })
  })

  it.each<[string, Buffer]>([
    ['has fewer columns than announced', Buffer.alloc(0)],
    ['has more columns than announced', textRow(['1', '2'])],
    ['ends in the middle of a value', Buffer.from([9, 0x61])],
    ['has a value of a length that no number holds', Buffer.alloc(9, 0xff).fill(0xfe, 0, 1)],
  ])('whose row %s is not believed', async (_, row) => {
    const { outcome } = await queryHostile({ at: { QUERY: () => [...header, row, endOfRows()] } })
    if (outcome === 'CANCELLED') throw new Error('It was not answered.')
    expectQueryProblem(outcome, { code: 'PROTOCOL_VIOLATION' })
  })

  it.each<[string, string, Buffer]>([
    ['the beginning of the transaction', 'BEGIN', ok(status.AUTOCOMMIT)],
    ['the fence of the session', 'FENCED', errorPacket(1064, 'what?', '42000')],
  ])('that ignores %s is not sent the statement', async (_, stage, answer) => {
    const { outcome, server } = await queryHostile({ at: { [stage]: () => answer } })
    expect(outcome).toMatchObject({ kind: 'PROBLEM' })
    expect(server.statements.join('\n')).not.toContain('from numbers')
  })

  it('that falls silent among its rows is left, and told to stop, when the reader has waited enough', async () => {
    const silent: Behaviour = async peer => {
      await peer.send(peer.frame(...header, textRow(['a'])))
    }
    const { outcome, server } = await queryHostile({ at: { QUERY: silent }, budgetMs: 500 })
    expect(outcome).toBe('CANCELLED')
    expect(server.kills).toEqual([101])
  })
})
