import type { PlannedStep } from '../connection-test.ts'
import { plannedStep } from '../define.ts'

/** Where nothing can be waiting for anybody, a service answers within a second. */
const callBudgetMs = 10_000

export interface EndpointPlanOptions {
  /** Milliseconds for CONNECT, where the form says so. */
  readonly connectBudgetMs?: number
}

/** The way to one endpoint. `target`: its name, or host and port where it is none of a provider's own. */
export function networkPlan(target: string, { connectBudgetMs }: EndpointPlanOptions = {}): readonly PlannedStep[] {
  const budgetMs = connectBudgetMs === undefined ? {} : { budgetMs: connectBudgetMs }
  return [
    plannedStep('RESOLVE', `Find the address of ${target}`, { target }),
    plannedStep('EGRESS', `Check that ${target} may be reached`, { target }),
    plannedStep('CONNECT', `Connect to ${target}`, { target, ...budgetMs }),
    plannedStep('SECURE', `Encrypt and verify ${target}`, { target }),
  ]
}

/** The steps of one endpoint: the way to it, and what is asked of it first. */
export const signInPlan = (
  target: string,
  signInTitle: string,
  options: EndpointPlanOptions & { readonly signInBudgetMs?: number } = {},
): readonly PlannedStep[] => [
  ...networkPlan(target, options),
  plannedStep('SIGN_IN', signInTitle, { target, budgetMs: options.signInBudgetMs ?? callBudgetMs }),
]
