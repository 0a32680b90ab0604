import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import type { Behaviour, Script } from '../../servers/hostile-postgres.ts'
import {
  authentication,
  authenticationOk,
  backendKey,
  complete,
  dataRow,
  errorResponse,
  message,
  parameter,
  ready,
  rowDescription,
  sasl,
} from '../../servers/hostile-postgres-messages.ts'
import { expectFailure } from './expectations.ts'
import { password, testHostile, wordsOf } from './hostile-run.ts'

/** Sends this in place of the sound answer, and says nothing more. */
const only =
  (...parts: readonly Buffer[]): Behaviour =>
  peer =>
    peer.send(...parts)
/** Changes what a sound server's SCRAM message says. */
const edited =
  (kind: 11 | 12, edit: (text: string) => string): Behaviour =>
  (_, answer) =>
    authentication(kind, edit(answer.subarray(9).toString()))

const first = (edit: (text: string) => string): Script => ({ SASL_CONTINUE: edited(11, edit) })
const final = (edit: (text: string) => string): Script => ({ SASL_FINAL: edited(12, edit) })
const welcome = Buffer.concat([authenticationOk, ready()])

type Case = readonly [what: string, at: Script, code: ProblemCode, words: RegExp]
const cases: readonly Case[] = [
  // SCRAM
  [
    '2^31 iterations',
    first(text => text.replace(/i=\d+/, 'i=2147483648')),
    'AUTH_METHOD_UNSUPPORTED',
    /SCRAM-SHA-256 with 2147483648 iterations/,
  ],
  [
    'ten million iterations',
    first(text => text.replace(/i=\d+/, 'i=10000000')),
    'AUTH_METHOD_UNSUPPORTED',
    /SCRAM-SHA-256 with 10000000 iterations/,
  ],
  [
    'more iterations than a number can hold',
    first(text => text.replace(/i=\d+/, `i=${'9'.repeat(400)}`)),
    'AUTH_METHOD_UNSUPPORTED',
    /Infinity iterations/,
  ],
  ['no iterations', first(text => text.replace(/i=\d+/, 'i=0')), 'PROTOCOL_VIOLATION', /SCRAM dialogue/],
  [
    'a salt of ten megabytes',
    first(text => text.replace(/s=[^,]+/, `s=${'A'.repeat(10_000_000)}`)),
    'PROTOCOL_VIOLATION',
    /a message of 9 MB/,
  ],
  ['a nonce of its own', first(text => text.replace(/r=[^,]+/, 'r=mine')), 'PROTOCOL_VIOLATION', /SCRAM dialogue/],
  [
    'our nonce and nothing of its own',
    first(text => text.replace(/r=(.{24})[^,]*/, 'r=$1')),
    'PROTOCOL_VIOLATION',
    /SCRAM dialogue/,
  ],
  ['nonsense', first(() => 'nonsense'), 'PROTOCOL_VIOLATION', /SCRAM dialogue/],
  ['nothing', first(() => ''), 'PROTOCOL_VIOLATION', /SCRAM dialogue/],
  ['no proof', final(() => 'x=1'), 'SERVER_PROOF_MISSING', /without proving/],
  ['an empty proof', final(() => 'v='), 'SERVER_PROOF_MISSING', /without proving/],
  ['a wrong proof', final(() => `v=${Buffer.alloc(32).toString('base64')}`), 'SERVER_PROOF_MISSING', /without proving/],
  ['a refusal inside SCRAM', final(() => 'e=invalid-proof'), 'CREDENTIALS_REJECTED', /rejected the credentials/],
  ['success without the end of SCRAM', { SASL_FINAL: only(welcome) }, 'SERVER_PROOF_MISSING', /without proving/],
  ['success in the middle of SCRAM', { SASL_CONTINUE: only(welcome) }, 'SERVER_PROOF_MISSING', /without proving/],
  ['no mechanism', { STARTUP: only(sasl()) }, 'AUTH_METHOD_UNSUPPORTED', /"SASL without a usable mechanism"/],
  ['an unknown mechanism', { STARTUP: only(sasl('X-OWN')) }, 'AUTH_METHOD_UNSUPPORTED', /"X-OWN"/],
  [
    'a mechanism that is no name',
    { STARTUP: only(sasl('<b>\u202e', '\u001b[31m')) },
    'AUTH_METHOD_UNSUPPORTED',
    /"SASL without a usable mechanism"/,
  ],
  [
    'only channel binding',
    { STARTUP: only(sasl('SCRAM-SHA-256-PLUS')) },
    'AUTH_METHOD_UNSUPPORTED',
    /"SCRAM-SHA-256-PLUS"/,
  ],
  ['OAuth', { STARTUP: only(sasl('OAUTHBEARER')) }, 'AUTH_METHOD_UNSUPPORTED', /"OAUTHBEARER"/],
  [
    'a list of mechanisms without an end',
    { STARTUP: only(authentication(10, 'SCRAM-SHA-256')) },
    'PROTOCOL_VIOLATION',
    /malformed/,
  ],
  // Other methods
  ['Kerberos V5', { STARTUP: only(authentication(2)) }, 'AUTH_METHOD_UNSUPPORTED', /"Kerberos V5"/],
  ['SCM credentials', { STARTUP: only(authentication(6)) }, 'AUTH_METHOD_UNSUPPORTED', /"SCM credentials"/],
  ['GSSAPI', { STARTUP: only(authentication(7)) }, 'AUTH_METHOD_UNSUPPORTED', /"GSSAPI"/],
  ['SSPI', { STARTUP: only(authentication(9)) }, 'AUTH_METHOD_UNSUPPORTED', /"SSPI"/],
  ['a method that does not exist', { STARTUP: only(authentication(99)) }, 'AUTH_METHOD_UNSUPPORTED', /"number 99"/],
  // Taken for "signed in" by a driver that looks only at the length it expects.
  ['MD5 without a salt', { STARTUP: only(authentication(5), ready()) }, 'PROTOCOL_VIOLATION', /malformed/],
  [
    'clear text with something more',
    { STARTUP: only(authentication(3, 'more'), ready()) },
    'PROTOCOL_VIOLATION',
    /malformed/,
  ],
  [
    'success with something more',
    { STARTUP: only(authentication(0, 'more'), ready()) },
    'PROTOCOL_VIOLATION',
    /malformed/,
  ],
  // Order
  ['SCRAM twice', { SASL_CONTINUE: only(sasl('SCRAM-SHA-256')) }, 'PROTOCOL_VIOLATION', /wrong order/],
  ['the end of SCRAM first', { STARTUP: only(authentication(12, 'v=')) }, 'PROTOCOL_VIOLATION', /wrong order/],
  [
    'the middle of SCRAM first',
    { STARTUP: only(authentication(11, 'r=1,s=1,i=1')) },
    'PROTOCOL_VIOLATION',
    /wrong order/,
  ],
  [
    'clear text after the sign-in',
    { PARAMETERS: only(authentication(3)) },
    'PROTOCOL_VIOLATION',
    /a sign-in after the sign-in/,
  ],
  ['success twice', { PARAMETERS: only(authenticationOk) }, 'PROTOCOL_VIOLATION', /a sign-in after the sign-in/],
  ['no sign-in at all', { SASL_CONTINUE: only(ready()) }, 'PROTOCOL_VIOLATION', /before anybody had signed in/],
  [
    'results before the sign-in',
    { SASL_CONTINUE: only(rowDescription([{ name: 'a' }]), dataRow(['1'])) },
    'PROTOCOL_VIOLATION',
    /results before the sign-in/,
  ],
  [
    'another version of the protocol',
    { SASL_CONTINUE: only(message('v', Buffer.alloc(8))) },
    'PROTOCOL_VIOLATION',
    /another version/,
  ],
  // What comes with a session
  ['a key of odd length', { BACKEND_KEY: only(message('K', Buffer.alloc(7))) }, 'PROTOCOL_VIOLATION', /malformed/],
  ['a key of no length', { BACKEND_KEY: only(message('K')) }, 'PROTOCOL_VIOLATION', /malformed/],
  [
    'a version of a megabyte',
    { PARAMETERS: only(parameter('server_version', '1'.repeat(1_048_576))) },
    'PROTOCOL_VIOLATION',
    /a message of 1 MB/,
  ],
  [
    'a parameter without a value',
    { PARAMETERS: only(message('S', 'server_version\0')) },
    'PROTOCOL_VIOLATION',
    /malformed/,
  ],
  ['a state that does not exist', { READY: only(message('Z', 'X')) }, 'PROTOCOL_VIOLATION', /malformed/],
  [
    'a message of an unknown kind',
    { PARAMETERS: only(message('?')) },
    'PROTOCOL_VIOLATION',
    /a kind that does not belong/,
  ],
  [
    'a copy',
    { PARAMETERS: only(message('G', Buffer.from([0, 0, 0]))) },
    'PROTOCOL_VIOLATION',
    /a transfer that nobody had asked for/,
  ],
  // Its reader looks for the end of an error's fields beyond the message, and for ever.
  ['an error without an end', { SASL_CONTINUE: only(message('E', 'SFATAL\0')) }, 'PROTOCOL_VIOLATION', /malformed/],
  ['an error without anything', { SASL_CONTINUE: only(message('E')) }, 'PROTOCOL_VIOLATION', /malformed/],
  [
    'an error and then data',
    { SASL_CONTINUE: only(errorResponse('28P01', 'no', 'FATAL'), dataRow(['1']), complete('SELECT 1'), ready()) },
    'CREDENTIALS_REJECTED',
    /rejected the credentials/,
  ],
  [
    'an error and then silence',
    { SASL_FINAL: only(errorResponse('28P01', 'no', 'FATAL')) },
    'CREDENTIALS_REJECTED',
    /rejected the credentials/,
  ],
]

