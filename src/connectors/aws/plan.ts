import type { PlannedStep } from '../connection-test.ts'
import { plannedStep } from '../define.ts'
import { type AwsService, endpointName } from './endpoint.ts'

/** Where nothing can be waiting for anybody, a service answers within a second. */
const callBudgetMs = 10_000

export interface EndpointPlanOptions {
  /** Milliseconds for CONNECT, where the form says so. */
  readonly connectBudgetMs?: number
}

/** The way to one endpoint. `target`: its name, or host and port where it is none of AWS'. */
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
export function endpointPlan(
  service: AwsService,
  region: string,
  signInTitle: string,
  options: EndpointPlanOptions = {},
): readonly PlannedStep[] {
  const target = endpointName(service, region)
  return [...networkPlan(target, options), plannedStep('SIGN_IN', signInTitle, { target, budgetMs: callBudgetMs })]
}

/** The steps that come first where a role is assumed. */
export const rolePlan = (region: string): readonly PlannedStep[] => endpointPlan('sts', region, 'Assume the role')

/** The steps that say who asks: by keys or by a role. */
export const accessPlan = (
  region: string,
  assumesRole: boolean,
  options: EndpointPlanOptions = {},
): readonly PlannedStep[] =>
  endpointPlan('sts', region, assumesRole ? 'Assume the role' : 'Ask who the keys belong to', options)
