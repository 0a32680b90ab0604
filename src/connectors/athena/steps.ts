import { afterwards, wayIn } from '../cloud/scrubbed-steps.ts'
import type { StepReport } from '../connection-test.ts'
import type { RunEnvironment, Step, TestRun } from '../define.ts'
import { problem } from '../problem.ts'
import { queryStepMs } from './budgets.ts'
import type { AthenaConfig } from './form.ts'
import { leastPrivilegeStep } from './least-privilege-step.ts'
import { AthenaSession } from './open.ts'
import { openStep } from './open-step.ts'
import { type Found, nothing, readStep } from './read-step.ts'
import { reported, type Work, workOf } from './work.ts'
import type { OpenWorkgroup } from './workgroup.ts'

/** For all of a test's steps. */
const sessionSeconds = (4 * queryStepMs) / 1_000

/** The plan of a test: who asks, the way to Athena, a query of nothing, and one of a table. */
export function startTest(config: AthenaConfig, environment: RunEnvironment): TestRun {
  const session = new AthenaSession(config, environment, { purpose: 'TEST', sessionSeconds })
  const { stages } = session
  let opened: OpenWorkgroup | null = null
  let found: Found = nothing

  const atAthena = (step: (work: Work) => Promise<StepReport>): Step =>
    afterwards(session, context => reported(workOf(session, context), step))

  return {
    steps: {
      ...wayIn(session),
      OPEN: atAthena(work =>
        openStep(work, given => {
          opened = given
        }),
      ),
      READ: atAthena(work => {
        if (!opened) throw new Error('OPEN has not passed.')
        return readStep(work, opened, given => {
          found = given
        })
      }),
      LEAST_PRIVILEGE: afterwards(session, context => leastPrivilegeStep(session, found, context)),
    },
    timedOut: (key, seconds) => stages.timedOut(key, seconds) ?? problem('STEP_TIMED_OUT', { params: { seconds } }),
    close: () => session.close(),
  }
}
