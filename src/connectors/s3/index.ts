import { endpointName, foreignEndpoint } from '../aws/endpoint.ts'
import { accessPlan } from '../aws/plan.ts'
import { networkPlan } from '../cloud/plan.ts'
import type { PlannedStep } from '../connection-test.ts'
import { defineConnector, plannedStep } from '../define.ts'
import { connectBudgetMs, form, type S3Config } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

const assumesRole = ({ credentials }: S3Config) => credentials.assumeRole !== undefined

/** Files are read from their beginning, however few of their rows are wanted: time ends what is too much. */
const maxQueryWireBytes = 2 ** 40

/** Amazon S3, and servers that understand it. */
export const s3 = defineConnector({
  name: 'S3',
  inputKey: 's3',
  version: 1,
  kind: 'SPECIFIC',
  category: 'STORAGE',
  label: 'Amazon S3',
  description:
    'CSV, JSON, NDJSON and Parquet files in Amazon S3, or in a server that understands it, by a role or an access key.',
  docsPath: 'connectors/s3.md',
  keywords: ['S3', 'AWS', 'Amazon', 'MinIO', 'R2', 'Ceph', 'files', 'CSV', 'Parquet', 'JSON'],
  logo,
  maturity: { level: 'STABLE' },
  drivers: [
    { name: '@aws-sdk/client-s3', version: '3.1169.0' },
    { name: '@aws-sdk/client-sts', version: '3.1169.0' },
    { name: '@aws-sdk/client-iam', version: '3.1169.0' },
  ],
  form,
  queryForm,
  plan: config => [
    ...wayIn(config),
    plannedStep('OPEN', 'Open the bucket'),
    plannedStep('READ', 'Read the beginning of an object'),
    plannedStep('LEAST_PRIVILEGE', "Check that the identity's policies only allow reading"),
  ],
  assumesRole,
  problems: problemCodes,
  maxQueryWireBytes,
  queryBudgetMs: config => 4 * connectBudgetMs(config) + config.limits.statementTimeoutSeconds * 1_000 + 60_000,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
  loadBrowse: () => import('./browse.ts'),
})

/** A server that is none of AWS' knows neither roles nor STS: it is asked itself whether it takes the key. */
function wayIn(config: S3Config): readonly PlannedStep[] {
  const options = { connectBudgetMs: connectBudgetMs(config) }
  const { region, endpoint } = config
  if (endpoint === undefined) {
    return [...accessPlan(region, assumesRole(config), options), ...networkPlan(endpointName('s3', region), options)]
  }
  const target = foreignEndpoint('s3', region, endpoint).name
  return [...networkPlan(target, options), plannedStep('SIGN_IN', 'Sign a request with the access key', { target })]
}
