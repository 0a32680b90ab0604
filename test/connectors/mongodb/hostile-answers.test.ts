import { BSON, type Document, Long } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { Behaviour, Script } from '../../servers/mongo-double.ts'
import { answerTo, head, type MessageOptions, message, opCodes } from '../../servers/mongo-messages.ts'
import { expectFailure } from './expectations.ts'
import { find, queryHostile, testHostile, wordsOf } from './hostile-run.ts'

/** The sound answer in another wrapping. */
const wrapped =
  (options: MessageOptions): Behaviour =>
  ({ request, answer }) =>
    request ? answerTo(request, answer, options) : undefined
/** These bytes where a document is expected. */
const bytes =
  (content: Buffer, options: MessageOptions = {}): Behaviour =>
  ({ request }) =>
    request ? answerTo(request, content, options) : undefined
const said =
  (document: Document): Behaviour =>
  () =>
    document

const broken = {
  'a document that is cut off': Buffer.from(BSON.serialize({ ok: 1, text: 'hello' })).subarray(0, 12),
  'a document of negative length': Buffer.from([0xff, 0xff, 0xff, 0xff, 0]),
  'a document that is longer than its message': Buffer.from([0xff, 0xff, 0, 0, 0x10, 0x61, 0]),
  'a document with a type that does not exist': Buffer.from([13, 0, 0, 0, 0x77, 0x61, 0, 1, 0, 0, 0, 0, 0]),
  'a text of negative length': Buffer.from([17, 0, 0, 0, 2, 0x61, 0, 0xff, 0xff, 0xff, 0xff, 0x62, 0, 0, 0, 0, 0]),
  'no document': Buffer.alloc(0),
} as const

const wrappings: readonly (readonly [what: string, behaviour: Behaviour])[] = [
  ['answers another question', wrapped({ responseTo: 1 })],
  ['answers no question', wrapped({ responseTo: 0 })],
  ['announces 2 GB', wrapped({ length: 2 ** 31 - 1 })],
  ['announces a length of zero', wrapped({ length: 0 })],
  ['announces a negative length', wrapped({ length: -1 })],
  ['announces fewer bytes than a head has', wrapped({ length: 15 })],
  [
    'answers in an operation that does not exist',
    ({ request, answer }) => (request ? message(answer, { responseTo: request.requestId, opCode: 4_242 }) : undefined),
  ],
  [
    'answers in compressed form without having been asked to',
    ({ request }) =>
      request
        ? Buffer.concat([head(25, opCodes.compressed, { responseTo: request.requestId }), Buffer.alloc(9)])
        : undefined,
  ],
  ...Object.entries(broken).map(([what, content]) => [`sends ${what}`, bytes(content)] as const),
]

/** Where each of them may be told. */
const stages: readonly (readonly [stage: string, step: StepKey])[] = [
  ['hello', 'GREET'],
  ['signInHello', 'SIGN_IN'],
  ['saslContinue', 'SIGN_IN'],
  ['listDatabases', 'READ'],
  ['connectionStatus', 'LEAST_PRIVILEGE'],
]
const acceptable = [
  'PROTOCOL_VIOLATION',
  'WRONG_PROTOCOL',
  'CONNECTION_RESET',
  'SIGN_IN_TIMED_OUT',
  'STEP_TIMED_OUT',
  'NO_GREETING',
]

describe('a hostile MongoDB server that breaks the protocol', () => {
  it.concurrent.each(
    stages.flatMap(([stage, step]) => wrappings.map(([what, behaviour]) => ({ stage, step, what, behaviour }))),
  )('and $what at $stage is told so in $step', async ({ stage, step, behaviour }) => {
    const { reports } = await testHostile({ at: { [stage]: behaviour }, budgetMs: 1_500 })
    const code = reports[step]?.problem?.code ?? 'UNCLASSIFIED'
    expect(acceptable, JSON.stringify(reports[step])).toContain(code)
    expectFailure(reports, step, code)
    wordsOf(reports, step)
  })

  it('with checksums that nobody asked for is either understood or told', async () => {
    const checked: Behaviour = ({ request, answer }) => {
      if (!request || request.form === 'LEGACY') return answer
      const whole = answerTo(request, answer, { flags: 1 })
      const withSum = Buffer.concat([whole, Buffer.from([1, 2, 3, 4])])
      withSum.writeInt32LE(withSum.length, 0)
      return withSum
    }
    const { reports } = await testHostile({ at: { listDatabases: checked }, budgetMs: 1_500 })
    expect(['PASSED', 'FAILED', 'WARNING']).toContain(reports.READ?.status)
  })
})

const answers: readonly (readonly [what: string, at: Script, step: StepKey])[] = [
  ['says nothing of itself', { hello: said({ ok: 1 }) }, 'GREET'],
  ['says yes to everything in words', { hello: said({ ismaster: 'yes', ok: 1 }) }, 'GREET'],
  ['does not say whether it has worked', { hello: said({ ismaster: true }) }, 'GREET'],
  ['lists no databases but a text', { listDatabases: said({ databases: 'all', ok: 1 }) }, 'READ'],
  ['lists databases without names', { listDatabases: said({ databases: [{}, null, 5], ok: 1 }) }, 'READ'],
  ['lists nothing', { listDatabases: said({ ok: 1 }) }, 'READ'],
  ['lists collections without a cursor', { listCollections: said({ ok: 1 }) }, 'READ'],
  [
    'lists collections without names',
    { listCollections: said({ cursor: { id: Long.ZERO, ns: 'shop.$cmd', firstBatch: [{}, { name: 5 }] }, ok: 1 }) },
    'READ',
  ],
  ['answers a find without a cursor', { find: said({ ok: 1 }) }, 'READ'],
  [
    'answers a find with a batch that is none',
    { find: said({ cursor: { id: Long.ZERO, ns: 'shop.orders', firstBatch: 5 }, ok: 1 }) },
    'READ',
  ],
  [
    'answers a find with documents that are none',
    { find: said({ cursor: { id: Long.ZERO, ns: 'shop.orders', firstBatch: [5] }, ok: 1 }) },
    'READ',
  ],
]

