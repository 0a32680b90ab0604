import { type EndpointPlanOptions, signInPlan } from '../cloud/plan.ts'
import type { PlannedStep } from '../connection-test.ts'
import { type AwsService, endpointName } from './endpoint.ts'

/** The steps of one endpoint: the way to it, and what is asked of it first. */
export const endpointPlan = (
  service: AwsService,
  region: string,
  signInTitle: string,
  options: EndpointPlanOptions = {},
): readonly PlannedStep[] => signInPlan(endpointName(service, region), signInTitle, options)

/** The steps that come first where a role is assumed. */
export const rolePlan = (region: string): readonly PlannedStep[] => endpointPlan('sts', region, 'Assume the role')

/** The steps that say who asks: by keys or by a role. */
export const accessPlan = (
  region: string,
  assumesRole: boolean,
  options: EndpointPlanOptions = {},
): readonly PlannedStep[] =>
  endpointPlan('sts', region, assumesRole ? 'Assume the role' : 'Ask who the keys belong to', options)
