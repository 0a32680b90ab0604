import { clientCertificateRequired } from '../network/secure-report.ts'
import { isClientCertificateRefusal } from '../network/tls.ts'
import { type Problem, type ProblemOptions, problem, type Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { PostgresConfig } from './form.ts'
import { grantConnectSql, allowLoginSql } from './remedy-sql.ts'
import { ByteLimitError, NoPasswordError, PasswordRefusedError } from './session.ts'
import { credentialsOf } from './credentials.ts'

/** Where an error happened, as far as it changes what it means. */
export type Phase = 'GREET' | 'SIGN_IN' | 'WORK'

interface Known extends ProblemOptions {
  readonly code: ProblemCode
}

interface Reading {
  readonly state: string
  readonly message: string
  readonly phase: Phase
  readonly config: PostgresConfig
}

interface Rule {
  /** SQLSTATE, or the first two characters of a class. */
  readonly state?: string
  readonly phase?: Phase
  readonly message?: RegExp
  /** Says what it is, or null when it is something else after all. */
  readonly means: (reading: Reading, match: RegExpExecArray | null) => Known
}

/** Form paths of the sign-in in use, and the values that messages quote. */
function context(config: PostgresConfig) {
  const { path, username, secretField } = credentialsOf(config)
  return { user: `${path}.username`, secretField, params: { username, database: config.database, host: config.host } }
}

const reenter = (field: string): Remedy => ({ kind: 'REENTER_SECRET', title: 'Type the password again', field })
const encrypt: Remedy = { kind: 'SET_FIELD', title: 'Encrypt the connection', field: 'tls.mode', value: 'VERIFY_FULL' }

const credentialsRejected = ({ config, message }: Reading): Known => {
  const { user, secretField, params } = context(config)
  const byCertificate = config.auth.clientCertificate !== undefined
  return {
    code: 'CREDENTIALS_REJECTED',
    params,
    detail: message,
    fields: byCertificate ? [user, 'tls.clientCertificate'] : [secretField ?? user, user],
    remedies: secretField === null ? [] : [reenter(secretField)],
  }
}

const databaseNotFound = ({ config, message }: Reading): Known => ({
  code: 'DATABASE_NOT_FOUND',
  params: context(config).params,
  detail: message,
  fields: ['database'],
})

const plain =
  (code: ProblemCode, fields: readonly string[] = []) =>
  ({ config, message }: Reading): Known => ({ code, params: context(config).params, detail: message, fields })

const hostRuleRejected = ({ config, message }: Reading): Known => {
  const { user, params } = context(config)
  return { code: 'HOST_RULE_REJECTED', params, detail: message, fields: [user, 'database'] }
}

const unsupported =
  (method: string | null) =>
  ({ config, message }: Reading, match: RegExpExecArray | null): Known => ({
    code: 'AUTH_METHOD_UNSUPPORTED',
    params: { ...context(config).params, method: method ?? match?.[1] ?? 'unknown' },
    detail: message,
    fields: ['auth'],
  })

/**
 * Server answers, first match wins. Messages are looked at only where one SQLSTATE means several things; servers that
 * speak another language than English then get the general reading.
 */
const rules: readonly Rule[] = [
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
  {
    state: '28000',
    message: /not permitted to log in/i,
    means: ({ config, message }) => {
      const { user, params } = context(config)
      const remedies: Remedy[] = [{ kind: 'RUN_SQL', title: 'Allow the account to log in', sql: allowLoginSql(params.username) }]
      return { code: 'LOGIN_NOT_PERMITTED', params, detail: message, fields: [user], remedies }
    },
  },
  {
    state: '28000',
    message: /valid client certificate/i,
    means: ({ message }) => ({ code: 'CLIENT_CERTIFICATE_REQUIRED', detail: message, fields: ['tls.clientCertificate', 'tls.clientKey'] }),
  },
  {
    state: '28000',
    message: /no pg_hba\.conf entry.*(no encryption|SSL off)/i,
    means: ({ config, message }) => ({
      code: 'TLS_REQUIRED_BY_SERVER', params: context(config).params, detail: message, fields: ['tls.mode'], remedies: [encrypt],
    }),
  },
  { state: '28000', message: /pg_hba\.conf/i, means: hostRuleRejected },
  // Unknown roles, without a password in play; certificates for another name.
  { state: '28000', means: credentialsRejected },
  { state: '3D000', means: databaseNotFound },
  {
    state: '42501',
    phase: 'SIGN_IN',
    means: ({ config, message }) => {
      const { params } = context(config)
      const sql = grantConnectSql(params.database, params.username)
      const remedies: Remedy[] = [{ kind: 'RUN_SQL', title: 'Allow the account to connect to the database', sql }]
      return { code: 'DATABASE_ACCESS_DENIED', params, detail: message, fields: ['database', context(config).user], remedies }
    },
  },
  { state: '55000', phase: 'SIGN_IN', means: plain('DATABASE_CLOSED', ['database']) },
  // PgBouncer gives one SQLSTATE to everything.
  { state: '08P01', message: /no such database/i, means: databaseNotFound },
  { state: '08P01', message: /password authentication failed|SASL authentication failed|no such user|auth(entication)? failed/i, means: credentialsRejected },
  {
    state: '08P01',
    message: /SSL required|TLS required/i,
    means: ({ config, message }) => ({
      code: 'TLS_REQUIRED_BY_SERVER', params: context(config).params, detail: message, fields: ['tls.mode'], remedies: [encrypt],
    }),
  },
  { state: '08P01', message: /no more connections allowed|too many (clients|connections)/i, means: plain('TOO_MANY_CONNECTIONS') },
  { state: '08P01', message: /login rejected|not allowed/i, means: hostRuleRejected },
  { state: '08P01', message: /shutting down|database .* is (disabled|paused)|pooler is/i, means: plain('SERVER_SHUTTING_DOWN') },
  { state: '08P01', message: /(server_login_retry|query_wait_timeout|server login|could not connect|connect timeout|client_login_timeout)/i, means: plain('SERVER_STARTING') },
  { state: '0A000', phase: 'SIGN_IN', means: unsupported(null) },
  // Working
  {
    state: '57014',
    means: ({ config, message }) => ({
      code: 'STATEMENT_TIMED_OUT',
      params: { seconds: config.limits.statementTimeoutSeconds },
      detail: message,
      fields: ['limits.statementTimeoutSeconds'],
    }),
  },
  { state: '42501', means: plain('PERMISSION_DENIED') },
  {
    state: '25006',
    means: ({ message }) => ({ code: 'QUERY_NOT_READ_ONLY', params: { reason: 'tried to change something' }, detail: message }),
  },
  ...['42P01', '42703', '42883', '3F000', '42704', '42P02'].map((state): Rule => ({ state, means: plain('OBJECT_NOT_FOUND') })),
  // Syntax and semantics; values that do not fit; cardinality; features.
  ...['42', '22', '21', '0A', '2F', '54'].map((state): Rule => ({ state, phase: 'WORK', means: plain('QUERY_INVALID') })),
]

/** Errors of the driver itself, which have no SQLSTATE. */
const driverRules: readonly Rule[] = [
  { message: /Unknown authenticationOk message type (7|9)/, means: unsupported('GSSAPI or SSPI') },
  { message: /Unknown authenticationOk message type (\d+)/, means: unsupported(null) },
  { message: /SASL: Only mechanism\(s\)|SASL: SCRAM-SERVER-FIRST-MESSAGE: (iteration|server iteration|nonce)/i, means: unsupported('SASL') },
  { message: /SASL: SCRAM-SERVER-FINAL-MESSAGE/, means: unsupported('SCRAM with a false proof of the server') },
  { message: /^SASL: /, means: unsupported('SASL') },
  { message: /Connection terminated|closed|socket hang up/i, means: plain('CONNECTION_RESET', ['host', 'port']) },
]

const systemCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Names what went wrong. What no rule knows is UNCLASSIFIED, never a success. */
export function classifyError(error: unknown, phase: Phase, config: PostgresConfig): Problem {
  const { params } = context(config)
  if (error instanceof PasswordRefusedError) {
    return problem('CLEARTEXT_PASSWORD_REFUSED', { params, detail: error.message, fields: ['tls.mode'] })
  }
  if (error instanceof NoPasswordError) {
    return problem('AUTH_METHOD_UNSUPPORTED', { params: { ...params, method: error.method }, detail: error.message, fields: ['auth'] })
  }
  if (error instanceof ByteLimitError) {
    return problem('RESULT_TOO_LARGE', { params: { limit: `${Math.floor(error.maxBytes / 1_048_576)} MB` } })
  }
  const { code, message = String(error) } = error as { code?: unknown; message?: string }
  const state = typeof code === 'string' ? code : ''
  if (isClientCertificateRefusal({ code: state, name: '', message })) return clientCertificateRequired(message)
  if (systemCodes.has(state)) return problem('CONNECTION_RESET', { params, detail: `${message} (${state})`, fields: ['host', 'port'] })
  const isSqlState = /^[0-9A-Z]{5}$/.test(state)
  const reading: Reading = { state, message, phase, config }
  for (const rule of isSqlState ? rules : driverRules) {
    if (rule.phase !== undefined && rule.phase !== phase) continue
    if (rule.state !== undefined && !state.startsWith(rule.state)) continue
    const match = rule.message ? rule.message.exec(message) : null
    if (rule.message && !match) continue
    const { code: known, ...options } = rule.means(reading, match)
    return problem(known, options)
  }
  return problem('UNCLASSIFIED', { params, detail: state === '' ? message : `${message} (${state})` })
}

/** Errors that are about the server as a whole: they end GREET, before anything about the user is known. */
export const isServerWide = (state: string): boolean => ['57P01', '57P02', '57P03', '53300', '53400'].includes(state)
