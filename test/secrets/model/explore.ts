import { type ActorKind, initialState, type ModelState, type Step, type World } from './model-state.ts'
import { type BrokenPromise, brokenInTheEnd, brokenNow } from './promises.ts'
import type { ProtocolRules } from './protocol-rules.ts'
import { reaperSteps } from './reaper-steps.ts'
import { requestSteps } from './request-steps.ts'
import { networkSteps } from './store-steps.ts'

export interface Scenario extends World {
  readonly actors: readonly [ActorKind, ActorKind]
}

export interface Exploration {
  readonly states: number
  /** The first broken promise, and the shortest history that breaks one; null when none is ever broken. */
  readonly violation: { readonly promise: BrokenPromise; readonly history: readonly string[] } | null
}

/** A state that was reached, and how. */
interface Reached {
  readonly state: ModelState
  readonly from: Reached | null
  readonly label: string
}

/** Visits every state that the two requests, the reaper, the network and crashes can lead to, shortest histories first. */
export function explore(scenario: Scenario, rules: ProtocolRules): Exploration {
  const start: Reached = { state: initialState(scenario.actors), from: null, label: 'start' }
  const seen = new Set([JSON.stringify(start.state)])
  const queue = [start]
  for (const reached of queue) {
    const promise = brokenNow(reached.state) ?? brokenInTheEnd(reached.state, scenario, rules)
    if (promise) return { states: seen.size, violation: { promise, history: historyOf(reached) } }
    for (const { label, next } of stepsOf(reached.state, scenario, rules)) {
      const key = JSON.stringify(next)
      if (seen.has(key)) continue
      seen.add(key)
      queue.push({ state: next, from: reached, label })
    }
  }
  return { states: seen.size, violation: null }
}

function stepsOf(state: ModelState, world: World, rules: ProtocolRules): Step[] {
  return [
    ...state.actors.flatMap(actor => requestSteps(state, actor, world, rules)),
    ...networkSteps(state),
    ...reaperSteps(state, world, rules),
  ]
}

function historyOf(reached: Reached): string[] {
  return reached.from ? [...historyOf(reached.from), reached.label] : []
}
