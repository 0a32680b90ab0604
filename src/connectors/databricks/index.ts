import { signInPlan } from '../cloud/plan.ts'
import { defineConnector, plannedStep } from '../define.ts'
import { askMs, connectBudgetMs, queryBudgetMs, startMs } from './budgets.ts'
import { form } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

/** Databricks SQL: warehouses, and clusters that serve the same protocol. */
export const databricks = defineConnector({
  name: 'DATABRICKS',
  inputKey: 'databricks',
  version: 1,
  kind: 'SPECIFIC',
  category: 'WAREHOUSE',
  label: 'Databricks',
  description: 'Databricks SQL warehouses and clusters, by OAuth of a service principal or a personal access token.',
  docsPath: 'connectors/databricks.md',
  keywords: ['Databricks', 'Azure', 'Spark', 'Unity Catalog', 'Delta Lake', 'SQL'],
  logo,
  maturity: {
    level: 'BETA',
    reason: 'Its proofs run against servers that answer as documented, not against Databricks.',
  },
  drivers: [{ name: '@databricks/sql', version: '2.1.0' }],
  form,
  queryForm,
  plan: config => [
    ...signInPlan(config.host, 'Sign in', { connectBudgetMs: connectBudgetMs(config) }),
    plannedStep('OPEN', 'Look at the compute, and open a session on it', { budgetMs: startMs }),
    plannedStep('READ', 'List the catalog and read a row', { budgetMs: askMs }),
    plannedStep('LEAST_PRIVILEGE', 'Check that the principal may only read', { budgetMs: askMs }),
  ],
  problems: problemCodes,
  queryBudgetMs,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
  loadBrowse: () => import('./browse.ts'),
})
