import { bigquery } from '../../../src/connectors/bigquery/index.ts'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { createServiceAccount } from '../../servers/google-accounts.ts'
import { GoogleDouble, type GoogleDoubleOptions } from '../../servers/google-double.ts'
import type { Grant } from '../../servers/google-rights.ts'
import { googleScopes } from '../../servers/google-scopes.ts'
import { type QueryOptions, type Reports, type RunOptions, runTypeQuery, runTypeTest } from '../../servers/type-run.ts'
import { expectationsOf } from '../type-expectations.ts'

const networkKeys = ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE'] as const
const way = <N extends string>(name: N) => networkKeys.map(key => `${key}:${name}` as const)
const lastKeys = ['OPEN', 'READ', 'LEAST_PRIVILEGE'] as const

/** Of a test by key or token: the endpoints by the first word of their names. */
export const stepIds = [...way('oauth2'), 'SIGN_IN:oauth2', ...way('bigquery'), ...lastKeys] as const
/** Of a test by impersonation. */
export const impersonatedStepIds = [
  ...way('oauth2'),
  'SIGN_IN:oauth2',
  ...way('iamcredentials'),
  'SIGN_IN:iamcredentials',
  ...way('bigquery'),
  ...lastKeys,
] as const
export type StepId = (typeof impersonatedStepIds)[number]
export type BigqueryReports = { readonly [Id in StepId]?: Reports[StepKey] }

export const { expectFailure, expectProblem, expectQueryProblem, expectPass } = expectationsOf<StepId>(
  'BIGQUERY',
  stepIds,
)
export const impersonated = expectationsOf<StepId>('BIGQUERY', impersonatedStepIds)

export const project = 'acme-analytics'
export const reader = createServiceAccount('reader', project)
/** May do nothing but make tokens of the reader. */
export const helper = createServiceAccount('helper', project)

export const authority = issueCertificate({ commonName: 'Test authority', authority: true })
export const certificate = issueCertificate({
  commonName: 'localhost',
  issuer: authority,
  names: ['localhost', '127.0.0.1'],
  usage: 'server',
})

type Change = Readonly<Record<string, unknown>>

/** A form's input by the reader's key. */
export const byKey = (change: Change = {}) => ({
  projectId: project,
  auth: { serviceAccountKey: { json: reader.key.json } },
  defaultDataset: 'sales',
  caCertificates: authority.certificate,
  ...change,
})

export const byImpersonation = (change: Change = {}) =>
  byKey({ auth: { impersonate: { targetServiceAccount: reader.email, json: helper.key.json } }, ...change })

export const givenToken = 'ya29.given-token-5Tq'
export const byToken = (change: Change = {}) => byKey({ auth: { accessToken: { token: givenToken } }, ...change })

/** Of an account that may read everything in its project, and nothing more. */
export const readerGrants: readonly Grant[] = [
  { member: reader.email, role: 'roles/bigquery.jobUser', on: `projects/${project}` },
  { member: reader.email, role: 'roles/bigquery.dataViewer', on: `projects/${project}` },
]
export const helperGrants: readonly Grant[] = [
  { member: helper.email, role: 'roles/iam.serviceAccountTokenCreator', on: `serviceAccounts/${reader.email}` },
]

/** What of the reader may be asked by the token of the form. */
export interface StartOptions extends Partial<GoogleDoubleOptions> {
  readonly tokenScopes?: readonly string[]
  readonly tokenLifetimeMs?: number
}

export async function startGoogle({
  tokenScopes,
  tokenLifetimeMs,
  ...options
}: StartOptions = {}): Promise<GoogleDouble> {
  const double = await GoogleDouble.start({
    certificate,
    accounts: [reader, helper],
    grants: [...readerGrants, ...helperGrants],
    ...options,
  })
  const { cloudPlatform, email } = googleScopes
  double.tokens.issue(reader.email, tokenScopes ?? [cloudPlatform, email], tokenLifetimeMs, givenToken)
  return double
}

/** Surroundings in which all of Google is at the double. */
export const nearGoogle = <O extends RunOptions | QueryOptions>(double: GoogleDouble, options: O): O => ({
  ...options,
  network: { cloudEndpoints: double.endpoints, ...options.network },
})

const shortId = (id: string) => id.replace(/:(\w+)\..*$/, ':$1')
const longId = (id: string) => id.replace(/:(\w+)$/, ':$1.googleapis.com')

/** Runs a test at a double, and answers what its steps reported, by `stepIds`. */
export async function testAt(double: GoogleDouble, input: unknown, options: RunOptions = {}): Promise<BigqueryReports> {
  const { budgetsMs = {} } = options
  const budgets = Object.fromEntries(Object.entries(budgetsMs).map(([id, ms]) => [longId(id), ms]))
  const reports = await runTypeTest(bigquery, input, nearGoogle(double, { ...options, budgetsMs: budgets }))
  return Object.fromEntries(
    Object.entries(reports).map(([id, report]) => {
      const blockedBy = 'blockedBy' in report && typeof report.blockedBy === 'string' ? report.blockedBy : null
      return [shortId(id), blockedBy === null ? report : { ...report, blockedBy: shortId(blockedBy) }]
    }),
  )
}

export const queryAt = (
  double: GoogleDouble,
  input: unknown,
  query: unknown,
  options: QueryOptions = {},
): Promise<QueryOutcome> => runTypeQuery(bigquery, input, query, nearGoogle(double, options))

/** Tests a double of its own. */
export async function testBigquery(
  google: StartOptions = {},
  input: unknown = byKey(),
  options: RunOptions = {},
): Promise<{ readonly reports: BigqueryReports; readonly double: GoogleDouble }> {
  await using double = await startGoogle(google)
  const reports = await testAt(double, input, options)
  return { reports, double }
}

/** Runs a query at a double of its own. */
export async function queryBigquery(
  query: unknown,
  google: StartOptions = {},
  { input = byKey(), ...options }: QueryOptions & { readonly input?: unknown } = {},
): Promise<{ readonly outcome: QueryOutcome; readonly double: GoogleDouble }> {
  await using double = await startGoogle(google)
  const outcome = await queryAt(double, input, query, options)
  return { outcome, double }
}

export const sql = (text: string) => ({ sql: { text } })
export const table = (name: string, more: Change = {}) => ({ table: { name, ...more } })

/** The result of a query that must have one. */
export function resultOf(outcome: QueryOutcome) {
  if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
  return outcome.result
}

/** Texts of a step's evidence, by label. */
export const evidenceOf = (report: Reports[StepKey]): Readonly<Record<string, string>> =>
  Object.fromEntries((report?.evidence ?? []).flatMap(item => (item.kind === 'TEXT' ? [[item.label, item.value]] : [])))
