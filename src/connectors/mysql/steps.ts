import type { RunEnvironment, TestRun } from '../define.ts'
import type { MysqlConfig } from './form.ts'
import { leastPrivilegeStep } from './least-privilege-step.ts'
import { MysqlOpening } from './open.ts'
import { openStep } from './open-step.ts'
import { readStep } from './read-step.ts'
import { Work } from './work.ts'

/** A test reads a few catalogue rows; a server that sends more than this is not answering our questions. */
const maxBytes = 16 * 1_048_576

/** The plan of a test, run on one socket and in read-only transactions. */
export function startTest(config: MysqlConfig, environment: RunEnvironment): TestRun {
  const opening = new MysqlOpening(config, environment.network, maxBytes)
  const work = new Work(opening, config)
  return {
    steps: {
      ...opening.steps,
      OPEN: context => opening.blamed(openStep(work, context)),
      READ: context => opening.blamed(readStep(work, context)),
      LEAST_PRIVILEGE: context => opening.blamed(leastPrivilegeStep(work, context)),
    },
    timedOut: (key, seconds) => opening.timedOut(key, seconds),
    close: () => opening.close({ busy: work.busy }),
  }
}
