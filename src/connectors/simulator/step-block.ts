import { z } from 'zod'
import { block, choice, field } from '../form.ts'
import { evidenceKinds, problemChoices, remedyKinds, stepOutcomes } from './outcomes.ts'
import { simulatedSteps } from './step-keys.ts'

/** One for each step, and one for each endpoint of those that repeat. */
const maxEntries = 40
/** No step may be planned for longer: a process is held all that time. */
const maxStepMs = 120_000
const path = z.string().min(1).max(200)

/** What one step does. Nothing of it has a default: what is left out is as the scenario has it. */
const stepBlock = block(
  {
    step: choice(simulatedSteps, {
      label: 'Step',
      help: 'Which step this is about.',
      typeName: 'ConnectionTestStepKey',
    }),
    outcome: choice(stepOutcomes, {
      label: 'Outcome',
      help: 'How it ends. As in the scenario when left out; with a problem given, it fails.',
      typeName: 'SimulatedStepOutcome',
    }).optional(),
    problem: choice(problemChoices, {
      label: 'Problem',
      help: 'What a step reports that warns, fails, is skipped or hangs. One that fits the step when left out.',
      typeName: 'ProblemCode',
    }).optional(),
    detail: field(z.string().min(1).max(300).optional(), {
      label: 'Detail',
      help: "The problem's detail, as if in the server's own words. Secrets in it are removed as everywhere.",
    }),
    fields: field(z.array(path).max(20).optional(), {
      label: 'Fields',
      help: 'Paths of the form fields that the problem marks.',
    }),
    remedies: field(
      z
        .array(choice(remedyKinds, { label: 'Remedy', help: 'A sample of this kind.', typeName: 'SimulatedRemedy' }))
        .max(10)
        .optional(),
      { label: 'Remedies', help: 'Samples of what the problem offers to do, in this order.' },
    ),
    evidence: field(
      z
        .array(
          choice(evidenceKinds, { label: 'Evidence', help: 'A sample of this kind.', typeName: 'SimulatedEvidence' }),
        )
        .max(10)
        .optional(),
      { label: 'Evidence', help: 'Samples of what the step shows, in this order.' },
    ),
    delayMs: field(z.int().min(0).max(maxStepMs).optional(), {
      label: 'Delay (ms)',
      help: 'How long it takes before its outcome. Longer than its budget, it times out.',
    }),
    notes: field(z.array(z.string().min(1).max(200)).max(20).optional(), {
      label: 'Progress notes',
      help: 'Told one after another while the delay lasts.',
    }),
    budgetMs: field(z.int().min(50).max(maxStepMs).optional(), {
      label: 'Budget (ms)',
      help: 'How long it may take. The usual budget of such a step when left out.',
      advanced: true,
    }),
    required: field(z.boolean().optional(), {
      label: 'Required',
      help: 'Whether the rest is skipped when it fails. True when left out, but for the check of rights.',
      advanced: true,
    }),
    planned: field(z.boolean().optional(), {
      label: 'Planned',
      help: 'Whether the test has this step. When left out: if the scenario has it, or an entry is about it.',
      advanced: true,
    }),
    target: field(path.optional(), {
      label: 'Only at this target',
      help: 'The endpoint at which all this happens, where the step repeats; at those that no entry is for, it passes.',
      advanced: true,
    }),
  },
  { label: 'Simulated step', help: 'What one step of a simulated test does.', typeName: 'SimulatedStep' },
)

export type StepEntry = z.output<typeof stepBlock>
/** What a step does, wherever. */
export type SimulatedStep = Omit<StepEntry, 'step' | 'target'>

/** At most one entry for a step, or for each target of it: `courseIssues` in `script.ts` sees to that. */
export const stepsField = field(z.array(stepBlock).max(maxEntries).default([]), {
  label: 'Steps',
  help: 'The course of events step by step, on top of the scenario: one entry for each step that differs.',
  section: 'steps',
})
