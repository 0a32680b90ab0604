import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import type { Behaviour } from '../../servers/hostile-mysql.ts'
import { expectFailure, expectPass } from './expectations.ts'
import { ann, type Line, testHostile, wordsOf } from './hostile-run.ts'

/** Accepts what is sent and says nothing more. */
const silence: Behaviour = () => {}

/** One byte, then a while later the next. */
const trickle: Behaviour = async (peer, answer) => {
  const bytes = peer.frame(...answer)
  for (let at = 0; at < bytes.length && !peer.closed; at++) {
    await peer.send(bytes.subarray(at, at + 1))
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
  const bytes = peer.frame(...answer)
  await peer.send(bytes.subarray(0, Math.ceil(bytes.length / 2)))
  peer.socket.end()
}

type Stage = readonly [stage: string, lines: readonly Line[], step: StepKey, timeout: ProblemCode]
const both: readonly Line[] = ['clear', 'TLS']

/** Every stage of the conversation, the step that it belongs to and what its silence is called. */
const stages: readonly Stage[] = [
  ['GREETING', both, 'GREET', 'NO_GREETING'],
  ['HANDSHAKE', ['TLS'], 'SECURE', 'TLS_TIMED_OUT'],
  ['AUTH_SWITCH', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['AUTH_MORE', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['WELCOME', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['WHO', both, 'SIGN_IN', 'SIGN_IN_TIMED_OUT'],
  ['LIMIT', ['clear'], 'OPEN', 'STEP_TIMED_OUT'],
  ['FENCE', ['clear'], 'OPEN', 'STEP_TIMED_OUT'],
  ['FENCED', ['clear'], 'OPEN', 'STEP_TIMED_OUT'],
  ['BEGIN', both, 'OPEN', 'STEP_TIMED_OUT'],
  ['USE', ['clear'], 'OPEN', 'STEP_TIMED_OUT'],
  ['OPEN', both, 'OPEN', 'STEP_TIMED_OUT'],
  ['ROLE', ['clear'], 'OPEN', 'STEP_TIMED_OUT'],
  ['CANDIDATES', both, 'READ', 'STEP_TIMED_OUT'],
  ['COLUMN', ['clear'], 'READ', 'STEP_TIMED_OUT'],
  ['READ', both, 'READ', 'STEP_TIMED_OUT'],
  ['GRANTS', both, 'LEAST_PRIVILEGE', 'STEP_TIMED_OUT'],
  ['ROUTINES', ['clear'], 'LEAST_PRIVILEGE', 'STEP_TIMED_OUT'],
]
const cases = stages.flatMap(([stage, lines, step, code]) => lines.map(line => ({ stage, line, step, code })))
/** The double switches only where the server begins with another plugin than the account's. */
const optionsFor = (stage: string) =>
  stage === 'AUTH_SWITCH'
    ? { defaultPlugin: 'mysql_native_password', account: ann }
    : { change: stage === 'USE' ? { database: 'shop' } : {} }
const hasNothingToSend = (stage: string) => stage === 'HANDSHAKE'

describe('a hostile MySQL server', () => {
  it.each(['clear', 'TLS'] as const)('that is not hostile at all passes (%s)', async line => {
    for (const version of ['8.4.6', '8.0.15', '5.7.44-log', '5.5.5-10.11.19-MariaDB-0+deb12u1', '11.8.2-MariaDB']) {
      const { reports, server } = await testHostile({ line, version, budgetMs: 5_000 })
      expect(expectPass(reports), version).toEqual(line === 'TLS' ? {} : { SECURE: 'CONNECTION_NOT_ENCRYPTED' })
      expect(server.connections).toBe(1)
      expect(server.logins).toHaveLength(1)
    }
  })

  it.concurrent.each(cases)(
    'that falls silent at $stage is noticed in $step ($line)',
    async ({ stage, line, step, code }) => {
      const { reports } = await testHostile({ line, at: { [stage]: silence }, ...optionsFor(stage) })
      expectFailure(reports, step, code)
      expect(wordsOf(reports, step)).toContain('0.5 s')
    },
  )

  it.concurrent.each(cases.filter(({ stage }) => !hasNothingToSend(stage)))(
    'that sends byte by byte at $stage is noticed in $step ($line)',
    async ({ stage, line, step, code }) => {
      const { reports } = await testHostile({ line, at: { [stage]: trickle }, ...optionsFor(stage) })
      expectFailure(reports, step, code)
    },
  )

  it.concurrent.each([
    ['FIN', close],
    ['RST', reset],
    ['half an answer', cut],
  ] as const)('that hangs up with %s is noticed where it does', async (how, behaviour) => {
    for (const { stage, line, step } of cases) {
      if (how === 'half an answer' && hasNothingToSend(stage)) continue
      // A reset at once may fall into CONNECT.
      if (how === 'RST' && stage === 'GREETING') continue
      const { reports } = await testHostile({ line, at: { [stage]: behaviour }, ...optionsFor(stage), budgetMs: 3_000 })
      expectFailure(reports, step, stage === 'HANDSHAKE' ? 'TLS_HANDSHAKE_FAILED' : 'CONNECTION_RESET')
    }
  })
})
