import { classifyServerError } from '../postgres-protocol/classify-error.ts'
import {
  type Known,
  type Phase,
  paramsOf,
  type Reading,
  type Rule,
  type Subject,
} from '../postgres-protocol/error-rules.ts'
import type { Problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { allowLoginSql, grantConnectSql } from './remedy-sql.ts'

/** Where the form's values are named in problems. */
export function subjectOf(config: PostgresConfig): Subject {
  const { path, username, secretField } = credentialsOf(config)
  return {
    product: 'PostgreSQL',
    host: config.host,
    port: config.port,
    database: config.database,
    statementTimeoutSeconds: config.limits.statementTimeoutSeconds,
    username,
    userField: `${path}.username`,
    secretField,
    byCertificate: config.auth.clientCertificate !== undefined,
  }
}

/** Names what went wrong. What no rule knows is UNCLASSIFIED, never a success. */
export const classifyError = (error: unknown, phase: Phase, config: PostgresConfig): Problem =>
  classifyServerError(error, phase, subjectOf(config), ownRules)

const administratorRuns =
  (
    code: ProblemCode,
    title: string,
    sql: (subject: Subject) => string,
    fields: (subject: Subject) => readonly string[],
  ) =>
  ({ subject, message }: Reading): Known => ({
    code,
    params: paramsOf(subject),
    detail: message,
    fields: fields(subject),
    remedies: [{ kind: 'RUN_SQL', title, sql: sql(subject) }],
  })

const loginNotPermitted = administratorRuns(
  'LOGIN_NOT_PERMITTED',
  'Allow the account to log in',
  ({ username }) => allowLoginSql(username),
  ({ userField }) => [userField],
)
const databaseAccessDenied = administratorRuns(
  'DATABASE_ACCESS_DENIED',
  'Allow the account to connect to the database',
  ({ database, username }) => grantConnectSql(database, username),
  ({ userField }) => ['database', userField],
)

/** Those that have a remedy in PostgreSQL's own SQL. */
const ownRules: readonly Rule[] = [
  { state: '28000', message: /not permitted to log in/i, means: loginNotPermitted },
  { state: '08P01', message: /not permitted to log in/i, means: loginNotPermitted },
  { state: '42501', phase: 'SIGN_IN', means: databaseAccessDenied },
  { state: '08P01', message: /permission denied for database/i, means: databaseAccessDenied },
]
