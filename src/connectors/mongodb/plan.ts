import type { PlannedStep } from '../connection-test.ts'
import { plannedStep } from '../define.ts'
import type { MongodbConfig } from './form.ts'

/** Two questions more than other types ask: for SRV and TXT records, before those for addresses. */
const srvResolveMs = 6_000

/**
 * The steps up to a signed-in session, which a test and a query have in common. SECURE comes before GREET: MongoDB's
 * encryption begins with the first byte, and only behind it can the server be asked what it speaks.
 */
export function openingPlan(config: MongodbConfig): readonly PlannedStep[] {
  const { auth, limits, srvHost } = config
  const isSrv = srvHost !== undefined
  return [
    plannedStep('RESOLVE', isSrv ? 'Find the servers and their addresses' : 'Find the addresses', {
      ...(isSrv && { budgetMs: srvResolveMs }),
    }),
    plannedStep('EGRESS', 'Check that the addresses are allowed'),
    plannedStep('CONNECT', 'Connect', { budgetMs: limits.connectTimeoutSeconds * 1_000 }),
    plannedStep('SECURE', 'Encrypt and verify the servers'),
    plannedStep('GREET', 'Check that MongoDB answers'),
    plannedStep('TOPOLOGY', 'Find the server to read from'),
    // Without one there is nothing that the server could accept or refuse.
    ...(auth.none ? [] : [plannedStep('SIGN_IN', 'Sign in')]),
    plannedStep('OPEN', 'Open a session'),
  ]
}

/** The test plan for one configuration. */
export const plan = (config: MongodbConfig): readonly PlannedStep[] => [
  ...openingPlan(config),
  plannedStep('READ', 'Read a document'),
  plannedStep('LEAST_PRIVILEGE', 'Check that the account can only read'),
]

/** Longest time from nothing to an open session. */
export const openingBudgetMs = (config: MongodbConfig): number =>
  openingPlan(config).reduce((total, { budgetMs }) => total + budgetMs, 0)
