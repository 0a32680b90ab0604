import type { PlannedStep } from '../connection-test.ts'
import { plannedStep } from '../define.ts'
import { type AwsService, endpointName } from './endpoint.ts'

/** Where nothing can be waiting for anybody, a service answers within a second. */
const callBudgetMs = 10_000

/** The steps of one endpoint: the way to it, and what is asked of it first. */
export function endpointPlan(service: AwsService, region: string, signInTitle: string): readonly PlannedStep[] {
  const target = endpointName(service, region)
  return [
    plannedStep('RESOLVE', `Find the address of ${target}`, { target }),
    plannedStep('EGRESS', `Check that ${target} may be reached`, { target }),
    plannedStep('CONNECT', `Connect to ${target}`, { target }),
    plannedStep('SECURE', `Encrypt and verify ${target}`, { target }),
    plannedStep('SIGN_IN', signInTitle, { target, budgetMs: callBudgetMs }),
  ]
}

/** The steps that come first where a role is assumed. */
export const rolePlan = (region: string): readonly PlannedStep[] => endpointPlan('sts', region, 'Assume the role')
