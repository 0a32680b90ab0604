import { defineConnector, plannedStep } from '../define.ts'
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
    plannedStep('RESOLVE', 'Find the address'),
    plannedStep('EGRESS', 'Check that the address is allowed'),
    plannedStep('CONNECT', 'Connect', { budgetMs: config.limits.connectTimeoutSeconds * 1_000 }),
    plannedStep('GREET', 'Check that PostgreSQL answers'),
    plannedStep('SECURE', 'Encrypt and verify the server'),
    plannedStep('SIGN_IN', 'Sign in'),
    plannedStep('OPEN', 'Open the database'),
    plannedStep('READ', 'Read a row'),
    plannedStep('LEAST_PRIVILEGE', 'Check that the account can only read'),
  ],
  problems: problemCodes,
  queryBudgetMs: config =>
    (config.limits.connectTimeoutSeconds + config.limits.statementTimeoutSeconds) * 1_000 + 30_000,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
})