describe('a hostile MongoDB server, asked what it has', () => {
  it.concurrent.each(answers)('that %s is not believed', async (_, at, step) => {
    const { reports } = await testHostile({ at, budgetMs: 3_000 })
    expect(reports[step]?.status, JSON.stringify(reports[step])).not.toBe('PASSED')
    expect(reports[step]?.problem).not.toBeNull()
    wordsOf(reports, step)
  })

  it('that has names full of what terminals and pages obey is quoted without it', async () => {
    const name = '\u001b[31m<script>alert(1)</script>\u0007\u202e'
    const { reports } = await testHostile({
      data: { shop: { [name]: [{ _id: 1 }] } },
      at: { connectionStatus: () => ({ ok: 0, code: 1, codeName: name, errmsg: `${name} ${'x'.repeat(1_000_000)}` }) },
      budgetMs: 3_000,
    })
    const text = JSON.stringify(reports)
    expect(text).not.toMatch(/\\u001b|\\u0007|\u202e/)
    expect(text.length).toBeLessThan(20_000)
  })

  it.concurrent.each<[string, Document]>([
    ['tiny', { maxBsonObjectSize: 1, maxMessageSizeBytes: 1 }],
    ['huge', { maxBsonObjectSize: 2 ** 31 - 1, maxMessageSizeBytes: 2 ** 31 - 1 }],
    ['negative', { maxBsonObjectSize: -1, maxMessageSizeBytes: -1 }],
    ['texts', { maxBsonObjectSize: 'a', maxMessageSizeBytes: 'b' }],
  ])('whose limits are %s is read all the same, or told', async (_, change) => {
    const { reports } = await testHostile({ hello: () => change, budgetMs: 3_000 })
    const failed = Object.values(reports).filter(({ status }) => status === 'FAILED')
    for (const { problem } of failed) expect(problem?.code).not.toBe('UNCLASSIFIED')
  })
})

describe('a hostile MongoDB server, asked for a preview', () => {
  const batch = (documents: readonly unknown[], change: Document = {}) =>
    said({ cursor: { id: Long.ZERO, ns: 'shop.orders', firstBatch: documents, ...change }, ok: 1 })

  it.concurrent.each<[string, Script]>([
    ['has no cursor', { find: said({ ok: 1 }) }],
    ['has a batch that is none', { find: batch(5 as never) }],
    ['has documents that are none', { find: batch([5, null, 'x']) }],
    ['breaks off in the middle of a document', { find: bytes(broken['a document that is cut off']) }],
    [
      'answers a later batch with another cursor’s',
      {
        find: batch([{ a: 1 }], { id: Long.fromNumber(5) }),
        getMore: said({ cursor: { id: Long.fromNumber(6), ns: 'shop.orders', nextBatch: 7 }, ok: 1 }),
      },
    ],
  ])('that %s is told so', async (_, at) => {
    const { outcome } = await queryHostile({ at })
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: 'PROBLEM' })
    if (outcome !== 'CANCELLED' && outcome.kind === 'PROBLEM') {
      expect(['PROTOCOL_VIOLATION', 'CONNECTION_RESET', 'STATEMENT_CANCELLED']).toContain(outcome.problem.code)
    }
  })

  it('that names another database in its cursor is not led there', async () => {
    const { outcome, server } = await queryHostile({
      at: { find: batch([{ _id: 1 }], { id: Long.fromNumber(5), ns: 'admin.system.users' }) },
      query: find(),
    })
    for (const command of server.commandsNamed('getMore')) expect(command['$db']).toBe('shop')
    expect(outcome).toMatchObject({ kind: 'PROBLEM' })
  })

  it('that gives more documents in a batch than were asked for gives no more rows than the limit', async () => {
    const { outcome } = await queryHostile({
      at: { find: batch(Array.from({ length: 5_000 }, (_, _id) => ({ _id }))) },
      limits: { maxRows: 10, maxBytes: 1_048_576 },
    })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
    if (outcome !== 'CANCELLED' && outcome.kind === 'RESULT') expect(outcome.result.rows).toHaveLength(10)
  })

  it('that has more fields than a table can have columns is told so, or cut', async () => {
    const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, index]))
    const { outcome } = await queryHostile({ at: { find: batch([wide]) } })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    if (outcome.kind === 'RESULT') expect(outcome.result.columns.length).toBeLessThanOrEqual(2_000)
    else expect(outcome.problem.code).toBe('RESULT_TOO_LARGE')
  })

  it('that nests a document a thousand levels deep is survived', async () => {
    let deep: Document = { end: 1 }
    for (let level = 0; level < 1_000; level++) deep = { a: deep }
    const { outcome } = await queryHostile({ at: { find: batch([{ _id: 1, deep }]) } })
    expect(outcome).not.toBe('CANCELLED')
    expect(outcome).toMatchObject({ kind: expect.stringMatching(/RESULT|PROBLEM/) as never })
  })
})
