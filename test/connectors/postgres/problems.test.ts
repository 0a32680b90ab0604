import { describe, expect, it } from 'vitest'
import { problemCodes } from '../../../src/connectors/postgres/problem-codes.ts'
import { classifyError } from '../../../src/connectors/postgres/problems.ts'
import type { Phase } from '../../../src/connectors/postgres-protocol/error-rules.ts'
import { problemTable } from '../../../src/connectors/problem-table.ts'
import { parseConfig } from '../../servers/postgres-run.ts'

const config = parseConfig({ host: 'db.test', auth: { password: { username: 'ann', password: 'pw' } } }) as Parameters<
  typeof classifyError
>[2]
const classify = (code: string | undefined, message: string, phase: Phase = 'SIGN_IN') =>
  classifyError(Object.assign(new Error(message), code === undefined ? {} : { code }), phase, config)

describe('classifyError', () => {
  // What PgBouncer says; its older versions have one SQLSTATE for everything.
  it.each([
    ['no such database: nowhere', 'DATABASE_NOT_FOUND', ['database']],
    ['password authentication failed', 'CREDENTIALS_REJECTED', ['auth.password.password', 'auth.password.username']],
    ['SASL authentication failed', 'CREDENTIALS_REJECTED', ['auth.password.password', 'auth.password.username']],
    ['no more connections allowed (max_client_conn)', 'TOO_MANY_CONNECTIONS', []],
    ['SSL required', 'TLS_REQUIRED_BY_SERVER', ['tls.mode']],
    ['database "gone" does not exist', 'DATABASE_NOT_FOUND', ['database']],
    ['permission denied for database "shop"', 'DATABASE_ACCESS_DENIED', ['database', 'auth.password.username']],
    ['role "ann" is not permitted to log in', 'LOGIN_NOT_PERMITTED', ['auth.password.username']],
    ['login rejected', 'HOST_RULE_REJECTED', ['auth.password.username', 'database']],
    ['database does not allow connections: shop', 'DATABASE_CLOSED', ['database']],
    ['server login has been failing, try again later (server_login_retry)', 'POOLER_TIMED_OUT', []],
    ['pgbouncer cannot connect to server', 'POOLER_TIMED_OUT', []],
    ['query_wait_timeout', 'POOLER_TIMED_OUT', []],
    ['something new', 'UNCLASSIFIED', []],
  ])('reads a pooler that says %j as %s', (message, code, fields) => {
    expect(classify('08P01', message)).toMatchObject({ code, fields, detail: expect.stringContaining(message) })
  })

  it.each<[string | undefined, string, Phase, string]>([
    ['57P01', 'terminating connection due to administrator command', 'WORK', 'SESSION_ENDED_BY_SERVER'],
    ['57P05', 'terminating connection due to idle-session timeout', 'WORK', 'SESSION_ENDED_BY_SERVER'],
    ['42501', 'permission denied for table x', 'WORK', 'PERMISSION_DENIED'],
    ['42501', 'permission denied for database x', 'SIGN_IN', 'DATABASE_ACCESS_DENIED'],
    ['28000', 'role "ann" does not exist', 'SIGN_IN', 'CREDENTIALS_REJECTED'],
    [
      '28000',
      'no pg_hba.conf entry for host "10.0.0.1", user "ann", database "x", SSL encryption',
      'SIGN_IN',
      'HOST_RULE_REJECTED',
    ],
    [
      '28000',
      'no pg_hba.conf entry for host "10.0.0.1", user "ann", database "x", SSL off',
      'SIGN_IN',
      'TLS_REQUIRED_BY_SERVER',
    ],
    // A test's own statements are not the reader's: nothing of them is for the reader to mend.
    ['42883', 'function pg_has_role(name, oid, unknown) does not exist', 'WORK', 'UNCLASSIFIED'],
    ['42883', 'function nope() does not exist', 'QUERY', 'OBJECT_NOT_FOUND'],
    ['57014', 'canceling statement due to user request', 'WORK', 'STATEMENT_CANCELLED'],
    ['57014', 'canceling statement due to statement timeout', 'WORK', 'STATEMENT_CANCELLED'],
    ['57014', 'canceling statement due to statement timeout', 'QUERY', 'STATEMENT_TIMED_OUT'],
    ['40001', 'canceling statement due to conflict with recovery', 'QUERY', 'STATEMENT_CANCELLED'],
    [undefined, 'SASL: SCRAM-SERVER-FINAL-MESSAGE: server signature does not match', 'SIGN_IN', 'SERVER_PROOF_MISSING'],
    ['25006', 'cannot execute INSERT in a read-only transaction', 'QUERY', 'QUERY_NOT_READ_ONLY'],
    ['22012', 'division by zero', 'QUERY', 'QUERY_INVALID'],
    ['XX000', 'cache lookup failed', 'WORK', 'UNCLASSIFIED'],
    ['ECONNRESET', 'read ECONNRESET', 'SIGN_IN', 'CONNECTION_RESET'],
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'tlsv13 alert certificate required',
      'SIGN_IN',
      'CLIENT_CERTIFICATE_REQUIRED',
    ],
    [undefined, 'Connection terminated unexpectedly', 'WORK', 'CONNECTION_RESET'],
    [undefined, 'Unknown authenticationOk message type 7', 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED'],
    [undefined, 'SASL: Only mechanism(s) SCRAM-SHA-256 are supported', 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED'],
    [undefined, 'something else', 'WORK', 'UNCLASSIFIED'],
  ])('reads %s "%s" in %s as %s', (code, message, phase, expected) => {
    expect(classify(code, message, phase).code).toBe(expected)
  })

  it('keeps the words of what it does not know', () => {
    expect(classify('ZZ999', 'a new failure')).toMatchObject({ code: 'UNCLASSIFIED', detail: 'a new failure (ZZ999)' })
  })
})

describe('problemCodes', () => {
  it('names each code once', () => {
    expect(new Set(problemCodes).size).toBe(problemCodes.length)
    expect(Object.keys(problemTable)).toEqual(expect.arrayContaining([...problemCodes]))
  })
})
