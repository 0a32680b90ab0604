import { athena } from '../../../src/connectors/athena/index.ts'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import { AwsDouble, type AwsDoubleOptions, type AwsRequest } from '../../servers/aws-double.ts'
import { type QueryOptions, type Reports, type RunOptions, runTypeQuery, runTypeTest } from '../../servers/type-run.ts'
import { expectationsOf } from '../type-expectations.ts'

const networkKeys = ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE'] as const

/** Of every test, whatever its region: the endpoints by the first word of their names. */
export const stepIds = [
  ...networkKeys.map(key => `${key}:sts` as const),
  'SIGN_IN:sts',
  ...networkKeys.map(key => `${key}:athena` as const),
  'OPEN',
  'READ',
  'LEAST_PRIVILEGE',
] as const
export type StepId = (typeof stepIds)[number]
export type AthenaReports = { readonly [Id in StepId]?: Reports[StepKey] }

export const { expectFailure, expectProblem, expectQueryProblem, expectPass } = expectationsOf<StepId>(
  'ATHENA',
  stepIds,
)

/** What a double always is warned of: it has no certificate of a public authority. */
export const unencrypted = {
  'SECURE:sts': 'CONNECTION_NOT_ENCRYPTED',
  'SECURE:athena': 'CONNECTION_NOT_ENCRYPTED',
} as const

export const region = 'eu-west-1'
export const accessKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'access-key-secret-3Wq' }
export const roleArn = 'arn:aws:iam::111122223333:role/patchbay'
export const identity = {
  accessKeyId: 'ASIAOPERATOROPERATOR',
  secretAccessKey: 'operator-secret-9Pw',
  sessionToken: 'operator-token-2Lk',
}
export const operatorAws = { identity, externalId: 'patchbay-external-id' }

type Change = Readonly<Record<string, unknown>>

/** A form's input by key. */
export const byKey = (change: Change = {}) => ({
  region,
  credentials: { accessKey },
  database: 'sales',
  ...change,
})

export const byRole = (change: Change = {}) => byKey({ credentials: { assumeRole: { roleArn } }, ...change })

export const startAws = (options: AwsDoubleOptions = {}): Promise<AwsDouble> =>
  AwsDouble.start({
    keys: {
      [accessKey.accessKeyId]: { secret: accessKey.secretAccessKey },
      [identity.accessKeyId]: { secret: identity.secretAccessKey, sessionToken: identity.sessionToken },
    },
    externalId: operatorAws.externalId,
    rights: () => false,
    ...options,
  })

/** Surroundings in which all of AWS is at the double. */
export const nearAws = <O extends RunOptions | QueryOptions>(double: AwsDouble, options: O): O => ({
  operatorAws,
  ...options,
  network: { awsEndpoints: double.endpoints, ...options.network },
})

const shortId = (id: string) => id.replace(/:(\w+)\..*$/, ':$1')

/** Runs a test at a double, and answers what its steps reported, by `stepIds`. */
export async function testAt(double: AwsDouble, input: unknown, options: RunOptions = {}): Promise<AthenaReports> {
  const reports = await runTypeTest(athena, input, nearAws(double, options))
  return Object.fromEntries(
    Object.entries(reports).map(([id, report]) => {
      const blockedBy = 'blockedBy' in report && typeof report.blockedBy === 'string' ? report.blockedBy : null
      return [shortId(id), blockedBy === null ? report : { ...report, blockedBy: shortId(blockedBy) }]
    }),
  )
}

export const queryAt = (
  double: AwsDouble,
  input: unknown,
  query: unknown,
  options: QueryOptions = {},
): Promise<QueryOutcome> => runTypeQuery(athena, input, query, nearAws(double, options))

/** What was seen of a run on the other side. */
export interface Seen {
  readonly requests: readonly AwsRequest[]
  readonly athena: AwsDouble['athena']
}

/** Tests a double of its own. */
export async function testAthena(
  aws: AwsDoubleOptions = {},
  input: unknown = byKey(),
  options: RunOptions = {},
): Promise<Seen & { readonly reports: AthenaReports }> {
  await using double = await startAws(aws)
  const reports = await testAt(double, input, options)
  return { reports, requests: double.requests, athena: double.athena }
}

/** Runs a query at a double of its own. */
export async function queryAthena(
  query: unknown,
  aws: AwsDoubleOptions = {},
  { input = byKey(), ...options }: QueryOptions & { readonly input?: unknown } = {},
): Promise<Seen & { readonly outcome: QueryOutcome }> {
  await using double = await startAws(aws)
  const outcome = await queryAt(double, input, query, options)
  return { outcome, requests: double.requests, athena: double.athena }
}

export const sql = (text: string) => ({ sql: { text } })

/** The result of a query that must have one. */
export function resultOf(outcome: QueryOutcome) {
  if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
  return outcome.result
}

/** Texts of a step's evidence, by label. */
export const evidenceOf = (report: Reports[StepKey]): Readonly<Record<string, string>> =>
  Object.fromEntries((report?.evidence ?? []).flatMap(item => (item.kind === 'TEXT' ? [[item.label, item.value]] : [])))
