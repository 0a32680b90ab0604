import { HttpCallError } from '../cloud/http-caller.ts'
import { type Problem, type ProblemOptions, problem, type Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { SnowflakeConfig } from './form.ts'
import { readKeyPair } from './key-pair.ts'
import { plainName, quoteText, userName } from './names.ts'
import { networkPolicySql } from './reader-sql.ts'
import { type SnowflakeRefusalError, sessionCodes } from './refusal.ts'

/** Of a run, for the words in which a failure is told. */
export interface Place {
  readonly config: SnowflakeConfig
  /** The name of the account's host. */
  readonly service: string
  readonly clockSkewMs?: number | null
  /** Form paths that hold the statement, for those of a dataset. */
  readonly statementFields?: readonly string[]
  /** What a statement of ours may take, in seconds. */
  readonly seconds?: number
}

type Meaning = ProblemOptions & { readonly code: ProblemCode }
type Said = Pick<SnowflakeRefusalError, 'code' | 'sqlState' | 'status' | 'message'>

interface Rule {
  /** Of Snowflake's codes the beginning, or all. */
  readonly codes?: RegExp
  readonly sqlState?: RegExp
  readonly message?: RegExp
  readonly status?: RegExp
  readonly means: (place: Place, said: Said) => Meaning
}

const is =
  (code: ProblemCode): Rule['means'] =>
  () => ({ code })

/** Form path of what proves who signs in. */
export function secretField({ auth }: SnowflakeConfig): string {
  if (auth.keyPair) return 'auth.keyPair.privateKey'
  if (auth.accessToken) return 'auth.accessToken.token'
  if (auth.oauthClientCredentials) return 'auth.oauthClientCredentials.clientSecret'
  return 'auth.password.password'
}

/** Tokens are good for a minute around the time at which they were made. */
const maxSkewMs = 55_000

const rejected: Rule['means'] = ({ config }) => ({
  code: 'CREDENTIALS_REJECTED',
  fields: [secretField(config), 'username'],
  remedies: [reenter(config)],
})

const reenter = (config: SnowflakeConfig): Remedy => ({
  kind: 'REENTER_SECRET',
  title: config.auth.keyPair ? 'Give the private key again' : 'Give the secret again',
  field: secretField(config),
})

/** Snowflake tells the reason only administrators, by the number in its message. */
function failureDetails({ message }: Said): Remedy[] {
  const id = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/i.exec(message)?.[0]
  if (id === undefined) return []
  return [
    {
      kind: 'RUN_SQL',
      title: 'Have an administrator ask Snowflake why',
      sql: `SELECT SYSTEM$GET_LOGIN_FAILURE_DETAILS('${id}');`,
    },
  ]
}

const keyRejected: Rule['means'] = ({ config, clockSkewMs }, said) => {
  if (Math.abs(clockSkewMs ?? 0) > maxSkewMs) return { code: 'CLOUD_CLOCK_SKEWED' }
  const pair = config.auth.keyPair ? readKeyPair(config.auth.keyPair) : null
  const register: Remedy[] = pair
    ? [
        {
          kind: 'RUN_SQL',
          title: 'Have an administrator register the public half of this key',
          sql: `ALTER USER ${userName(config.username)} SET RSA_PUBLIC_KEY = ${quoteText(pair.publicKey)};`,
        },
      ]
    : []
  return {
    code: 'CREDENTIALS_REJECTED',
    fields: ['auth.keyPair.privateKey', 'username', 'account'],
    remedies: [...failureDetails(said), ...register],
  }
}

const oauthFields = ['auth.oauthClientCredentials.clientId', 'auth.oauthClientCredentials.tokenUrl'] as const

const oauthRejected: Rule['means'] = (_, said) => ({
  code: 'CLOUD_CREDENTIALS_REJECTED',
  fields: [...oauthFields, 'username'],
  remedies: failureDetails(said),
})

const roleRefused: Rule['means'] = ({ config }, { message }) => {
  const named = /\brole '?"?([^'"]{1,255})"?'? (?:specified|requested)|\('([^']{1,255})'\)/i.exec(message)
  const role = config.role ?? named?.[1] ?? named?.[2] ?? 'of the user'
  const upper = role.toUpperCase()
  const remedies: Remedy[] =
    config.role !== undefined && upper !== role
      ? [
          {
            kind: 'SET_FIELD',
            title: `Names made without quotes are upper case: ${upper}`,
            field: 'role',
            value: upper,
          },
        ]
      : []
  return { code: 'ROLE_NOT_GRANTED', params: { role }, fields: ['role'], remedies }
}

const addressRefused: Rule['means'] = ({ config }, { message }) => {
  const address = /IP(?:\/Token)?:? ([0-9a-f.:]{3,45})\b/i.exec(message)?.[1]
  const remedies: Remedy[] =
    address === undefined
      ? []
      : [
          { kind: 'ALLOW_ADDRESS', title: `Have ${address} let in by the network policy`, addresses: [address] },
          { kind: 'RUN_SQL', title: 'A network policy for this user', sql: networkPolicySql(config.username, address) },
        ]
  return { code: 'CLIENT_ADDRESS_NOT_ALLOWED', remedies }
}

const policyMissing: Rule['means'] = ({ config }) => ({
  code: 'NETWORK_POLICY_REQUIRED',
  fields: ['username'],
  remedies: [
    { kind: 'RUN_SQL', title: 'Put the user under a network policy', sql: networkPolicySql(config.username, null) },
  ],
})

const missingAtSignIn: Rule['means'] = ({ config }, { message }) => {
  if (/warehouse/i.test(message)) return { code: 'WAREHOUSE_NOT_FOUND', fields: ['warehouse'] }
  if (/schema/i.test(message)) return { code: 'SCHEMA_NOT_FOUND', fields: ['schema'] }
  if (/database/i.test(message)) return { code: 'DATABASE_NOT_FOUND', fields: ['database'] }
  return { code: 'ROLE_NOT_GRANTED', params: { role: config.role ?? 'of the user' }, fields: ['role'] }
}

const accountUnknown: Rule['means'] = () => ({ code: 'CLOUD_ACCOUNT_NOT_FOUND', fields: ['account'] })

/** What is the same whenever Snowflake says it. */
const always: readonly Rule[] = [
  { codes: sessionCodes, means: is('SESSION_ENDED_BY_SERVER') },
  { status: /^429$/, means: is('CLOUD_THROTTLED') },
  { status: /^5/, means: is('CLOUD_UNAVAILABLE') },
]

/** The first that fits counts. Codes are Snowflake's, which documents few of them; words are of its messages. */
const signInRules: readonly Rule[] = [
  // An account that there is not: https://docs.snowflake.com/en/release-notes/bcr-bundles/un-bundled/bcr-1669
  { codes: /^$/, status: /^(?:403|404|513)$/, means: accountUnknown },
  { codes: /^390(?:144|198)$/, means: keyRejected },
  { codes: /^390432$/, means: policyMissing },
  { message: /network policy is required/i, means: policyMissing },
  { codes: /^3904(?:20|22)$/, means: addressRefused },
  { message: /\bIP\b.* is not allowed to access/i, means: addressRefused },
  { codes: /^390102$/, means: is('ACCOUNT_LOCKED') },
  { message: /temporarily locked/i, means: is('ACCOUNT_LOCKED') },
  { message: /password (?:has|is) expired|password must be changed/i, means: passwordExpired },
  { codes: /^3901(?:2\d|3[0-2])$|^390197$/, means: secondFactor },
  { message: /multi-?factor|\bMFA\b|\bDuo\b|passcode/i, means: secondFactor },
  { codes: /^390(?:186|189|317)$/, means: roleRefused },
  { codes: /^390201$/, means: missingAtSignIn },
  { codes: /^390318$/, means: () => ({ code: 'CLOUD_CREDENTIALS_EXPIRED', fields: [oauthFields[0]] }) },
  { codes: /^3903\d\d$/, means: oauthRejected },
  // Programmatic access tokens.
  { codes: /^394\d\d\d$/, message: /expired/i, means: tokenExpired },
  { codes: /^394\d\d\d$/, message: /disabled/i, means: notPermitted },
  { codes: /^394\d\d\d$/, means: rejected },
  { codes: /^390100$/, means: rejected },
  { codes: /^390(?:101|106|139|192|202)$/, means: notPermitted },
  { message: /access disabled|authentication policy/i, means: notPermitted },
  ...always,
]

function notPermitted(): Meaning {
  return { code: 'LOGIN_NOT_PERMITTED', fields: ['username'] }
}

function passwordExpired(): Meaning {
  return { code: 'PASSWORD_EXPIRED', fields: ['auth.password.password'] }
}

function secondFactor(): Meaning {
  return { code: 'MULTI_FACTOR_REQUIRED', fields: ['auth', 'username'] }
}

function tokenExpired({ config }: Place): Meaning {
  return { code: 'CLOUD_CREDENTIALS_EXPIRED', fields: [secretField(config)], remedies: [reenter(config)] }
}

/** What a sign-in comes to that failed. What no rule knows is UNCLASSIFIED. */
export function signInProblem(error: SnowflakeRefusalError | HttpCallError, place: Place): Problem {
  const said = refusalIn(error)
  // Whoever answers for an account that there is not has no words of Snowflake's.
  const isAccount = error instanceof HttpCallError && [403, 404, 513].includes(error.status ?? 0)
  if (isAccount) return told(accountUnknown(place, said), said, place)
  return error instanceof HttpCallError ? error.problem : meant(signInRules, said, place)
}

const readingIsDenied: Rule['means'] = () => ({ code: 'PERMISSION_DENIED', fields: ['role'] })

/** The kind of object that Snowflake names, where that is one of the form. */
const objectMissing: Rule['means'] = ({ config, statementFields = [] }, { message }) => {
  const [, kind = '', name = ''] = /^(Database|Schema) '([^']{1,600})'/.exec(message) ?? []
  const { database, schema } = config
  if (kind === 'Database' && database !== undefined && name === plainName(database)) {
    return { code: 'DATABASE_NOT_FOUND', fields: ['database'] }
  }
  const isOwnSchema = database !== undefined && schema !== undefined
  if (kind === 'Schema' && isOwnSchema && name === `${plainName(database)}.${plainName(schema)}`) {
    return { code: 'SCHEMA_NOT_FOUND', fields: ['schema'] }
  }
  return { code: 'OBJECT_NOT_FOUND', fields: statementFields }
}

