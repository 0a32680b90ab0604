import {
  type Actor,
  isValue,
  type ModelState,
  type Step,
  tombstone,
  type VersionId,
  type World,
  withActor,
  withRow,
  withStored,
  withUnderWay,
} from './model-state.ts'
import type { ProtocolRules } from './protocol-rules.ts'

/** What happens to puts that are on their way to Vault: they may arrive now, arrive more than once, or be lost. */
export function networkSteps(state: ModelState): Step[] {
  return state.actors.flatMap(sender => {
    const { id, at } = sender
    if (!state.underWay[id]) return []
    const arrived = stored(state, sender)
    const steps: Step[] = [
      { label: `put of ${id} is lost`, next: withUnderWay(state, id, false) },
      { label: `put of ${id} arrives`, next: withUnderWay(arrived, id, false) },
      { label: `put of ${id} arrives, and will again`, next: arrived },
    ]
    if (at === 'WAITING') steps.push({ label: `put of ${id} is answered`, next: answered(arrived, sender) })
    return steps
  })
}

/** `cas: 0`: written only if nothing is there, not even what a fence left. */
export function stored(state: ModelState, { id, content }: Pick<Actor, 'id' | 'content'>): ModelState {
  return state.stored[id] === null ? withStored(state, id, content) : state
}

/** Where something is already, the store compares: equal values are as good as written. */
function answered(state: ModelState, sender: Actor): ModelState {
  const isThere = state.stored[sender.id] === sender.content
  return withActor(state, { ...sender, at: isThere ? 'COMMIT' : 'DISCARD' })
}

/** The embedded store: the values and the state of their row in one transaction. */
export function sealedPut(state: ModelState, { id, content }: Actor, rules: ProtocolRules): ModelState | null {
  const row = state.rows[id]
  // The foreign key asks for a row in any case.
  if (row === null || (rules.sealedPutChecksState && row !== 'PENDING') || state.stored[id] !== null) return null
  return withStored(state, id, content)
}

/**
 * One step in the removal of the version `id` by whoever is at `at`; answers where that one is then. As
 * `finishReaping` does it.
 */
export function removalStep(
  state: ModelState,
  id: VersionId,
  at: ModelState['reaper']['at'],
  world: World,
  rules: ProtocolRules,
): { readonly next: ModelState; readonly at: ModelState['reaper']['at'] } {
  const fenced = (next: ModelState) => ({ ...next, wasFenced: { ...next.wasFenced, [id]: true } })
  const isSealed = world.kinds[id] === 'SEALED'
  switch (at) {
    case 'FENCE': {
      if (isSealed) return { next: fenced(withStored(state, id, null)), at: 'REMOVE_ROW' }
      if (!rules.fences) return { next: fenced(withStored(state, id, null)), at: 'REMOVE_ROW' }
      return { next: stored(state, { id, content: tombstone }), at: 'DESTROY' }
    }
    case 'DESTROY':
      return { next: fenced(withStored(state, id, tombstone)), at: rules.quarantines ? 'MARK' : 'FORGET' }
    case 'MARK': {
      const isOurs = state.rows[id] === 'REAPING' || !rules.reaperClaims
      return { next: isOurs ? withRow(state, id, 'FENCED') : state, at: 'DONE' }
    }
    case 'FORGET':
      return { next: withStored(state, id, null), at: 'REMOVE_ROW' }
    default: {
      const isOurs = state.rows[id] === 'REAPING' || state.rows[id] === 'FENCED' || !rules.reaperClaims
      const isReferenced = isSealed && isValue(state.stored[id])
      return { next: isOurs && !isReferenced ? withRow(state, id, null) : state, at: 'DONE' }
    }
  }
}
