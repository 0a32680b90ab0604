import { classifyServerError } from '../postgres-protocol/classify-error.ts'
import { type Phase, paramsOf, type Reading, type Rule, type Subject } from '../postgres-protocol/error-rules.ts'
import { type Problem, problem } from '../problem.ts'
import type { RedshiftConfig } from './form.ts'

/** Where the form's values are named in problems. `username`: whom AWS has named, where AWS names the user. */
export function subjectOf(config: RedshiftConfig, username = usernameOf(config)): Subject {
  const { password } = config.auth
  return {
    product: 'Redshift',
    host: config.host,
    port: config.port,
    database: config.database,
    statementTimeoutSeconds: config.limits.statementTimeoutSeconds,
    username,
    userField: userFieldOf(config),
    secretField: password ? 'auth.password.password' : null,
    byCertificate: false,
  }
}

/** A workgroup takes nobody else than the identity that asks AWS. */
function userFieldOf({ auth: { password, iam } }: RedshiftConfig): string {
  if (password) return 'auth.password.username'
  if (iam.deployment.cluster) return 'auth.iam.databaseUser'
  return `auth.iam.credentials.${iam.credentials.assumeRole ? 'assumeRole.roleArn' : 'accessKey.accessKeyId'}`
}

const usernameOf = ({ auth }: RedshiftConfig): string =>
  auth.password?.username ?? auth.iam?.databaseUser ?? 'the IAM identity'

/** Names what went wrong. What no rule knows is UNCLASSIFIED, never a success. */
export const classifyError = (error: unknown, phase: Phase, config: RedshiftConfig, username?: string): Problem =>
  classifyServerError(error, phase, subjectOf(config, username), ownRules)

const tooManyConnections = ({ subject, message }: Reading) => ({
  code: 'TOO_MANY_CONNECTIONS' as const,
  params: paramsOf(subject),
  detail: message,
})

/** What Redshift says in words or codes of its own. */
const ownRules: readonly Rule[] = [
  // The limits of the cluster, of a user and of a database have one code there, and another one in PostgreSQL.
  ...(['GREET', 'SIGN_IN'] as const).map(phase => ({
    phase,
    message: /connection limit .*(?:exceeded|reached)|too many connections/i,
    means: tooManyConnections,
  })),
  // Its own code for what a compute node stumbled over: values that do not fit, above all.
  {
    state: 'XX000',
    phase: 'QUERY',
    message: /Assert|Invalid digit|Numeric data overflow|Spectrum|division by zero|out of range/i,
    means: ({ subject, message }) => ({ code: 'QUERY_INVALID', params: paramsOf(subject), detail: message }),
  },
]

/** What stays unmeasured where looking would be billed. */
export const computeNotAllowed = (detail: string): Problem => problem('COMPUTE_NOT_ALLOWED', { detail })
