import type { RunEnvironment, TestRun } from '../define.ts'
import { WorkTransaction } from '../postgres-protocol/work-transaction.ts'
import type { PostgresConfig } from './form.ts'
import { leastPrivilegeStep } from './least-privilege-step.ts'
import { openPostgres } from './open.ts'
import { openStep } from './open-step.ts'
import { readStep } from './read-step.ts'

/** A test reads a few catalogue rows; a server that sends more than this is not answering our questions. */
const maxBytes = 16 * 1_048_576

/** The plan of a test, run on one socket and in one read-only transaction. */
export function startTest(config: PostgresConfig, environment: RunEnvironment): TestRun {
  const opening = openPostgres(config, environment.network, maxBytes)
  const work = new WorkTransaction(opening, config)
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
