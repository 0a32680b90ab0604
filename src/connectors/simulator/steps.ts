import type { StepKey, StepReport } from '../connection-test.ts'
import {
  failed,
  passed,
  type RunEnvironment,
  type Step,
  type StepContext,
  skipped,
  type TestRun,
  warning,
} from '../define.ts'
import type { SimulatorConfig } from './form.ts'
import { misbehave, takeTime } from './open.ts'
import { stepProblem, timeoutProblem } from './problems.ts'
import { sampleEvidence } from './samples.ts'
import { scriptOf } from './script.ts'
import { simulatedKeys } from './step-keys.ts'

/** A test whose steps do what their scripts say. */
export function startTest(config: SimulatorConfig, _environment: RunEnvironment): TestRun {
  // A step that times out is the one that started last.
  let target: string | null = null
  const perform =
    (key: StepKey): Step =>
    context => {
      target = context.target
      return performStep(config, key, context)
    }
  return {
    steps: Object.fromEntries(simulatedKeys.map(key => [key, perform(key)])),
    timedOut: (key, seconds) => timeoutProblem(config, key, scriptOf(config, key, target), seconds),
    close: async () => {},
  }
}

async function performStep(config: SimulatorConfig, key: StepKey, context: StepContext): Promise<StepReport> {
  const script = scriptOf(config, key, context.target)
  await takeTime(script, context)
  const evidence = sampleEvidence(script.evidence ?? [], config, key)
  const problem = () => stepProblem(config, key, script, context.budgetMs / 1_000)
  switch (script.outcome) {
    case 'PASSED':
      return passed(evidence)
    case 'WARNING':
      return warning(problem(), evidence)
    case 'FAILED':
      return failed(problem(), evidence)
    case 'SKIPPED':
      return skipped(problem(), evidence)
    default:
      return misbehave(script.outcome, context.signal)
  }
}
