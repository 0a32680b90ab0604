import { networkPlan, signInPlan } from '../cloud/plan.ts'
import { defineConnector, plannedStep } from '../define.ts'
import { askMs, connectBudgetMs, queryBudgetMs } from './budgets.ts'
import { endpoints } from './endpoints.ts'
import { form } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

/** Values come in JSON of their own, with words around each. A page at a time is kept. */
const maxQueryWireBytes = 2 ** 36

/** Google BigQuery. */
export const bigquery = defineConnector({
  name: 'BIGQUERY',
  inputKey: 'bigquery',
  version: 1,
  kind: 'SPECIFIC',
  category: 'WAREHOUSE',
  label: 'Google BigQuery',
  description: 'Google BigQuery, by the key of a service account, by impersonation, or by an access token.',
  docsPath: 'connectors/bigquery.md',
  keywords: ['BigQuery', 'Google Cloud', 'GCP', 'SQL'],
  logo,
  maturity: {
    level: 'BETA',
    reason:
      'Its proofs run against a public implementation and against servers that answer as documented, not against Google.',
  },
  drivers: [],
  form,
  queryForm,
  plan: config => {
    const options = { connectBudgetMs: connectBudgetMs(config) }
    const { accessToken, impersonate } = config.auth
    return [
      ...signInPlan(endpoints.tokens, accessToken ? 'Ask whose the token is' : 'Exchange the key for a token', options),
      ...(impersonate ? signInPlan(endpoints.credentials, 'Get a token of the service account', options) : []),
      ...networkPlan(endpoints.bigquery, options),
      plannedStep('OPEN', 'Check a query without running it', { budgetMs: askMs }),
      plannedStep('READ', 'List datasets and read a row', { budgetMs: askMs }),
      plannedStep('LEAST_PRIVILEGE', 'Check that the account may only read', { budgetMs: askMs }),
    ]
  },
  problems: problemCodes,
  maxQueryWireBytes,
  queryBudgetMs,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
  loadBrowse: () => import('./browse.ts'),
})
