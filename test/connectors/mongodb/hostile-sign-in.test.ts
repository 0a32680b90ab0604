import { Binary, type Document } from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import type { Behaviour, Script } from '../../servers/mongo-double.ts'
import { testMongodb } from '../../servers/mongodb-run.ts'
import { expectFailure } from './expectations.ts'
import { config, find, password, queryHostile, startDouble, testHostile, wordsOf } from './hostile-run.ts'

const textOf = (payload: unknown): string => Buffer.from((payload as Binary).buffer).toString()
const binary = (text: string) => new Binary(Buffer.from(text))

/** Another first message of the server's, where the sign-in comes along with the hello. */
const first =
  (change: (text: string) => string): Behaviour =>
  ({ answer }) => {
    const said = answer['speculativeAuthenticate'] as Document
    return { ...answer, speculativeAuthenticate: { ...said, payload: binary(change(textOf(said['payload']))) } }
  }
/** Another last message. */
const final =
  (change: (answer: Document) => Document): Behaviour =>
  ({ answer }) =>
    change(answer)
const iterations = (count: number | string) => first(text => text.replace(/i=\d+/, `i=${count}`))
const refuse =
  (code: number, codeName: string, errmsg: string): Behaviour =>
  () => ({ ok: 0, code, codeName, errmsg })

const cases: readonly (readonly [what: string, at: Script, codes: readonly ProblemCode[]])[] = [
  ['asks for one iteration', { signInHello: iterations(1) }, ['AUTH_METHOD_UNSUPPORTED', 'PROTOCOL_VIOLATION']],
  ['asks for no iterations', { signInHello: iterations(0) }, ['AUTH_METHOD_UNSUPPORTED', 'PROTOCOL_VIOLATION']],
  [
    'asks for a negative number of iterations',
    { signInHello: iterations(-4096) },
    ['AUTH_METHOD_UNSUPPORTED', 'PROTOCOL_VIOLATION'],
  ],
  [
    'asks for no number of iterations',
    { signInHello: iterations('many') },
    ['AUTH_METHOD_UNSUPPORTED', 'PROTOCOL_VIOLATION'],
  ],
  ['asks for ten million iterations', { signInHello: iterations(10_000_000) }, ['AUTH_METHOD_UNSUPPORTED']],
  ['asks for 2^31 iterations', { signInHello: iterations(2 ** 31) }, ['AUTH_METHOD_UNSUPPORTED']],
  [
    'asks for a number that hides behind another',
    { signInHello: first(text => `${text},i=2147483647`) },
    ['AUTH_METHOD_UNSUPPORTED', 'PROTOCOL_VIOLATION', 'CREDENTIALS_REJECTED'],
  ],
  ['has another nonce', { signInHello: first(text => text.replace(/r=[^,]*/, 'r=stolen')) }, ['PROTOCOL_VIOLATION']],
  ['has no salt', { signInHello: first(text => text.replace(/s=[^,]*,/, '')) }, ['PROTOCOL_VIOLATION']],
  [
    'answers nothing that is SCRAM',
    { signInHello: first(() => 'e=other-error') },
    ['PROTOCOL_VIOLATION', 'CREDENTIALS_REJECTED', 'AUTH_METHOD_UNSUPPORTED'],
  ],
  ['answers nothing at all', { signInHello: first(() => '') }, ['PROTOCOL_VIOLATION', 'AUTH_METHOD_UNSUPPORTED']],
  [
    'has a payload that is no binary',
    {
      signInHello: ({ answer }) => ({
        ...answer,
        speculativeAuthenticate: { conversationId: 1, done: false, payload: 5, ok: 1 },
      }),
    },
    ['PROTOCOL_VIOLATION', 'AUTH_METHOD_UNSUPPORTED'],
  ],
  [
    'has a false signature',
    { saslContinue: final(answer => ({ ...answer, payload: binary(`v=${Buffer.alloc(32, 7).toString('base64')}`) })) },
    ['SERVER_PROOF_MISSING'],
  ],
  [
    'has a signature of another length',
    { saslContinue: final(answer => ({ ...answer, payload: binary('v=AAAA') })) },
    ['SERVER_PROOF_MISSING'],
  ],
  [
    'has no signature',
    { saslContinue: final(answer => ({ ...answer, payload: binary('') })) },
    ['SERVER_PROOF_MISSING', 'PROTOCOL_VIOLATION'],
  ],
  [
    'says that it is done, and nothing else',
    { saslContinue: () => ({ ok: 1, done: true, conversationId: 1 }) },
    ['SERVER_PROOF_MISSING', 'PROTOCOL_VIOLATION'],
  ],
  [
    'calls itself an arbiter, so that nobody signs in',
    {
      signInHello: ({ answer }) => ({
        ...answer,
        arbiterOnly: true,
        setName: 'rs0',
        speculativeAuthenticate: undefined,
      }),
    },
    ['SERVER_PROOF_MISSING', 'PROTOCOL_VIOLATION', 'NO_SUITABLE_MEMBER'],
  ],
  [
    'is too old all of a sudden',
    { signInHello: ({ answer }) => ({ ...answer, maxWireVersion: 3 }) },
    ['SERVER_TOO_OLD'],
  ],
  [
    'fails in a way that nobody knows',
    { saslContinue: refuse(9_999_999, 'Location9999999', 'a failure of tomorrow') },
    ['UNCLASSIFIED'],
  ],
  [
    'is shutting down',
    { saslContinue: refuse(11_600, 'InterruptedAtShutdown', 'interrupted at shutdown') },
    ['SERVER_SHUTTING_DOWN'],
  ],
]

