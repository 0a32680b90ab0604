import { EndpointSteps, type EndpointStepsOptions } from '../cloud/endpoint-steps.ts'
import { callsMs, type Stage, type StageContext } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { defaultBudgetsMs } from '../define.ts'
import type { Problem } from '../problem.ts'
import { guardAnswers, type ServerClock } from './answer-guard.ts'
import { clientConfig } from './client-config.ts'
import type { AwsEndpoint } from './endpoint.ts'
import type { AwsKeys } from './identity.ts'
import { type AwsCall, failedCall } from './problems.ts'
import { type AwsClient, type ClientSettings, usualAnswerBytes } from './service.ts'

export interface Caller {
  /** Makes a client of the SDK with settings that fit every one of them. It is closed when the step ends. */
  client<C extends AwsClient>(make: (settings: ClientSettings) => C): C
  readonly signal: AbortSignal
}

export interface CallStageOptions extends EndpointStepsOptions<AwsEndpoint> {
  readonly call: Omit<AwsCall, 'clock' | 'endpoint' | 'budgetMs'>
  /** With what the request is signed. Asked when the step begins; a report instead of keys ends the step. */
  readonly keys: () => AwsKeys | StepReport
  /** Makes the call and answers the step's report. What it throws is classified. */
  readonly ask: (caller: Caller) => Promise<StepReport>
  /** What a problem of the call comes to, where it means something of its own. */
  readonly explain?: (found: Problem) => Problem
}

/** The way to one endpoint of AWS, and one call there as its SIGN_IN. */
export function callStage(options: CallStageOptions): Stage {
  const steps = new EndpointSteps(options)
  return {
    target: options.endpoint.name,
    steps: { ...steps.steps, SIGN_IN: context => signIn(steps, options, context) },
    timedOut: (key, seconds) => steps.timedOut(key, seconds),
    budgetMs: key => defaultBudgetsMs[key],
    close: () => steps.close(),
  }
}

async function signIn(
  steps: EndpointSteps<AwsEndpoint>,
  { call, keys, ask, explain }: CallStageOptions,
  { signal, budgetMs }: StageContext,
): Promise<StepReport> {
  const given = keys()
  if ('status' in given) return given
  const clock: ServerClock = { skewMs: null }
  const clients: AwsClient[] = []
  try {
    return await ask({
      client: make => {
        const client = make(clientConfig(steps, given, callsMs(budgetMs)))
        guardAnswers(client, { maxBytes: usualAnswerBytes, clock })
        clients.push(client)
        return client
      },
      signal,
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const report = failedCall(error, { ...call, endpoint: steps.endpoint, clock, budgetMs })
    return report.problem && explain ? { ...report, problem: explain(report.problem) } : report
  } finally {
    for (const client of clients) client.destroy()
  }
}
