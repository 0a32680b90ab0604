import { endpointName } from '../aws/endpoint.ts'
import { accessPlan } from '../aws/plan.ts'
import { networkPlan } from '../cloud/plan.ts'
import { defineConnector, plannedStep } from '../define.ts'
import { connectBudgetMs, queryBudgetMs, queryStepMs } from './budgets.ts'
import { type AthenaConfig, form } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

const assumesRole = ({ credentials }: AthenaConfig) => credentials.assumeRole !== undefined

/** Every value comes in JSON of its own, which is much longer than most of them. A page at a time is kept. */
const maxQueryWireBytes = 2 ** 36

/** Amazon Athena, on AWS Glue's catalog or a federated one. */
export const athena = defineConnector({
  name: 'ATHENA',
  inputKey: 'athena',
  version: 1,
  kind: 'SPECIFIC',
  category: 'WAREHOUSE',
  label: 'Amazon Athena',
  description:
    'Amazon Athena: SQL over files in S3 and over what federated catalogs lead to, by a role or an access key.',
  docsPath: 'connectors/athena.md',
  keywords: ['Athena', 'AWS', 'Amazon', 'Glue', 'Presto', 'Trino', 'SQL'],
  logo,
  maturity: {
    level: 'BETA',
    reason:
      'Its proofs run against a public implementation and against servers that answer as documented, not against AWS.',
  },
  drivers: [
    { name: '@aws-sdk/client-athena', version: '3.1162.0' },
    { name: '@aws-sdk/client-sts', version: '3.1169.0' },
    { name: '@aws-sdk/client-iam', version: '3.1169.0' },
  ],
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
  maxQueryWireBytes,
  queryBudgetMs,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
  loadBrowse: () => import('./browse.ts'),
})
