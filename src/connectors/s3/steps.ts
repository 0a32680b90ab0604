import { leastPrivilegeReport } from '../aws/least-privilege.ts'
import { afterwards, wayIn } from '../cloud/scrubbed-steps.ts'
import type { StepReport } from '../connection-test.ts'
import { type RunEnvironment, type StepContext, skipped, type TestRun } from '../define.ts'
import { problem } from '../problem.ts'
import type { S3Config } from './form.ts'
import { openS3, type S3Opening } from './open.ts'
import { openStep } from './open-step.ts'
import { readStep } from './read-step.ts'
import { readingStatements, writingStatements } from './rights.ts'

/** The plan of a test: who asks, the way to S3, and what is asked there. */
export function startTest(config: S3Config, environment: RunEnvironment): TestRun {
  const opening = openS3(config, environment, 'TEST')
  const { bucket, stages } = opening

  return {
    steps: {
      ...wayIn(opening),
      OPEN: afterwards(opening, context => openStep(bucket, config, context)),
      READ: afterwards(opening, context => readStep(bucket, config, context)),
      LEAST_PRIVILEGE: afterwards(opening, context => leastPrivilegeStep(opening, config, context)),
    },
    timedOut: (key, seconds) =>
      stages.timedOut(key, seconds) ??
      (key === 'LEAST_PRIVILEGE'
        ? problem('STEP_TIMED_OUT', { params: { seconds } })
        : problem('CLOUD_TIMED_OUT', { params: { service: bucket.server.name, seconds } })),
    close: async () => opening.close(),
  }
}

async function leastPrivilegeStep(
  { access, place }: S3Opening,
  config: S3Config,
  context: StepContext,
): Promise<StepReport> {
  if (!access) {
    return skipped(problem('PRIVILEGES_UNKNOWN', { detail: 'Only AWS can be asked what an access key may do.' }))
  }
  return leastPrivilegeReport(
    {
      access,
      place,
      region: config.region,
      network: context.environment.network,
      writing: writingStatements(config),
      reading: readingStatements(config),
    },
    context,
  )
}
