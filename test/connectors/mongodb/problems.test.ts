import {
  MongoCompatibilityError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb'
import { describe, expect, it } from 'vitest'
import type { Phase } from '../../../src/connectors/mongodb/error-rules.ts'
import { form } from '../../../src/connectors/mongodb/form.ts'
import { mongodb } from '../../../src/connectors/mongodb/index.ts'
import { problemCodes } from '../../../src/connectors/mongodb/problem-codes.ts'
import { classifyError } from '../../../src/connectors/mongodb/problems.ts'
import { ServerProofError, UnsupportedMethodError } from '../../../src/connectors/mongodb/sign-in-errors.ts'
import { ProtocolFaultError } from '../../../src/connectors/session/protocol-fault.ts'

const scram = { scram: { username: 'ann', password: 'pw' } }
const circumstances = (phase: Phase, auth: object = scram) => ({
  phase,
  config: form.schema.parse({ hosts: [{ host: 'db.test' }], auth }),
  server: { host: 'db.test', port: 27_017 },
  fields: ['hosts.0.host', 'hosts.0.port'],
})
const classify = (error: unknown, phase: Phase, auth?: object) => classifyError(error, circumstances(phase, auth))
const refusal = (code: number, codeName = 'Name', errmsg = 'words') => new MongoServerError({ code, codeName, errmsg })
const broken = (code: string) => new MongoNetworkError('cut', { cause: Object.assign(new Error('cut'), { code }) })

describe('the problems of MongoDB', () => {
  it.each<[number, Phase, string, string?]>([
    [18, 'SIGN_IN', 'CREDENTIALS_REJECTED'],
    [8_000, 'SIGN_IN', 'CREDENTIALS_REJECTED', 'bad auth : authentication failed'],
    [8_000, 'WORK', 'PERMISSION_DENIED', 'user is not allowed to do action [find] on [shop.orders]'],
    [334, 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED'],
    [2, 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED', 'Unsupported mechanism SCRAM-SHA-256'],
    [13, 'WORK', 'PERMISSION_DENIED'],
    [13, 'QUERY', 'PERMISSION_DENIED'],
    [50, 'QUERY', 'STATEMENT_TIMED_OUT'],
    [50, 'WORK', 'STEP_TIMED_OUT'],
    [43, 'QUERY', 'STATEMENT_CANCELLED'],
    [11_601, 'QUERY', 'STATEMENT_CANCELLED'],
    [11_600, 'WORK', 'SERVER_SHUTTING_DOWN'],
    [13_436, 'WORK', 'SERVER_STARTING'],
    [10_107, 'QUERY', 'NO_SUITABLE_MEMBER'],
    [26, 'QUERY', 'OBJECT_NOT_FOUND'],
    [2, 'QUERY', 'QUERY_INVALID'],
    [168, 'QUERY', 'QUERY_INVALID'],
    // A test's own commands are never the reader's fault.
    [2, 'WORK', 'UNCLASSIFIED'],
    [26, 'WORK', 'UNCLASSIFIED'],
    [4_242, 'QUERY', 'UNCLASSIFIED'],
  ])('%i at %s is %s', (number, phase, code, words) => {
    expect(classify(refusal(number, 'Name', words), phase).code).toBe(code)
  })

  it('names the assertions of expressions as what the query has wrong', () => {
    expect(classify(refusal(40_324, 'Location40324'), 'QUERY').code).toBe('QUERY_INVALID')
    expect(classify(refusal(40_324, 'Location40324'), 'WORK').code).toBe('UNCLASSIFIED')
  })

  it('asks for a sign-in where there is none, and not for rights', () => {
    expect(classify(refusal(13), 'WORK', { none: true })).toMatchObject({
      code: 'AUTHENTICATION_REQUIRED',
      fields: ['auth'],
    })
  })

  it('points at what to change about a rejected sign-in', () => {
    expect(classify(refusal(18), 'SIGN_IN')).toMatchObject({
      fields: ['auth.scram.password', 'auth.scram.username', 'authSource'],
      params: { username: 'ann' },
      remedies: [{ kind: 'REENTER_SECRET', field: 'auth.scram.password' }],
    })
  })

  it.each<[string, unknown, Phase, string]>([
    ['a cut connection', broken('ECONNRESET'), 'WORK', 'CONNECTION_RESET'],
    ['a fault of the encryption', broken('ERR_SSL_BAD_RECORD_TYPE'), 'WORK', 'CONNECTION_RESET'],
    ['a refused connection', broken('ECONNREFUSED'), 'SIGN_IN', 'CONNECTION_REFUSED'],
    [
      'a late word on the certificate',
      broken('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
      'SIGN_IN',
      'CLIENT_CERTIFICATE_REQUIRED',
    ],
    [
      'silence while signing in',
      new MongoNetworkTimeoutError('connection 1 timed out'),
      'SIGN_IN',
      'SIGN_IN_TIMED_OUT',
    ],
    ['silence while working', new MongoNetworkTimeoutError('connection 1 timed out'), 'QUERY', 'STATEMENT_TIMED_OUT'],
    ['a version that is too old', new MongoCompatibilityError('wire version'), 'SIGN_IN', 'SERVER_TOO_OLD'],
    ['a message that cannot be read', new MongoParseError('Invalid message size'), 'WORK', 'PROTOCOL_VIOLATION'],
    [
      'a broken rule below the driver',
      new MongoNetworkError('x', { cause: new ProtocolFaultError('it lied') }),
      'WORK',
      'PROTOCOL_VIOLATION',
    ],
    ['a missing proof', new ServerProofError('none'), 'SIGN_IN', 'SERVER_PROOF_MISSING'],
    [
      'another way to sign in',
      new UnsupportedMethodError('SCRAM with 2000000 iterations'),
      'SIGN_IN',
      'AUTH_METHOD_UNSUPPORTED',
    ],
    ['what nobody knows', new Error('?'), 'WORK', 'UNCLASSIFIED'],
    ['what is no error', 'words', 'WORK', 'UNCLASSIFIED'],
  ])('%s is told by what caused it', (_, error, phase, code) => {
    expect(classify(error, phase).code).toBe(code)
  })

  it('looks into a failed selection for what became of the server', () => {
    const description = { servers: new Map([['db', { error: broken('ECONNREFUSED') }]]) }
    const selection = new MongoServerSelectionError('no server', description as never)
    expect(classify(selection, 'SIGN_IN').code).toBe('CONNECTION_REFUSED')
  })

  it('leaves nothing open in its messages, and reports only what is declared', () => {
    expect(new Set(problemCodes).size).toBe(problemCodes.length)
    expect(mongodb.problems).toEqual(problemCodes)
    const seen = [18, 13, 50, 43, 91, 13_436, 10_107, 26, 2, 334, 8_000, 4_242].flatMap(number =>
      (['SIGN_IN', 'WORK', 'QUERY'] as const).map(phase => classify(refusal(number), phase)),
    )
    for (const { code, message } of seen) {
      expect(problemCodes).toContain(code)
      expect(message, code).not.toMatch(/\?|undefined|\{/)
    }
  })
})
