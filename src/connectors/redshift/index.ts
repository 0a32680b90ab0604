import { endpointPlan, rolePlan } from '../aws/plan.ts'
import { tunnelAccounts } from '../blocks/ssh-tunnel.ts'
import type { PlannedStep } from '../connection-test.ts'
import { defaultBudgetsMs, defineConnector, plannedStep } from '../define.ts'
import { openingAccounts, openingPlan, sessionQueryBudgetMs } from '../session/plan.ts'
import { wakingBudgetMs } from './deployment.ts'
import { form, type IamConfig } from './form.ts'
import { logo } from './logo.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

/** Amazon Redshift, provisioned and serverless. */
export const redshift = defineConnector({
  name: 'REDSHIFT',
  inputKey: 'redshift',
  version: 1,
  kind: 'SPECIFIC',
  category: 'WAREHOUSE',
  label: 'Amazon Redshift',
  description: 'Amazon Redshift: provisioned clusters and serverless workgroups, by password or by AWS IAM.',
  docsPath: 'connectors/redshift.md',
  keywords: ['Redshift', 'AWS', 'Amazon', 'SQL'],
  logo,
  maturity: {
    level: 'BETA',
    reason: 'Its proofs run against servers that speak as Redshift does; no cluster of Amazon has been used.',
  },
  drivers: [
    { name: 'pg', version: '8.23.1' },
    { name: '@aws-sdk/client-sts', version: '3.1169.0' },
    { name: '@aws-sdk/client-redshift', version: '3.1169.0' },
    { name: '@aws-sdk/client-redshift-serverless', version: '3.1169.0' },
    { name: 'ssh2', version: '1.17.0' },
  ],
  readOnlySession: true,
  form,
  queryForm,
  plan: config => [
    ...credentialsPlan(config.auth.iam),
    ...[
      ...openingPlan(config, 'Redshift'),
      plannedStep('OPEN', 'Open the database'),
      plannedStep('READ', 'Read a row'),
      plannedStep('LEAST_PRIVILEGE', 'Check that the account can only read'),
    ].map(step => ({ ...step, budgetMs: wakingBudgetMs(config, step.key) ?? step.budgetMs })),
  ],
  tunnel: config => config.sshTunnel ?? null,
  // A password that AWS gives out cannot be guessed wrong: there is no account that it could lock.
  accounts: config =>
    config.auth.password ? openingAccounts(config, config.auth.password.username) : tunnelAccounts(config.sshTunnel),
  assumesRole: config => config.auth.iam?.credentials.assumeRole !== undefined,
  problems: problemCodes,
  queryBudgetMs: config =>
    sessionQueryBudgetMs(config) +
    credentialsPlan(config.auth.iam).reduce((sum, step) => sum + step.budgetMs, 0) +
    (wakingBudgetMs(config, 'SIGN_IN') ?? defaultBudgetsMs.SIGN_IN),
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
  loadBrowse: () => import('./browse.ts'),
})

/** Temporary credentials first: by a role's keys where there is one. */
function credentialsPlan(iam: IamConfig | undefined): readonly PlannedStep[] {
  if (!iam) return []
  const service = iam.deployment.serverless ? 'redshift-serverless' : 'redshift'
  const own = endpointPlan(service, iam.region, 'Get a password for the database')
  return iam.credentials.assumeRole ? [...rolePlan(iam.region), ...own] : own
}
