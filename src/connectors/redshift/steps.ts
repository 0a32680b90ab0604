import type { StepReport } from '../connection-test.ts'
import { type RunEnvironment, type Step, type StepContext, skipped, type TestRun, warning } from '../define.ts'
import { WorkTransaction } from '../postgres-protocol/work-transaction.ts'
import { isServerless } from './deployment.ts'
import type { RedshiftConfig } from './form.ts'
import { leastPrivilegeStep } from './least-privilege-step.ts'
import { openRedshift } from './open.ts'
import { openedAtSignIn, openStep } from './open-step.ts'
import { computeNotAllowed } from './problems.ts'
import { readStep } from './read-step.ts'
import { reported, type Work, workOf } from './work.ts'

/** A test reads a few catalogue rows; a server that sends more than this is not answering our questions. */
const maxBytes = 16 * 1_048_576

/** After so long a workgroup is probably waking up. */
const wakingNoteMs = 3_000

const billed = 'A serverless workgroup bills every statement, those about its catalogue too.'

/** The plan of a test: a password from AWS where the form wants one, and then one session on one socket. */
export function startTest(config: RedshiftConfig, environment: RunEnvironment): TestRun {
  const opening = openRedshift(config, environment, maxBytes)
  const { stages, database } = opening
  const transaction = new WorkTransaction(database, config)
  const serverless = isServerless(config)
  const mayAsk = !serverless || environment.mayStartCompute

  // What there is to hide is known only when the step has ended.
  const scrubbed = async (work: Promise<StepReport>): Promise<StepReport> => {
    const report = await work
    return opening.scrub.report(report)
  }
  const atDatabase =
    (step: (work: Work) => Promise<StepReport>, share = 1): Step =>
    context => {
      const work = workOf(transaction, opening.username, { ...context, budgetMs: context.budgetMs * share })
      return scrubbed(database.blamed(reported(work, step)))
    }
  const patient = (step: Step): Step => (serverless ? context => noted(step, context) : step)

  const signIn = stages.step('SIGN_IN', patient(database.steps.SIGN_IN))

  return {
    steps: {
      ...database.steps,
      RESOLVE: stages.step('RESOLVE', database.steps.RESOLVE),
      EGRESS: stages.step('EGRESS', database.steps.EGRESS),
      CONNECT: stages.step('CONNECT', database.steps.CONNECT),
      SECURE: stages.step('SECURE', database.steps.SECURE),
      SIGN_IN: context => scrubbed(signIn(context)),
      OPEN: patient(atDatabase(mayAsk ? openStep : async work => openedAtSignIn(work))),
      READ: patient(
        atDatabase(
          mayAsk ? work => readStep(work, environment.mayStartCompute) : async () => warning(computeNotAllowed(billed)),
        ),
      ),
      // The server gives up before the step does, so that a slow catalogue reads as not measured.
      LEAST_PRIVILEGE: atDatabase(mayAsk ? leastPrivilegeStep : async () => skipped(computeNotAllowed(billed)), 0.8),
    },
    timedOut: (key, seconds) => stages.timedOut(key, seconds) ?? database.timedOut(key, seconds),
    close: async () => {
      stages.close()
      await database.close({ busy: transaction.busy })
    },
  }
}

/** The step, with a word on what it waits for when it takes long. */
async function noted(step: Step, context: StepContext): Promise<StepReport> {
  const timer = setTimeout(
    () => context.note('The workgroup may have paused; waking up takes it up to a few minutes.'),
    wakingNoteMs,
  )
  try {
    return await step(context)
  } finally {
    clearTimeout(timer)
  }
}
