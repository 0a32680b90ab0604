import { defaultBudgetsMs } from '../define.ts'
import type { CloudEndpoint } from './endpoint.ts'
import { EndpointSteps, type EndpointStepsOptions } from './endpoint-steps.ts'
import type { Stage } from './stages.ts'

export interface EndpointStageOptions<E extends CloudEndpoint = CloudEndpoint> extends EndpointStepsOptions<E> {
  /** Milliseconds for CONNECT, where the form says so. */
  readonly connectBudgetMs?: number
}

/** The way to one endpoint of a cloud, on which nothing has been asked yet. */
export interface EndpointStage<E extends CloudEndpoint = CloudEndpoint> extends Stage {
  /** For clients, once its steps have passed. */
  readonly endpoint: EndpointSteps<E>
}

export function endpointStage<E extends CloudEndpoint>({
  connectBudgetMs,
  ...options
}: EndpointStageOptions<E>): EndpointStage<E> {
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
