import {
  type ModelState,
  type Step,
  type VersionId,
  versionIds,
  type World,
  withIdleReaper,
  withRow,
} from './model-state.ts'
import type { ProtocolRules } from './protocol-rules.ts'
import { removalStep } from './store-steps.ts'

/** What the reaper may do next, at any time: the model knows no ages. Its crash is a step too. */
export function reaperSteps(state: ModelState, world: World, rules: ProtocolRules): Step[] {
  const { at, id } = state.reaper
  if (at === 'DONE') return versionIds.flatMap(each => begun(state, each, rules))
  const { next, at: then } = removalStep(state, id, at, world, rules)
  const moved = then === 'DONE' ? withIdleReaper(next) : { ...next, reaper: { at: then, id } }
  return [
    { label: `reaper ${at} ${id}`, next: moved },
    { label: `reaper crashes before ${at} ${id}`, next: interrupted(state, rules) },
  ]
}

function begun(state: ModelState, id: VersionId, rules: ProtocolRules): Step[] {
  const row = state.rows[id]
  const label = `reaper takes ${id}, ${row}`
  if (row === 'REAPING') return [{ label, next: { ...state, reaper: { at: 'FENCE', id } } }]
  if (row === 'FENCED') {
    return isQuarantineOver(state, id) ? [{ label, next: { ...state, reaper: { at: 'FORGET', id } } }] : []
  }
  const isUnused = (row === 'PENDING' || row === 'RETIRED') && state.connector.ref !== id
  if (!isUnused) return []
  const claimed = rules.reaperClaims ? withRow(state, id, 'REAPING') : state
  return [{ label, next: { ...claimed, reaper: { at: 'FENCE', id } } }]
}

/** The one assumption about time: it is longer than any request, and so than any put that one has sent. */
function isQuarantineOver({ underWay, actors }: ModelState, id: VersionId): boolean {
  return !underWay[id] && actors.every(actor => actor.id !== id || actor.at === 'DONE')
}

/** The reaper's process is gone. */
export function interrupted(state: ModelState, rules: ProtocolRules): ModelState {
  const { at, id } = state.reaper
  const isReset = at !== 'DONE' && !rules.claimIsOneWay && state.rows[id] === 'REAPING'
  return withIdleReaper(isReset ? withRow(state, id, 'PENDING') : state)
}
