import { afterwards, wayIn } from '../cloud/scrubbed-steps.ts'
import type { StepReport } from '../connection-test.ts'
import type { RunEnvironment, Step, TestRun } from '../define.ts'
import { problem } from '../problem.ts'
import type { SnowflakeConfig } from './form.ts'
import { leastPrivilegeStep } from './least-privilege-step.ts'
import { SnowflakeSession } from './open.ts'
import { openStep } from './open-step.ts'
import { readStep } from './read-step.ts'
import { topologyStep } from './topology-step.ts'
import type { Warehouse } from './warehouse.ts'
import { reported, type Work, workOf } from './work.ts'

/** The plan of a test: the way to tokens and to Snowflake, the session, what large results want, a table, and rights. */
export function startTest(config: SnowflakeConfig, environment: RunEnvironment): TestRun {
  const session = new SnowflakeSession(config, environment)
  const { stages } = session
  let warehouse: Warehouse | null = null

  const inSession = (step: (work: Work) => Promise<StepReport>): Step =>
    afterwards(session, context => {
      const work = workOf(session, context)
      return reported(work, () => step(work))
    })

  return {
    steps: {
      ...wayIn(session),
      OPEN: inSession(work =>
        openStep(work, found => {
          warehouse = found
        }),
      ),
      TOPOLOGY: inSession(topologyStep),
      READ: inSession(work => readStep(work, warehouse)),
      LEAST_PRIVILEGE: inSession(leastPrivilegeStep),
    },
    timedOut: (key, seconds) => stages.timedOut(key, seconds) ?? problem('STEP_TIMED_OUT', { params: { seconds } }),
    close: () => session.close(),
  }
}
