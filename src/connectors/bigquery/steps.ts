import { afterwards, wayIn } from '../cloud/scrubbed-steps.ts'
import type { StepReport } from '../connection-test.ts'
import type { RunEnvironment, Step, TestRun } from '../define.ts'
import { problem } from '../problem.ts'
import { askMs } from './budgets.ts'
import { type Found, nothing } from './catalog.ts'
import type { BigqueryConfig } from './form.ts'
import { leastPrivilegeStep } from './least-privilege-step.ts'
import { BigquerySession } from './open.ts'
import { openStep } from './open-step.ts'
import { readStep } from './read-step.ts'
import { reported, type Work, workOf } from './work.ts'

/** For all of a test's steps. */
const lifetimeSeconds = (6 * askMs) / 1_000

/** The plan of a test: who asks, the way to BigQuery, and what is asked there. Nothing of it costs anything. */
export function startTest(config: BigqueryConfig, environment: RunEnvironment): TestRun {
  const session = new BigquerySession(config, environment, { purpose: 'TEST', lifetimeSeconds })
  const { stages } = session
  let found: Found = nothing

  const atBigquery = (step: (work: Work) => Promise<StepReport>): Step =>
    afterwards(session, context => reported(workOf(session, context), step))

  return {
    steps: {
      ...wayIn(session),
      OPEN: atBigquery(openStep),
      READ: atBigquery(work =>
        readStep(work, given => {
          found = given
        }),
      ),
      LEAST_PRIVILEGE: atBigquery(work => leastPrivilegeStep(work, found)),
    },
    timedOut: (key, seconds) => stages.timedOut(key, seconds) ?? problem('STEP_TIMED_OUT', { params: { seconds } }),
    close: () => session.close(),
  }
}
