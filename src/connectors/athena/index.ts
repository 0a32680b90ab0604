import { endpointName } from '../aws/endpoint.ts'
import { accessPlan, networkPlan } from '../aws/plan.ts'
import { defineConnector, plannedStep } from '../define.ts'
import { type AthenaConfig, form } from './form.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

const connectBudgetMs = ({ limits }: AthenaConfig) => limits.connectTimeoutSeconds * 1_000

/** A query waits for its turn, and then for its result to be written. */
const queryStepMs = 30_000

const assumesRole = ({ credentials }: AthenaConfig) => credentials.assumeRole !== undefined

/** Amazon Athena, on AWS Glue's catalog or a federated one. */
export const athena = defineConnector({
  name: 'ATHENA',
  inputKey: 'athena',
  version: 1,
  kind: 'SPECIFIC',
  category: 'WAREHOUSE',
  label: 'AWS Athena',
  description:
    'Amazon Athena: SQL over files in S3 and over what federated catalogs lead to, by a role or an access key.',
  docsPath: 'connectors/athena.md',
  capabilities: ['PREVIEW', 'LEAST_PRIVILEGE_CHECK'],
  form,
  queryForm,
  plan: config => {
    const options = { connectBudgetMs: connectBudgetMs(config) }
    return [
      ...accessPlan(config.region, assumesRole(config), options),
      ...networkPlan(endpointName('athena', config.region), options),
      plannedStep('OPEN', 'Open the workgroup and write a result', { budgetMs: queryStepMs }),
      plannedStep('READ', 'List the catalog and query a table', { budgetMs: queryStepMs }),
      plannedStep('LEAST_PRIVILEGE', "Check that the identity's policies only allow reading"),
    ]
  },
  assumesRole,
  problems: problemCodes,
  queryBudgetMs: config => 4 * connectBudgetMs(config) + config.limits.statementTimeoutSeconds * 1_000 + 60_000,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
})