const queryInvalid: Rule['means'] = ({ statementFields = [] }, { message }) => {
  const line = /\bline (\d{1,6})\b/.exec(message)?.[1]
  return {
    code: 'QUERY_INVALID',
    fields: statementFields,
    ...(line !== undefined && { params: { line: Number(line) } }),
  }
}

const timedOut: Rule['means'] = ({ config, seconds }) => ({
  code: 'STATEMENT_TIMED_OUT',
  params: { seconds: seconds ?? config.limits.statementTimeoutSeconds },
  fields: seconds === undefined ? ['limits.statementTimeoutSeconds'] : [],
})

const queued: Rule['means'] = ({ config, seconds }) => ({
  code: 'QUERY_STILL_QUEUED',
  params: { seconds: seconds ?? config.limits.statementTimeoutSeconds },
  fields: ['warehouse'],
})

/** Its resource monitor has had enough of it. */
const quotaExceeded: Rule['means'] = () => ({ code: 'CLOUD_QUOTA_EXCEEDED', fields: ['warehouse'] })

const cannotStart: Rule['means'] = (_, { message }) => ({
  code: 'WAREHOUSE_CANNOT_START',
  params: { reason: /because (.{1,200}?)\.?$/s.exec(message)?.[1] ?? 'Snowflake could not resume it' },
  fields: ['warehouse'],
})

