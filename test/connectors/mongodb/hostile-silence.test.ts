import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import type { Behaviour } from '../../servers/mongo-double.ts'
import { answerTo } from '../../servers/mongo-messages.ts'
import { expectFailure, expectPass, expectQueryProblem } from './expectations.ts'
import { type Line, queryHostile, testHostile, wordsOf } from './hostile-run.ts'

/** Accepts what is sent and says nothing more. */
const silence: Behaviour = () => {}
const bytesOf = ({ request, answer }: Parameters<Behaviour>[0]): Buffer =>
  request ? answerTo(request, answer) : Buffer.alloc(0)

/** One byte, then a while later the next. */
const trickle: Behaviour = async exchange => {
  const bytes = bytesOf(exchange)
  for (let at = 0; at < bytes.length && !exchange.peer.closed; at++) {
    await exchange.peer.send(bytes.subarray(at, at + 1))
    await delay(200)
  }
}

const close: Behaviour = ({ peer }) => {
  peer.socket.end()
}
const reset: Behaviour = ({ peer }) => {
  peer.reset()
}
/** Half of the answer, then the end. */
const cut: Behaviour = async exchange => {
  const bytes = bytesOf(exchange)
  await exchange.peer.send(bytes.subarray(0, Math.ceil(bytes.length / 2)))
  exchange.peer.socket.end()
}

type Stage = readonly [stage: string, lines: readonly Line[], step: StepKey, timeout: ProblemCode]
const both: readonly Line[] = ['clear', 'TLS']

/** Every stage of the conversation, the step that it belongs to and what its silence is called. */
const stages: readonly Stage[] = [
  ['ACCEPT', ['clear'], 'GREET', 'NO_GREETING'],
  ['ACCEPT', ['TLS'], 'SECURE', 'TLS_TIMED_OUT'],
  ['HANDSHAKE', ['TLS'], 'SECURE', 'TLS_TIMED_OUT'],
  ['hello', both, 'GREET', 'NO_GREETING'],
  ['signInHello', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['saslContinue', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['buildInfo', both, 'OPEN', 'STEP_TIMED_OUT'],
  ['listDatabases', both, 'READ', 'STEP_TIMED_OUT'],
  ['listCollections', both, 'READ', 'STEP_TIMED_OUT'],
  ['find', both, 'READ', 'STEP_TIMED_OUT'],
  ['connectionStatus', both, 'LEAST_PRIVILEGE', 'STEP_TIMED_OUT'],
]
const cases = stages.flatMap(([stage, lines, step, code]) => lines.map(line => ({ stage, line, step, code })))

describe('a hostile MongoDB server', () => {
  it.each(['clear', 'TLS'] as const)('that is not hostile at all passes (%s)', async line => {
    const { reports } = await testHostile({ line, budgetMs: 5_000 })
    expect(expectPass(reports)).toEqual(line === 'TLS' ? {} : { SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(JSON.stringify(reports.SIGN_IN?.evidence)).toContain('SCRAM-SHA-256')
  })

  it.concurrent.each(cases)(
    'that falls silent at $stage is noticed in $step ($line)',
    async ({ stage, line, step, code }) => {
      const { reports } = await testHostile({ line, at: { [stage]: silence } })
      expectFailure(reports, step, code)
      expect(wordsOf(reports, step)).toContain('1 s')
    },
  )

  it.concurrent.each(cases.filter(({ stage }) => !['ACCEPT', 'HANDSHAKE'].includes(stage)))(
    'that sends byte by byte at $stage is noticed in $step ($line)',
    async ({ stage, line, step, code }) => {
      const { reports } = await testHostile({ line, at: { [stage]: trickle } })
      expectFailure(reports, step, code)
    },
  )

  it.concurrent.each([
    ['FIN', close],
    ['RST', reset],
    ['half an answer', cut],
  ] as const)('that hangs up with %s is noticed where it does', { timeout: 60_000 }, async (how, behaviour) => {
    for (const { stage, line, step } of cases) {
      // Nothing is sent there of which there would be a half; and a reset at once may fall into CONNECT.
      if (how === 'half an answer' && ['ACCEPT', 'HANDSHAKE'].includes(stage)) continue
      if (how === 'RST' && ['ACCEPT', 'HANDSHAKE'].includes(stage)) continue
      const { reports } = await testHostile({ line, at: { [stage]: behaviour }, budgetMs: 5_000 })
      const isHandshake = step === 'SECURE'
      expectFailure(reports, step, isHandshake ? 'TLS_HANDSHAKE_FAILED' : 'CONNECTION_RESET')
    }
  })

  it.concurrent.each([
    ['is silent', silence],
    ['hangs up', close],
  ])('that %s on the connection that watches it changes nothing that works', async (_, behaviour) => {
    const { reports } = await testHostile({ at: { laterHello: behaviour }, budgetMs: 5_000 })
    expectPass(reports)
  })

  it.concurrent('that is silent to a query without a sign-in is told so as in a test', {
    timeout: 30_000,
  }, async () => {
    // The first connection is that of the probe.
    const silentLater: Behaviour = ({ connection, answer }) => (connection === 0 ? answer : undefined)
    const { outcome } = await queryHostile({
      at: { hello: silentLater },
      change: { auth: { none: true } },
      budgetMs: 20_000,
    })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    expectQueryProblem(outcome, { code: 'STEP_TIMED_OUT' })
  })

  it('that is silent about the goodbye holds nothing up', async () => {
    const { reports } = await testHostile({ at: { endSessions: silence }, budgetMs: 5_000 })
    expectPass(reports)
  })
})
