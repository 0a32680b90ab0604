import { afterwards, wayIn } from '../cloud/scrubbed-steps.ts'
import type { RunEnvironment, TestRun } from '../define.ts'
import { problem } from '../problem.ts'
import type { HttpApiConfig } from './form.ts'
import { aboutRequest } from './problems.ts'
import { readStep } from './read-step.ts'
import { ApiSession } from './session.ts'

/** The plan of a test: a token where the API wants one, the way to the API, and one request, which is never repeated. */
export function startTest(config: HttpApiConfig, environment: RunEnvironment): TestRun {
  const session = new ApiSession(config, environment, { isPaced: false })
  const { stages } = session
  const { method, path } = config.probe
  return {
    steps: { ...wayIn(session), READ: afterwards(session, context => readStep(session, context)) },
    timedOut: (key, seconds) =>
      stages.timedOut(key, seconds) ??
      (key === 'READ'
        ? aboutRequest('HTTP_TIMED_OUT', { config, purpose: 'TEST', method, path }, { params: { seconds } })
        : problem('STEP_TIMED_OUT', { params: { seconds } })),
    close: async () => session.close(),
  }
}