const statementRules: readonly Rule[] = [
  { codes: /^000(?:625|630|631)$/, message: /queue/i, means: queued },
  { codes: /^000(?:625|630|631)$/, means: timedOut },
  { codes: /^000604$/, message: /queue/i, means: queued },
  { codes: /^000604$/, means: is('STATEMENT_CANCELLED') },
  { codes: /^000606$/, means: () => ({ code: 'WAREHOUSE_NOT_USABLE', fields: ['warehouse'] }) },
  { codes: /^09007[23]$/, means: quotaExceeded },
  { message: /exceeded its quota|credit quota/i, means: quotaExceeded },
  { message: /warehouse .*(?:cannot|can ?not|could not|failed to) (?:be )?(?:resume|start)/i, means: cannotStart },
  { codes: /^000008$/, means: severalStatements },
  { codes: /^00(?:2003|2043)$/, means: objectMissing },
  { codes: /^003\d\d\d$/, means: readingIsDenied },
  { sqlState: /^42501$/, means: readingIsDenied },
  { codes: /^(?:000904|002140|002141)$/, means: ({ statementFields = [] }) => missing(statementFields) },
  { sqlState: /^(?:42S02|42S22)$/, means: ({ statementFields = [] }) => missing(statementFields) },
  { codes: /^001\d\d\d$/, means: queryInvalid },
  { sqlState: /^(?:42|22|0A)/, means: queryInvalid },
  { sqlState: /^57014$/, means: is('STATEMENT_CANCELLED') },
  ...always,
  { status: /^403$/, means: () => ({ code: 'CLOUD_ACCESS_DENIED', params: { action: 'this request' } }) },
]

function missing(fields: readonly string[]): Meaning {
  return { code: 'OBJECT_NOT_FOUND', fields }
}

function severalStatements({ statementFields = [] }: Place): Meaning {
  return { code: 'QUERY_NOT_READ_ONLY', params: { reason: 'is more than one statement' }, fields: statementFields }
}

/** What a statement comes to that Snowflake has refused, or that broke on the way. */
export function statementProblem(error: SnowflakeRefusalError | HttpCallError, place: Place): Problem {
  return error instanceof HttpCallError ? error.problem : meant(statementRules, error, place)
}

function refusalIn(error: SnowflakeRefusalError | HttpCallError): Said {
  if (!(error instanceof HttpCallError)) return error
  return { code: '', sqlState: '', status: error.status ?? 0, message: `HTTP ${error.status}` }
}

function meant(rules: readonly Rule[], said: Said, place: Place): Problem {
  const rule = rules.find(
    known =>
      (known.codes?.test(said.code) ?? true) &&
      (known.sqlState?.test(said.sqlState) ?? true) &&
      (known.message?.test(said.message) ?? true) &&
      (known.status?.test(String(said.status)) ?? true),
  )
  return told(rule?.means(place, said) ?? { code: 'UNCLASSIFIED' }, said, place)
}

function told({ code, params = {}, fields = [], remedies = [] }: Meaning, said: Said, place: Place): Problem {
  const { config, service } = place
  const { account, username, warehouse, database = '', schema = '' } = config
  return problem(code, {
    params: { service, host: service, account, username, warehouse, database, schema, ...params },
    fields,
    remedies,
    detail: said.code === '' ? said.message : `${said.message} (${said.code})`,
  })
}
