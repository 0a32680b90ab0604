import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import type { Behaviour } from '../../servers/hostile-postgres.ts'
import { expectFailure, expectPass } from './expectations.ts'
import { type Line, testHostile, wordsOf } from './hostile-run.ts'

/** Accepts what is sent and says nothing more. */
const silence: Behaviour = () => {}

/** One byte, then a while later the next. */
const trickle: Behaviour = async (peer, answer) => {
  for (let at = 0; at < answer.length && !peer.closed; at++) {
    await peer.send(answer.subarray(at, at + 1))
    await delay(200)
  }
}

const close: Behaviour = peer => {
  peer.socket.end()
}
const reset: Behaviour = peer => {
  peer.reset()
}
/** Half of the answer, then the end. */
const cut: Behaviour = async (peer, answer) => {
  await peer.send(answer.subarray(0, Math.ceil(answer.length / 2)))
  peer.socket.end()
}

type Stage = readonly [stage: string, lines: readonly Line[], step: StepKey, timeout: ProblemCode]
const both: readonly Line[] = ['clear', 'TLS']

/** Every stage of the conversation, the step that it belongs to and what its silence is called. */
const stages: readonly Stage[] = [
  ['ACCEPT', both, 'GREET', 'NO_GREETING'],
  ['SSL_REQUEST', ['TLS'], 'GREET', 'NO_GREETING'],
  ['HANDSHAKE', ['TLS'], 'SECURE', 'TLS_TIMED_OUT'],
  ['STARTUP', ['clear'], 'GREET', 'NO_GREETING'],
  ['STARTUP', ['TLS'], 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['SASL_CONTINUE', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['SASL_FINAL', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['AUTHENTICATION_OK', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['PARAMETERS', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['BACKEND_KEY', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['READY', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['BEGIN', both, 'OPEN', 'STEP_TIMED_OUT'],
  ['OPEN', both, 'OPEN', 'STEP_TIMED_OUT'],
  ['ROLLBACK', ['clear'], 'OPEN', 'STEP_TIMED_OUT'],
  ['MISSING', ['clear'], 'READ', 'STEP_TIMED_OUT'],
  ['MISSING_ROWS', ['clear'], 'READ', 'STEP_TIMED_OUT'],
  ['CANDIDATES', both, 'READ', 'STEP_TIMED_OUT'],
  ['CANDIDATES_ROWS', both, 'READ', 'STEP_TIMED_OUT'],
  ['SAVEPOINT', ['clear'], 'READ', 'STEP_TIMED_OUT'],
  ['READ', both, 'READ', 'STEP_TIMED_OUT'],
  ['FACTS', both, 'LEAST_PRIVILEGE', 'STEP_TIMED_OUT'],
  ['ROLES_ROWS', ['clear'], 'LEAST_PRIVILEGE', 'STEP_TIMED_OUT'],
]
const cases = stages.flatMap(([stage, lines, step, code]) => lines.map(line => ({ stage, line, step, code })))

function noticedIn(how: string, stage: string, step: StepKey): StepKey {
  // What OPEN wanted to know has been answered by then.
  if (stage === 'ROLLBACK') return 'READ'
  // Half a message is enough to know the protocol by.
  if (how === 'half an answer' && stage === 'STARTUP') return 'SIGN_IN'
  return step
}

describe('a hostile PostgreSQL server', () => {
  it.each(['clear', 'TLS'] as const)('that is not hostile at all passes (%s)', async line => {
    const { reports, server } = await testHostile({ line, budgetMs: 5_000 })
    expect(expectPass(reports)).toEqual(line === 'TLS' ? {} : { SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(reports.SIGN_IN?.evidence).toContainEqual(expect.objectContaining({ value: 'scram-sha-256' }))
    expect(server.connections).toBe(1)
  })

  it.concurrent.each(cases)(
    'that falls silent at $stage is noticed in $step ($line)',
    async ({ stage, line, step, code }) => {
      const { reports } = await testHostile({ line, at: { [stage]: silence } })
      expectFailure(reports, step, code)
      expect(wordsOf(reports, step)).toContain('0.5 s')
      proves('POSTGRES', code, 'DOUBLE')
    },
  )

  it.concurrent.each(cases.filter(({ stage }) => !['ACCEPT', 'SSL_REQUEST', 'HANDSHAKE'].includes(stage)))(
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
  ] as const)('that hangs up with %s is noticed where it does', async (how, behaviour) => {
    for (const { stage, line, step } of cases) {
      // Nothing is sent there of which there would be a half; and a reset at once may fall into CONNECT.
      if (how === 'half an answer' && ['ACCEPT', 'SSL_REQUEST', 'HANDSHAKE'].includes(stage)) continue
      if (how === 'RST' && stage === 'ACCEPT') continue
      const { reports } = await testHostile({ line, at: { [stage]: behaviour }, budgetMs: 3_000 })
      const code = stage === 'HANDSHAKE' ? 'TLS_HANDSHAKE_FAILED' : 'CONNECTION_RESET'
      expectFailure(reports, noticedIn(how, stage, step), code)
      proves('POSTGRES', code, 'DOUBLE')
    }
  })
})
