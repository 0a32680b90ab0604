import type { StepReport } from '../connection-test.ts'
import { defaultBudgetsMs } from '../define.ts'
import type { Problem } from '../problem.ts'
import { guardAnswers, type ServerClock } from './answer-guard.ts'
import { EndpointSteps, type EndpointStepsOptions } from './endpoint-steps.ts'
import type { AwsKeys } from './identity.ts'
import { type AwsCall, failedCall } from './problems.ts'
import type { AwsClient } from './service.ts'
import type { Stage, StageContext } from './stages.ts'

/** No answer to a question of ours is longer. */
const maxAnswerBytes = 1_048_576

export interface Caller {
  /** Makes a client of the SDK with settings that fit every one of them. It is closed when the step ends. */
  client<C extends AwsClient>(make: (settings: ReturnType<EndpointSteps['clientConfig']>) => C): C
  readonly signal: AbortSignal
}

export interface CallStageOptions extends EndpointStepsOptions {
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
  steps: EndpointSteps,
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
        // A little less than the step's own time, so that it can tell what it waited for.
        const client = make(steps.clientConfig(given, budgetMs - Math.min(200, budgetMs / 10)))
        guardAnswers(client, { maxBytes: maxAnswerBytes, clock })
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
