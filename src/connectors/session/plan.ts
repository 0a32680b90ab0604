import { endpointName, tunnelAccounts, tunnelPlan } from '../blocks/ssh-tunnel.ts'
import type { PlannedStep } from '../connection-test.ts'
import { defaultBudgetsMs, plannedStep, type SignInAccount } from '../define.ts'
import type { ServerConfig } from './server-protocol.ts'

const connectBudgetMs = ({ limits }: ServerConfig) => limits.connectTimeoutSeconds * 1_000

/** Behind a tunnel only the SSH server looks up the data source, and decides whether it may be reached. */
function wayIn(config: ServerConfig): readonly PlannedStep[] {
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

/** The steps of a `ServerOpening`, in its order. `product` is what must answer: "PostgreSQL". */
export const openingPlan = (config: ServerConfig, product: string): readonly PlannedStep[] => [
  ...wayIn(config),
  plannedStep('GREET', `Check that ${product} answers`),
  plannedStep('SECURE', 'Encrypt and verify the server'),
  plannedStep('SIGN_IN', 'Sign in'),
]

/** The accounts that an opening signs in to. The same host behind another SSH server is another service. */
export function openingAccounts(config: ServerConfig, username: string): readonly SignInAccount[] {
  const { sshTunnel } = config
  const service = sshTunnel ? `${endpointName(config)} via ${endpointName(sshTunnel)}` : endpointName(config)
  return [...tunnelAccounts(sshTunnel), { step: 'SIGN_IN', service, username }]
}

/** Longest time that a query may take: the way in, the statement, and what is around them. */
export const sessionQueryBudgetMs = (config: ServerConfig): number =>
  connectBudgetMs(config) +
  config.limits.statementTimeoutSeconds * 1_000 +
  (config.sshTunnel ? connectBudgetMs(config) + defaultBudgetsMs.TUNNEL : 0) +
  30_000
