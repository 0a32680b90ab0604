import type { RunEnvironment, TestRun } from '../define.ts'
import type { MongodbConfig } from './form.ts'
import { leastPrivilegeStep } from './least-privilege-step.ts'
import { MongodbOpening } from './open.ts'
import { openStep } from './open-step.ts'
import { readStep } from './read-step.ts'

/** The plan of a test: probes without credentials, then one session of the driver. */
export function startTest(config: MongodbConfig, environment: RunEnvironment): TestRun {
  const opening = new MongodbOpening(config, { network: environment.network, purpose: 'TEST' })
  let running = 0
  const counted = async <T>(work: Promise<T>): Promise<T> => {
    running += 1
    try {
      return await work
    } finally {
      running -= 1
    }
  }
  return {
    steps: {
      ...opening.steps,
      OPEN: context => counted(openStep(opening, context)),
      READ: context => counted(readStep(opening, config, context)),
      LEAST_PRIVILEGE: context => counted(leastPrivilegeStep(opening, config, context)),
    },
    timedOut: (key, seconds) => opening.timedOut(key, seconds),
    close: () => opening.close({ busy: running > 0 }),
  }
}
