import { defineConnector, plannedStep } from '../define.ts'
import { openingAccounts, openingPlan, sessionQueryBudgetMs } from '../session/plan.ts'
import { credentialsOf } from './credentials.ts'
import { form } from './form.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

/** PostgreSQL and servers that speak its protocol. */
export const postgres = defineConnector({
  name: 'POSTGRES',
  inputKey: 'postgres',
  version: 1,
  kind: 'SPECIFIC',
  category: 'DATABASE',
  label: 'PostgreSQL',
  description: 'PostgreSQL and servers that speak its protocol: Amazon RDS and Aurora, Cloud SQL, Azure, PgBouncer.',
  docsPath: 'connectors/postgres.md',
  capabilities: ['PREVIEW', 'READ_ONLY_SESSION', 'LEAST_PRIVILEGE_CHECK'],
  form,
  queryForm,
  plan: config => [
    ...openingPlan(config, 'PostgreSQL'),
    plannedStep('OPEN', 'Open the database'),
    plannedStep('READ', 'Read a row'),
    plannedStep('LEAST_PRIVILEGE', 'Check that the account can only read'),
  ],
  tunnel: config => config.sshTunnel ?? null,
  accounts: config => openingAccounts(config, credentialsOf(config).username),
  problems: problemCodes,
  queryBudgetMs: sessionQueryBudgetMs,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
})
