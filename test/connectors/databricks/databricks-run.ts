import type { StepKey } from '../../../src/connectors/connection-test.ts'
import { databricks } from '../../../src/connectors/databricks/index.ts'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import {
  DatabricksDouble,
  type DatabricksDoubleOptions,
  sampleCluster,
  sampleWarehouse,
  workspaceId,
} from '../../servers/databricks-double.ts'
import { readerGrants } from '../../servers/databricks-rights.ts'
import { type QueryOptions, type Reports, type RunOptions, runTypeQuery, runTypeTest } from '../../servers/type-run.ts'
import { expectationsOf } from '../type-expectations.ts'

export const stepKeys = [
  'RESOLVE',
  'EGRESS',
  'CONNECT',
  'SECURE',
  'SIGN_IN',
  'OPEN',
  'READ',
  'LEAST_PRIVILEGE',
] as const satisfies readonly StepKey[]
export type StepId = (typeof stepKeys)[number]
export type DatabricksReports = { readonly [Id in StepId]?: Reports[StepKey] }

export const { expectFailure, expectProblem, expectQueryProblem, expectPass } = expectationsOf<StepId>(
  'DATABRICKS',
  stepKeys,
)

export const host = 'dbc-a1b2c3d4-e5f6.cloud.databricks.com'
export const token = 'dapi-token-3Wq'
export const clientId = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
export const clientSecret = 'dose-secret-9Pw'
/** Whom the token belongs to; the service principal goes by its client id. */
export const ann = 'ann@example.com'

export const authority = issueCertificate({ commonName: 'Workspace Root', authority: true })
export const certificate = issueCertificate({
  commonName: 'workspace',
  issuer: authority,
  names: ['127.0.0.1', host],
  usage: 'server',
})

type Change = Readonly<Record<string, unknown>>

/** A form's input with a personal access token. */
export const byToken = (change: Change = {}) => ({
  host,
  httpPath: `/sql/1.0/warehouses/${sampleWarehouse}`,
  auth: { accessToken: { token } },
  catalog: 'main',
  schema: 'sales',
  caCertificates: authority.certificate,
  ...change,
})

export const byClient = (change: Change = {}) => byToken({ auth: { oauthM2m: { clientId, clientSecret } }, ...change })

export const clusterPath = `sql/protocolv1/o/${workspaceId}/${sampleCluster}`

type WorkspaceOptions = Omit<DatabricksDoubleOptions, 'certificate'> & {
  /** Null for none: then it does not encrypt. */
  readonly certificate?: DatabricksDoubleOptions['certificate'] | null
}

export const startWorkspace = ({
  certificate: shown = certificate,
  ...options
}: WorkspaceOptions = {}): Promise<DatabricksDouble> =>
  DatabricksDouble.start({
    ...(shown && { certificate: shown }),
    tokens: { [token]: ann },
    clients: { [clientId]: { secret: clientSecret, principal: clientId } },
    grants: [...readerGrants(ann), ...readerGrants(clientId)],
    ...options,
  })

/** Surroundings in which the workspace is at the double. */
export const nearDatabricks = <O extends RunOptions | QueryOptions>(
  { url }: { readonly url: string },
  options: O,
): O => ({
  ...options,
  network: { cloudEndpoints: { [host]: url }, customEndpoints: false, ...options.network },
})

/** A step's id is its key and the host, where it has one. */
const shortId = (id: string) => id.replace(/:.*$/, '')

/** Runs a test at a double, and answers what its steps reported, by their keys. */
export async function testAt(
  double: { readonly url: string },
  input: unknown = byToken(),
  options: RunOptions = {},
): Promise<DatabricksReports> {
  const reports = await runTypeTest(databricks, input, nearDatabricks(double, options))
  return Object.fromEntries(
    Object.entries(reports).map(([id, report]) => {
      const blockedBy = 'blockedBy' in report && typeof report.blockedBy === 'string' ? report.blockedBy : null
      return [shortId(id), blockedBy === null ? report : { ...report, blockedBy: shortId(blockedBy) }]
    }),
  )
}

export const queryAt = (
  double: { readonly url: string },
  query: unknown,
  { input = byToken(), ...options }: QueryOptions & { readonly input?: unknown } = {},
): Promise<QueryOutcome> => runTypeQuery(databricks, input, query, nearDatabricks(double, options))

/** Tests a double of its own, which is gone afterwards but for what it has seen. */
export async function testDatabricks(
  workspace: DatabricksDoubleOptions = {},
  input: unknown = byToken(),
  options: RunOptions = {},
): Promise<{ readonly reports: DatabricksReports; readonly double: DatabricksDouble }> {
  await using double = await startWorkspace(workspace)
  return { reports: await testAt(double, input, options), double }
}

/** Runs a query at a double of its own. */
export async function queryDatabricks(
  query: unknown,
  workspace: DatabricksDoubleOptions = {},
  options: QueryOptions & { readonly input?: unknown } = {},
): Promise<{ readonly outcome: QueryOutcome; readonly double: DatabricksDouble }> {
  await using double = await startWorkspace(workspace)
  return { outcome: await queryAt(double, query, options), double }
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
