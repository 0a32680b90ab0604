import { afterwards, wayIn } from '../cloud/scrubbed-steps.ts'
import type { StepReport } from '../connection-test.ts'
import type { RunEnvironment, Step, TestRun } from '../define.ts'
import { problem } from '../problem.ts'
import type { DatabricksConfig } from './form.ts'
import { leastPrivilegeStep } from './least-privilege-step.ts'
import { Workspace } from './open.ts'
import { type Opened, openStep } from './open-step.ts'
import { type Found, nothing, readStep } from './read-step.ts'
import { reported, type Work, workOf } from './work.ts'

/** The plan of a test: the way to the workspace, who asks, the compute, what there is to read, and the rights on it. */
export function startTest(config: DatabricksConfig, environment: RunEnvironment): TestRun {
  const workspace = new Workspace(config, environment, { purpose: 'TEST' })
  const { stages } = workspace
  let opened: Opened = { session: null, catalog: null }
  let found: Found = nothing

  const inWorkspace = (step: (work: Work) => Promise<StepReport>): Step =>
    afterwards(workspace, context => reported(workOf(workspace, context), step))

  return {
    steps: {
      ...wayIn(workspace),
      OPEN: inWorkspace(work =>
        openStep(work, given => {
          opened = given
        }),
      ),
      READ: inWorkspace(work =>
        readStep(work, opened, given => {
          found = given
        }),
      ),
      LEAST_PRIVILEGE: inWorkspace(work => leastPrivilegeStep(work, found)),
    },
    timedOut: (key, seconds) => stages.timedOut(key, seconds) ?? problem('STEP_TIMED_OUT', { params: { seconds } }),
    close: async () => {
      await opened.session?.close()
      workspace.close()
    },
  }
}
