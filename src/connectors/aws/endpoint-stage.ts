import { defaultBudgetsMs } from '../define.ts'
import { EndpointSteps, type EndpointStepsOptions } from './endpoint-steps.ts'
import type { Stage } from './stages.ts'

export interface EndpointStageOptions extends EndpointStepsOptions {
  /** Milliseconds for CONNECT, where the form says so. */
  readonly connectBudgetMs?: number
}

/** The way to one endpoint of AWS, on which nothing has been asked yet. */
export interface EndpointStage extends Stage {
  /** For an `AwsService`, once its steps have passed. */
  readonly endpoint: EndpointSteps
}

export function endpointStage({ connectBudgetMs, ...options }: EndpointStageOptions): EndpointStage {
  const endpoint = new EndpointSteps(options)
  return {
    target: options.endpoint.name,
    endpoint,
    steps: endpoint.steps,
    timedOut: (key, seconds) => endpoint.timedOut(key, seconds),
    budgetMs: key => (key === 'CONNECT' ? connectBudgetMs : undefined) ?? defaultBudgetsMs[key],
    close: () => endpoint.close(),
  }
}
