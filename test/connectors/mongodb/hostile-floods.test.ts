import { BSON, type Document, Long } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { Behaviour } from '../../servers/mongo-double.ts'
import { answerTo, message } from '../../servers/mongo-messages.ts'
import { expectFailure, expectQueryProblem } from './expectations.ts'
import { queryHostile, testHostile, wordsOf } from './hostile-run.ts'

const megabyte = Buffer.alloc(1_048_576, 0x78)

/** A message that announces so many megabytes, really sent as far as anybody takes them. */
const huge =
  (megabytes: number): Behaviour =>
  async ({ peer, request }) => {
    if (!request) return
    await peer.send(answerTo(request, Buffer.alloc(0), { length: megabytes * 1_048_576 }))
    for (let sent = 0; sent < megabytes && !peer.closed; sent++) await peer.send(megabyte)
  }

/** Messages that answer nothing, as fast as they are taken. */
const flood =
  (document: Document): Behaviour =>
  async ({ peer }) => {
    const many = Buffer.concat(Array.from({ length: 500 }, () => message(document, { responseTo: 4_711 })))
    while (!peer.closed) await peer.send(many)
  }

/** More and more of the same answer, each saying that another one follows. */
const moreToCome: Behaviour = async ({ peer, request, answer }) => {
  if (!request) return undefined
  if (request.form === 'LEGACY') return answer
  const one = answerTo(request, answer, { flags: 2 })
  while (!peer.closed) await peer.send(one)
  return undefined
}

const stages: readonly (readonly [stage: string, step: StepKey])[] = [
  ['hello', 'GREET'],
  ['saslContinue', 'SIGN_IN'],
  ['listDatabases', 'READ'],
  ['find', 'READ'],
  ['connectionStatus', 'LEAST_PRIVILEGE'],
]
const stopped = [
  'PROTOCOL_VIOLATION',
  'WRONG_PROTOCOL',
  'CONNECTION_RESET',
  'STEP_TIMED_OUT',
  'SIGN_IN_TIMED_OUT',
  'NO_GREETING',
]

describe('a hostile MongoDB server that never stops', () => {
  it.concurrent.each(
    stages.flatMap(([stage, step]) =>
      (
        [
          ['one message of 2 GB', huge(2_047)],
          ['one message of 60 MB', huge(60)],
          ['answers to nothing', flood({ ok: 1 })],
          ['the same answer for ever', moreToCome],
        ] as const
      ).map(([what, behaviour]) => ({ stage, step, what, behaviour })),
    ),
  )('and sends $what at $stage is stopped in $step', { timeout: 60_000 }, async ({ stage, step, what, behaviour }) => {
    const { reports } = await testHostile({ at: { [stage]: behaviour }, budgetMs: 4_000 })
    // The answer itself is sound, and what follows nobody waits for.
    if (what === 'the same answer for ever' && reports[step]?.status !== 'FAILED') return
    const code = reports[step]?.problem?.code ?? 'UNCLASSIFIED'
    expect(stopped, JSON.stringify(reports[step])).toContain(code)
    expectFailure(reports, step, code)
    wordsOf(reports, step)
  })

  it.concurrent.each<[string, string, Document, StepKey]>([
    [
      'databases',
      'listDatabases',
      { databases: Array.from({ length: 100_000 }, (_, index) => ({ name: `d${index}` })), ok: 1 },
      'READ',
    ],
    [
      'collections',
      'listCollections',
      {
        cursor: {
          id: Long.ZERO,
          ns: 'shop.$cmd.listCollections',
          firstBatch: Array.from({ length: 100_000 }, (_, index) => ({ name: `c${index}`, type: 'collection' })),
        },
        ok: 1,
      },
      'READ',
    ],
  ])('with a hundred thousand %s is done within its budget, and tries only some', async (_, stage, answer, step) => {
    const { reports, server } = await testHostile({ at: { [stage]: () => answer }, budgetMs: 6_000 })
    expect(['PASSED', 'WARNING', 'FAILED']).toContain(reports[step]?.status)
    expect(server.commands.length).toBeLessThan(300)
    expect(JSON.stringify(reports).length).toBeLessThan(50_000)
  })

  it('with collections without end is left', async () => {
    const page = (name: string) => () => ({
      cursor: { id: Long.fromNumber(77), ns: 'shop.$cmd.listCollections', [name]: [{ name: 'c', type: 'collection' }] },
      ok: 1,
    })
    const { reports, server } = await testHostile({
      at: { listCollections: page('firstBatch'), getMore: page('nextBatch') },
      budgetMs: 2_000,
    })
    expect(reports.READ?.status).not.toBe('RUNNING')
    expect(server.commandsNamed('getMore').length).toBeLessThan(5_000)
  })
})

describe('a hostile MongoDB server, asked for a preview without end', () => {
  const endless = (document: Document) => ({
    shop: {
      orders: function* () {
        for (;;) yield document
      },
    },
  })

  it.concurrent.each<[string, Document]>([
    ['small documents', { a: 1 }],
    ['empty documents', {}],
    ['documents of 1 MB', { a: 'x'.repeat(1_048_576) }],
  ])('gets no further than the limits with %s', { timeout: 60_000 }, async (_, document) => {
    const { outcome, server } = await queryHostile({ data: endless(document), budgetMs: 20_000 })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    if (outcome.kind === 'RESULT') {
      expect(outcome.result.truncated).toBe(true)
      expect(outcome.result.rows.length).toBeLessThanOrEqual(100)
    } else {
      expect(outcome.problem.code).toBe('RESULT_TOO_LARGE')
    }
    expect(server.openCursors).toBe(0)
  })

  it('that sends a document larger than MongoDB can have is told so', async () => {
    const { outcome } = await queryHostile({ at: { find: huge(60) }, budgetMs: 20_000 })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    expect(['RESULT_TOO_LARGE', 'PROTOCOL_VIOLATION', 'CONNECTION_RESET']).toContain(
      outcome.kind === 'PROBLEM' && outcome.problem.code,
    )
  })

  it('that sends empty batches for ever is left when its time is over', async () => {
    const cursor = (name: string) => () => ({
      cursor: { id: Long.fromNumber(77), ns: 'shop.orders', [name]: [] },
      ok: 1,
    })
    const { outcome, server } = await queryHostile({
      at: { find: cursor('firstBatch'), getMore: cursor('nextBatch') },
      change: { limits: { statementTimeoutSeconds: 1 } },
      budgetMs: 15_000,
    })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT' })
    expect(server.openConnections).toBe(0)
  })

  it('that sends one value of 20 MB to a preview of 1 MB leaves it out, or says so', async () => {
    const value = { _id: 1, a: 'x'.repeat(15 * 1_048_576) }
    expect(BSON.calculateObjectSize(value)).toBeLessThan(16_777_216)
    const { outcome } = await queryHostile({ data: { shop: { orders: [value] } }, budgetMs: 20_000 })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    if (outcome.kind === 'RESULT') expect(outcome.result).toMatchObject({ rows: [], truncated: true })
    else expect(outcome.problem.code).toBe('RESULT_TOO_LARGE')
  })
})