describe('a hostile PostgreSQL server, asked for a sign-in', () => {
  it.concurrent.each(cases)('with %s: it is told as it is', async (_, at, code, words) => {
    // Encrypted, so that everything after the handshake is this step's.
    const { reports, server } = await testHostile({ line: 'TLS', at, budgetMs: 5_000 })
    expectFailure(reports, 'SIGN_IN', code)
    expect(wordsOf(reports, 'SIGN_IN')).toMatch(words)
    expect(server.received.includes(password)).toBe(false)
    proves('POSTGRES', code, 'DOUBLE')
  })

  it.each<[string, Buffer]>([
    ['clear text', authentication(3)],
    ['MD5', authentication(5, 'salt')],
  ])('that wants %s after SCRAM does not get it, verified or not', async (_, request) => {
    const at = { SASL_CONTINUE: only(request, welcome) }
    const verified = await testHostile({ line: 'TLS', at, budgetMs: 5_000 })
    expectFailure(verified.reports, 'SIGN_IN', 'PROTOCOL_VIOLATION')
    expect(wordsOf(verified.reports, 'SIGN_IN')).toContain('in another way after it had asked for it by SCRAM')
    const unverified = await testHostile({ at, budgetMs: 5_000 })
    expectFailure(unverified.reports, 'SIGN_IN', 'CLEARTEXT_PASSWORD_REFUSED')
    for (const { server } of [verified, unverified]) {
      expect(server.received.includes(password)).toBe(false)
      expect(server.received.includes('md5')).toBe(false)
    }
    proves('POSTGRES', 'CLEARTEXT_PASSWORD_REFUSED', 'DOUBLE')
  })

  it('that wants clear text gets it once it is verified, and only once', async () => {
    const at = { STARTUP: only(authentication(3), authentication(3)) }
    const { reports, server } = await testHostile({ line: 'TLS', at, budgetMs: 5_000 })
    expectFailure(reports, 'SIGN_IN', 'PROTOCOL_VIOLATION')
    expect(server.received.toString('latin1').split(password).length - 1).toBeLessThanOrEqual(1)
  })

  it('that gives no key to cancel by may be tested all the same', async () => {
    const { reports } = await testHostile({ at: { BACKEND_KEY: () => Buffer.alloc(0) }, budgetMs: 5_000 })
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })

  it('that asks for nothing lets the reader know', async () => {
    const { reports } = await testHostile({ at: { STARTUP: only(authenticationOk, backendKey(), ready()) } })
    expect(reports.SIGN_IN).toMatchObject({ status: 'PASSED', note: 'The server did not ask for the password.' })
  })
})
