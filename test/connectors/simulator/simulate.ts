import { expect } from 'vitest'
import { applyEvent, type PlannedStep, type TestSnapshot } from '../../../src/connectors/connection-test.ts'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import type { StepMessage, TestJob } from '../../../src/connectors/host/protocol.ts'
import { runTest } from '../../../src/connectors/host/run-test.ts'
import type { SimulatorConfig } from '../../../src/connectors/simulator/form.ts'
import { simulator } from '../../../src/connectors/simulator/index.ts'
import { advance, type EventBody, endTest } from '../../../src/services/test-ending.ts'
import { environment } from '../host/made-up-host.ts'

/** The form's output for what a client gives. */
export function simulated(input: object): SimulatorConfig {
  const parsed = validateForm(simulator.form, input)
  if (!parsed.ok) throw new Error(`The form refuses this: ${JSON.stringify(parsed.issues)}`)
  return parsed.value as SimulatorConfig
}

/** What the form says of an input: paths with messages; empty for a valid one. */
export function issuesOf(input: object): Readonly<Record<string, string>> {
  const parsed = validateForm(simulator.form, input)
  return Object.fromEntries(parsed.ok ? [] : parsed.issues.map(({ path, message }) => [path, message]))
}

export const accountsOf = (input: object) => simulator.accounts?.(simulated(input) as never)

export const planOf = (input: object): readonly PlannedStep[] => simulator.plan(simulated(input) as never)

export const jobFor = (input: object): TestJob => ({
  kind: 'TEST',
  typeName: simulator.name,
  config: simulated(input),
  plan: planOf(input),
  environment,
})

/** Runs a whole test with the engine's own loop, in this process, to its last event. */
export async function playHere(input: object, signal = new AbortController().signal): Promise<TestSnapshot> {
  const job = jobFor(input)
  const now = new Date()
  const bodies: EventBody[] = [{ type: 'PLANNED', steps: job.plan }]
  await runTest(simulator, job, message => bodies.push(bodyOf(message)), signal)
  const { snapshot } = advance(null, bodies, now)
  const end = endTest(snapshot, { kind: signal.aborted ? 'CANCELLED' : 'BY_STEPS' }, now)
  expect(end.events.reduce<TestSnapshot | null>(applyEvent, snapshot)).toEqual(end.snapshot)
  return end.snapshot
}

function bodyOf(message: StepMessage): EventBody {
  switch (message.kind) {
    case 'STEP_STARTED':
      return { type: 'STEP_STARTED', stepId: message.stepId }
    case 'STEP_PROGRESSED':
      return { type: 'STEP_PROGRESSED', stepId: message.stepId, note: message.note }
    case 'STEP_FINISHED':
      return { type: 'STEP_FINISHED', stepId: message.stepId, durationMs: message.durationMs, ...message.report }
  }
}
