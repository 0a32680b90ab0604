import type { StepReport } from '../connection-test.ts'
import type { Step, StepContext } from '../define.ts'
import type { Scrubber } from '../scrub/scrubber.ts'
import { type Stages, stageKeys } from './stages.ts'

/** What the steps of one run share. */
export interface StagedRun {
  readonly stages: Stages
  /** Asked for when it is needed: tokens are handed out within steps. */
  readonly scrub: Scrubber
}

/** The steps of a run's way in, by key, without what the run has been given on its way. */
export const wayIn = (run: StagedRun) =>
  Object.fromEntries(stageKeys.map(key => [key, scrubbed(run, run.stages.step(key))]))

/** A step that comes after the way in. */
export const afterwards = (run: StagedRun, step: (context: StepContext) => Promise<StepReport>): Step =>
  scrubbed(run, context => {
    run.stages.leave()
    return step(context)
  })

const scrubbed =
  (run: StagedRun, step: Step): Step =>
  async context => {
    const { note } = context
    const report = await step({ ...context, note: text => note(run.scrub.text(text)) })
    return run.scrub.report(report)
  }
