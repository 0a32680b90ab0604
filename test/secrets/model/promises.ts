import { isValue, type ModelState, versionIds, type World, withUnderWay } from './model-state.ts'
import type { ProtocolRules } from './protocol-rules.ts'
import { interrupted, reaperSteps } from './reaper-steps.ts'
import { stored } from './store-steps.ts'

export type BrokenPromise =
  | 'LIVE_CONNECTOR_UNREADABLE'
  | 'ACKNOWLEDGED_WRITE_LOST'
  | 'VALUE_BROUGHT_BACK'
  | 'ORPHAN_IN_STORE'
  | 'ROW_STUCK'

/** What must hold in every state. */
export function brokenNow({ connector, stored: values, wasFenced, acknowledged }: ModelState): BrokenPromise | null {
  const { live, ref } = connector
  const current = live && ref ? values[ref] : null
  if (live && ref && !isValue(current)) return 'LIVE_CONNECTOR_UNREADABLE'
  if (current !== acknowledged) return 'ACKNOWLEDGED_WRITE_LOST'
  if (versionIds.some(id => wasFenced[id] && isValue(values[id]))) return 'VALUE_BROUGHT_BACK'
  return null
}

/** More than a reaper ever needs for three versions. */
const maxReapingSteps = 50

/** What must hold once every process has stopped, everything under way has arrived, and the reaper had its time. */
export function brokenInTheEnd(state: ModelState, world: World, rules: ProtocolRules): BrokenPromise | null {
  let end: ModelState = { ...interrupted(state, rules), actors: state.actors.map(each => ({ ...each, at: 'DONE' })) }
  for (const actor of state.actors) {
    if (end.underWay[actor.id]) end = withUnderWay(stored(end, actor), actor.id, false)
  }
  for (let step = 0; step < maxReapingSteps; step++) {
    const [next] = reaperSteps(end, world, rules)
    if (!next) break
    end = next.next
  }
  const broken = brokenNow(end)
  if (broken) return broken
  const unused = versionIds.filter(id => id !== end.connector.ref)
  if (unused.some(id => end.stored[id] !== null)) return 'ORPHAN_IN_STORE'
  return unused.some(id => end.rows[id] !== null) ? 'ROW_STUCK' : null
}
