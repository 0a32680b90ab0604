import { endpointName, tunnelAccounts, tunnelPlan } from '../blocks/ssh-tunnel.ts'
import type { PlannedStep } from '../connection-test.ts'
import { defaultBudgetsMs, defineConnector, plannedStep } from '../define.ts'
import { credentialsOf } from './credentials.ts'
import { form, type PostgresConfig } from './form.ts'
import { problemCodes } from './problem-codes.ts'
import { queryForm } from './query-form.ts'

const connectBudgetMs = ({ limits }: PostgresConfig) => limits.connectTimeoutSeconds * 1_000

/** Behind a tunnel only the SSH server looks up the database, and decides whether it may be reached. */
function wayIn(config: PostgresConfig): readonly PlannedStep[] {
  const budgetMs = connectBudgetMs(config)
  if (config.sshTunnel) {
    return [
      ...tunnelPlan(config.sshTunnel, budgetMs),
      plannedStep('CONNECT', 'Connect through the tunnel', { budgetMs }),
    ]
  }
  return [
    plannedStep('RESOLVE', 'Find the address'),
    plannedStep('EGRESS', 'Check that the address is allowed'),
    plannedStep('CONNECT', 'Connect', { budgetMs }),
  ]
}

/** What tells the service apart: the same host behind another SSH server is another one. */
const serviceName = ({ sshTunnel, ...config }: PostgresConfig) =>
  sshTunnel ? `${endpointName(config)} via ${endpointName(sshTunnel)}` : endpointName(config)

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
    ...wayIn(config),
    plannedStep('GREET', 'Check that PostgreSQL answers'),
    plannedStep('SECURE', 'Encrypt and verify the server'),
    plannedStep('SIGN_IN', 'Sign in'),
    plannedStep('OPEN', 'Open the database'),
    plannedStep('READ', 'Read a row'),
    plannedStep('LEAST_PRIVILEGE', 'Check that the account can only read'),
  ],
  tunnel: config => config.sshTunnel ?? null,
  accounts: config => [
    ...tunnelAccounts(config.sshTunnel),
    { step: 'SIGN_IN', service: serviceName(config), username: credentialsOf(config).username },
  ],
  problems: problemCodes,
  queryBudgetMs: config =>
    (config.limits.connectTimeoutSeconds + config.limits.statementTimeoutSeconds) * 1_000 +
    (config.sshTunnel ? connectBudgetMs(config) + defaultBudgetsMs.TUNNEL : 0) +
    30_000,
  loadSteps: () => import('./steps.ts'),
  loadQuery: () => import('./query.ts'),
})
