import type { ProblemOptions, Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'

/** Where an error happened, as far as it changes what it means. */
export type Phase =
  | 'GREET'
  | 'SIGN_IN'
  /** A test's own statements. */
  | 'WORK'
  /** A statement that the reader wrote. */
  | 'QUERY'

export interface Known extends ProblemOptions {
  readonly code: ProblemCode
}

/** What the words of a problem, and the fields that it marks, need to know of a configuration of any type. */
export interface Subject {
  /** What must be at the other end: "PostgreSQL". */
  readonly product: string
  readonly host: string
  readonly port: number
  readonly database: string
  readonly statementTimeoutSeconds: number
  readonly username: string
  /** Form paths of the sign-in in use; `secretField` is null when it has no secret of its own. */
  readonly userField: string
  readonly secretField: string | null
  readonly byCertificate: boolean
}

export interface Reading {
  readonly state: string
  readonly message: string
  readonly phase: Phase
  readonly subject: Subject
}

export interface Rule {
  /** SQLSTATE, or the first two characters of a class. */
  readonly state?: string
  readonly phase?: Phase
  readonly message?: RegExp
  /** Says what it is. */
  readonly means: (reading: Reading, match: RegExpExecArray | null) => Known
}

/** The values that messages quote. */
export const paramsOf = ({ username, database, host }: Subject) => ({ username, database, host })

const reenter = (field: string): Remedy => ({ kind: 'REENTER_SECRET', title: 'Type the password again', field })
const encrypt: Remedy = { kind: 'SET_FIELD', title: 'Encrypt the connection', field: 'tls.mode', value: 'VERIFY_FULL' }

const credentialsRejected = ({ subject, message }: Reading): Known => {
  const { userField, secretField, byCertificate } = subject
  return {
    code: 'CREDENTIALS_REJECTED',
    params: paramsOf(subject),
    detail: message,
    fields: byCertificate ? [userField, 'tls.clientCertificate'] : [...new Set([secretField ?? userField, userField])],
    remedies: secretField === null ? [] : [reenter(secretField)],
  }
}

const plain =
  (code: ProblemCode, fields: readonly string[] = []) =>
  ({ subject, message }: Reading): Known => ({ code, params: paramsOf(subject), detail: message, fields })

const databaseNotFound = plain('DATABASE_NOT_FOUND', ['database'])

/** With the user's field marked first or last. */
const aboutUser =
  (code: ProblemCode, before: readonly string[] = [], after: readonly string[] = []) =>
  (reading: Reading): Known =>
    plain(code, [...before, reading.subject.userField, ...after])(reading)

const loginNotPermitted = aboutUser('LOGIN_NOT_PERMITTED')
const databaseAccessDenied = aboutUser('DATABASE_ACCESS_DENIED', ['database'])
const hostRuleRejected = aboutUser('HOST_RULE_REJECTED', [], ['database'])

const tlsRequired = ({ subject, message }: Reading): Known => ({
  code: 'TLS_REQUIRED_BY_SERVER',
  params: paramsOf(subject),
  detail: message,
  fields: ['tls.mode'],
  remedies: [encrypt],
})

const unsupported =
  (method: string | null) =>
  ({ subject, message }: Reading, match: RegExpExecArray | null): Known => ({
    code: 'AUTH_METHOD_UNSUPPORTED',
    params: { ...paramsOf(subject), method: method ?? match?.[1] ?? 'unknown' },
    detail: message,
    fields: ['auth'],
  })

/**
 * Server answers, first match wins. Messages are looked at only where one SQLSTATE means several things; servers that
 * speak another language than English then get the general reading.
 */
export const serverRules: readonly Rule[] = [
  { state: '57P03', message: /is not accepting connections/i, means: plain('STANDBY_CLOSED', ['host', 'port']) },
  { state: '57P03', message: /shutting down/i, means: plain('SERVER_SHUTTING_DOWN') },
  { state: '57P03', means: plain('SERVER_STARTING') },
  { state: '57P01', phase: 'GREET', means: plain('SERVER_SHUTTING_DOWN') },
  { state: '57P01', phase: 'SIGN_IN', means: plain('SERVER_SHUTTING_DOWN') },
  { state: '57P01', means: plain('SESSION_ENDED_BY_SERVER') },
  { state: '57P02', means: plain('SERVER_STARTING') },
  { state: '57P05', means: plain('SESSION_ENDED_BY_SERVER') },
  { state: '53300', means: plain('TOO_MANY_CONNECTIONS') },
  // Signing in
  { state: '28P01', means: credentialsRejected },
  { state: '28000', message: /not permitted to log in/i, means: loginNotPermitted },
  {
    state: '28000',
    message: /valid client certificate/i,
    means: ({ message }) => ({
      code: 'CLIENT_CERTIFICATE_REQUIRED',
      detail: message,
      fields: ['tls.clientCertificate', 'tls.clientKey'],
    }),
  },
  {
    state: '28000',
    message: /no pg_hba\.conf entry.*(no encryption|SSL off)/i,
    means: tlsRequired,
  },
  { state: '28000', message: /pg_hba\.conf/i, means: hostRuleRejected },
  // Unknown roles, without a password in play; certificates for another name.
  { state: '28000', means: credentialsRejected },
  { state: '3D000', means: databaseNotFound },
  { state: '42501', phase: 'SIGN_IN', means: databaseAccessDenied },
  { state: '55000', phase: 'SIGN_IN', means: plain('DATABASE_CLOSED', ['database']) },
  // PgBouncer gives one SQLSTATE to everything, to what the server behind it says too.
  { state: '08P01', message: /no such database|^database .* does not exist/i, means: databaseNotFound },
  {
    state: '08P01',
    message: /auth(entication)? failed|no such user|^role .* does not exist/i,
    means: credentialsRejected,
  },
  {
    state: '08P01',
    message: /SSL required|TLS required/i,
    means: tlsRequired,
  },
  {
    state: '08P01',
    message: /no more connections allowed|too many (clients|connections)/i,
    means: plain('TOO_MANY_CONNECTIONS'),
  },
  { state: '08P01', message: /login rejected|pg_hba\.conf/i, means: hostRuleRejected },
  { state: '08P01', message: /permission denied for database/i, means: databaseAccessDenied },
  { state: '08P01', message: /not permitted to log in/i, means: loginNotPermitted },
  {
    state: '08P01',
    message: /does not allow connections|is not currently accepting connections|is disabled/i,
    means: plain('DATABASE_CLOSED', ['database']),
  },
  { state: '08P01', message: /shutting down|is paused|pause/i, means: plain('SERVER_SHUTTING_DOWN') },
  {
    state: '08P01',
    message: /server_login_retry|query_wait_timeout|server login|connect to server|server down|client_login_timeout/i,
    means: plain('POOLER_TIMED_OUT'),
  },
  { state: '0A000', phase: 'SIGN_IN', means: unsupported(null) },
  // Working
  // An administrator, or a standby that had to go on with its recovery.
  { state: '57014', message: /user request/i, means: plain('STATEMENT_CANCELLED') },
  { state: '40001', message: /recovery/i, means: plain('STATEMENT_CANCELLED') },
  {
    state: '57014',
    phase: 'QUERY',
    means: ({ subject, message }) => ({
      code: 'STATEMENT_TIMED_OUT',
      params: { seconds: subject.statementTimeoutSeconds },
      detail: message,
      fields: ['limits.statementTimeoutSeconds'],
    }),
  },
  { state: '57014', means: plain('STATEMENT_CANCELLED') },
  { state: '42501', means: plain('PERMISSION_DENIED') },
  {
    state: '25006',
    phase: 'QUERY',
    means: ({ message }) => ({
      code: 'QUERY_NOT_READ_ONLY',
      params: { reason: 'tried to change something' },
      detail: message,
    }),
  },
  // A test's own statements are never the reader's fault: what a server has against them stays UNCLASSIFIED.
  ...['42P01', '42703', '42883', '3F000', '42704', '42P02'].map(
    (state): Rule => ({ state, phase: 'QUERY', means: plain('OBJECT_NOT_FOUND') }),
  ),
  // Syntax and semantics; values that do not fit; cardinality; features.
  ...['42', '22', '21', '0A', '2F', '54'].map(
    (state): Rule => ({ state, phase: 'QUERY', means: plain('QUERY_INVALID') }),
  ),
]

/** What the form names is none, or something in between changes what is sent. */
export const violation = (fault: string, { host, port, product }: Subject): Known => ({
  code: 'PROTOCOL_VIOLATION',
  params: { host, port, expected: product, fault },
  fields: ['host', 'port'],
})

/** Errors of the driver itself, which have no SQLSTATE. */
export const driverRules: readonly Rule[] = [
  { message: /Unknown authenticationOk message type (7|9)/, means: unsupported('GSSAPI or SSPI') },
  { message: /Unknown authenticationOk message type (\d+)/, means: unsupported(null) },
  { message: /SASL: Only mechanism\(s\)/, means: unsupported('SASL') },
  // More than a password is worth: each costs the connector host time, and a server may ask for two thousand million.
  {
    message: /iteration count (\S{1,40}) exceeds/,
    means: (reading, match) => unsupported(`SCRAM-SHA-256 with ${match?.[1]} iterations`)(reading, null),
  },
  { message: /server returned error: "(invalid-proof|unknown-user)"/, means: credentialsRejected },
  { message: /SASL: SCRAM-SERVER-FINAL-MESSAGE/, means: plain('SERVER_PROOF_MISSING', ['host', 'port']) },
  { message: /^SASL: /, means: ({ subject }) => violation('its half of the SCRAM dialogue is not sound', subject) },
  {
    message: /^Received unexpected \w+ message from backend/,
    means: ({ subject }) => violation('it sent results that nobody had asked for', subject),
  },
  { message: /Connection terminated|closed|socket hang up/i, means: plain('CONNECTION_RESET', ['host', 'port']) },
]
