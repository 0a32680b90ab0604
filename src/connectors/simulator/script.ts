import type { PlannedStep, StepKey } from '../connection-test.ts'
import { plannedStep } from '../define.ts'
import type { SimulatorConfig } from './form.ts'
import type { StepOutcome } from './outcomes.ts'
import { scenarios, usualEvidence, usualSteps } from './scenarios.ts'
import type { SimulatedStep } from './step-block.ts'
import { simulatedKeys, simulatedSteps } from './step-keys.ts'

/** What a step does, with outcome and pace filled in. */
export type StepScript = Omit<SimulatedStep, 'outcome' | 'delayMs' | 'notes'> & {
  readonly outcome: StepOutcome
  readonly delayMs: number
  readonly notes: readonly string[]
  /** Index of the form's entry that has the last word on the step; null where only the scenario speaks of it. */
  readonly entry: number | null
}

interface Place {
  readonly key: StepKey
  /** Null where the step does not repeat. */
  readonly target: string | null
}

/** Where the simulated tunnel is, for plans that have one. */
const tunnelTarget = 'ssh.example.com:22'
/** A rejected sign-in can be had without changing the course of events, as with a real server. */
const rejectedPassword = 'wrong'
/** A test holds a process for as long as its budgets add up to. */
const maxTestMs = 300_000

const throughTunnel: readonly StepKey[] = ['RESOLVE', 'EGRESS', 'CONNECT', 'TUNNEL']
const perEndpoint: readonly StepKey[] = ['RESOLVE', 'EGRESS', 'CONNECT', 'GREET', 'SECURE']

/** The plan of a test. */
export const simulatedPlan = (config: SimulatorConfig): readonly PlannedStep[] =>
  placesOf(config)
    .filter(place => plans(config, place))
    .map(place => {
      const { key, target } = place
      const { budgetMs, required } = given(config, place)
      return plannedStep(key, simulatedSteps[key].label, {
        ...(target !== null && { target }),
        ...(budgetMs !== undefined && { budgetMs }),
        ...(required !== undefined && { required }),
      })
    })

/** Where steps can be, in the order in which they run. */
function placesOf(config: SimulatorConfig): readonly Place[] {
  const hasTunnel = plans(config, { key: 'TUNNEL', target: tunnelTarget })
  // What lies behind a tunnel is looked up by its far side.
  const direct = hasTunnel ? perEndpoint.filter(key => !['RESOLVE', 'EGRESS'].includes(key)) : perEndpoint
  const endpoints = config.endpoints.length === 0 ? [null] : config.endpoints
  const rest = simulatedKeys.filter(key => key !== 'TUNNEL' && !perEndpoint.includes(key))
  return [
    ...(hasTunnel ? throughTunnel.map(key => ({ key, target: tunnelTarget })) : []),
    ...endpoints.flatMap(target => direct.map(key => ({ key, target }))),
    ...rest.map(key => ({ key, target: null })),
  ]
}

/** What a step does at `target`, which is null where the step does not repeat. */
export function scriptOf(config: SimulatorConfig, key: StepKey, target: string | null): StepScript {
  const place = { key, target }
  const script = given(config, place)
  const { here, everywhere } = entriesFor(config, place)
  const entry = here >= 0 ? here : everywhere
  return {
    evidence: usualEvidence[key],
    ...script,
    ...course(config, key, script),
    entry: entry >= 0 ? entry : null,
  }
}

/** What is wrong with a course of events, with paths from the form's root. */
export function courseIssues(config: SimulatorConfig): readonly { path: (string | number)[]; message: string }[] {
  const issues: { path: (string | number)[]; message: string }[] = []
  const plan = simulatedPlan(config)
  if (plan.length === 0) issues.push({ path: ['steps'], message: 'A test needs at least one step.' })
  const totalMs = plan.reduce((sum, step) => sum + step.budgetMs, 0)
  if (totalMs > maxTestMs) {
    const message = `All budgets together are ${totalMs} ms; ${maxTestMs} ms is the most.`
    issues.push({ path: ['steps'], message })
  }
  if (new Set(config.endpoints).size < config.endpoints.length) {
    issues.push({ path: ['endpoints'], message: 'Another endpoint is the same: endpoints must differ.' })
  }
  const places = placesOf(config)
  for (const [index, { step: key, target }] of config.steps.entries()) {
    if (target !== undefined && !places.some(place => place.key === key && place.target === target)) {
      issues.push({ path: ['steps', index, 'target'], message: 'The plan has no such target for this step.' })
    }
    if (entryAt(config, key, target) < index) {
      const message = 'Another entry is about the same step: give one for each step, or for each target of it.'
      issues.push({ path: ['steps', index, 'step'], message })
    }
  }
  return issues
}

const entryAt = ({ steps }: SimulatorConfig, key: StepKey, target: string | undefined): number =>
  steps.findIndex(entry => entry.step === key && entry.target === target)

/** Indexes of the entries about a step, for its place alone and for every place; -1 where there is none. */
const entriesFor = (config: SimulatorConfig, { key, target }: Place) => ({
  here: target === null ? -1 : entryAt(config, key, target),
  everywhere: entryAt(config, key, undefined),
})

/** The scenario's step with what the form gives on top of it, field by field: for every place, then for this one. */
function given(config: SimulatorConfig, place: Place): SimulatedStep {
  const { here, everywhere } = entriesFor(config, place)
  // Where entries are for other places alone, it happens there and not here.
  if (here < 0 && everywhere < 0 && isMentioned(config, place.key)) return {}
  return {
    ...scenarios[config.scenario][place.key],
    ...defined(config.steps[everywhere] ?? {}),
    ...defined(config.steps[here] ?? {}),
  }
}

const isMentioned = ({ steps }: SimulatorConfig, key: StepKey) => steps.some(({ step }) => step === key)

function plans(config: SimulatorConfig, place: Place): boolean {
  const { key } = place
  const isUsual = usualSteps.includes(key) || scenarios[config.scenario][key] !== undefined
  return given(config, place).planned ?? (isUsual || isMentioned(config, key))
}

/** Outcome and pace of a step. A problem that is given without an outcome means a failure. */
function course(config: SimulatorConfig, key: StepKey, script: SimulatedStep) {
  const pace = { delayMs: script.delayMs ?? 0, notes: script.notes ?? [] }
  if (script.outcome !== undefined) return { outcome: script.outcome, ...pace }
  if (key === 'SIGN_IN' && config.auth.password?.password === rejectedPassword) {
    return { outcome: 'FAILED', problem: script.problem ?? 'CREDENTIALS_REJECTED', ...pace } as const
  }
  return { outcome: script.problem === undefined ? 'PASSED' : 'FAILED', ...pace } as const
}

/** Without the keys that stand for nothing, so that they hide no value below them. */
const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