describe('a hostile MongoDB server, asked for a sign-in', () => {
  it.concurrent.each(cases)('that %s: it is told as it is, after one attempt', async (_, at, codes) => {
    const { reports, server } = await testHostile({ at, budgetMs: 5_000 })
    const code = reports.SIGN_IN?.problem?.code ?? 'UNCLASSIFIED'
    expect(codes, JSON.stringify(reports.SIGN_IN)).toContain(code)
    expectFailure(reports, 'SIGN_IN', code)
    expect(wordsOf(reports, 'SIGN_IN')).not.toContain(password)
    expect(reports.SIGN_IN?.durationMs).toBeLessThan(5_000)
    expect(
      server.commandsNamed('saslStart').length +
        server.commands.filter(({ command }) => command['speculativeAuthenticate']).length,
    ).toBe(1)
    expect(server.commands.filter(({ name }) => ['listDatabases', 'find', 'aggregate'].includes(name))).toEqual([])
  })

  it('that offers a weaker mechanism gets a proof of that one, never the password', async () => {
    const at: Script = {
      signInHello: ({ answer }) => ({
        ...answer,
        saslSupportedMechs: ['PLAIN', 'SCRAM-SHA-1'],
        speculativeAuthenticate: undefined,
      }),
      saslStart: ({ request, answer }) => {
        expect(request?.command['mechanism']).not.toBe('PLAIN')
        return answer
      },
    }
    const { reports, server } = await testHostile({ at, budgetMs: 5_000 })
    expect(reports.SIGN_IN?.status).toBe('PASSED')
    expect(server.received.includes(Buffer.from(password).toString('base64'))).toBe(false)
    expect(server.commandsNamed('saslStart').map(({ mechanism }) => mechanism)).toEqual(['SCRAM-SHA-1'])
  })

  it('that offers nothing that this connector does is told so', async () => {
    const at: Script = {
      signInHello: ({ answer }) => ({
        ...answer,
        saslSupportedMechs: ['PLAIN', 'GSSAPI'],
        speculativeAuthenticate: undefined,
      }),
      saslStart: refuse(334, 'MechanismUnavailable', 'unavailable'),
    }
    const { reports, server } = await testHostile({ at, budgetMs: 5_000 })
    expectFailure(reports, 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED')
    expect(server.received.includes(password)).toBe(false)
  })

  it('that answers without having been convinced is not believed by a query either', async () => {
    const { outcome, server } = await queryHostile({
      at: { saslContinue: final(answer => ({ ...answer, payload: binary('v=AAAA') })) },
      query: find(),
    })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'SERVER_PROOF_MISSING' } })
    expect(server.commandsNamed('find')).toEqual([])
  })

  it('is not asked again by a driver that would like to', async () => {
    await using server = await startDouble('clear', {
      at: {
        saslContinue: () => ({
          ok: 0,
          code: 18,
          codeName: 'AuthenticationFailed',
          errmsg: 'Authentication failed.',
          errorLabels: ['RetryableWriteError', 'SystemOverloadedError', 'RetryableError'],
        }),
      },
    })
    const reports = await testMongodb(config(server.port, 'clear'))
    expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(server.commandsNamed('saslContinue')).toHaveLength(1)
  })
})
