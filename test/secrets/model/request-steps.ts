import {
  type Actor,
  isValue,
  type ModelState,
  type Place,
  type Step,
  type VersionId,
  type World,
  withActor,
  withRow,
  withStored,
  withUnderWay,
} from './model-state.ts'
import type { ProtocolRules } from './protocol-rules.ts'
import { removalStep, sealedPut } from './store-steps.ts'

/** What one request may do next, a crash of its process included. */
export function requestSteps(state: ModelState, actor: Actor, world: World, rules: ProtocolRules): Step[] {
  if (actor.at === 'DONE') return []
  const nexts = nextsOf(state, actor, world, rules)
  const steps = nexts.map(next => ({ label: `${actor.id} ${actor.kind.toLowerCase()} ${actor.at}`, next }))
  return [
    ...steps,
    { label: `${actor.id} crashes before ${actor.at}`, next: withActor(state, { ...actor, at: 'DONE' }) },
  ]
}

function nextsOf(state: ModelState, actor: Actor, world: World, rules: ProtocolRules): ModelState[] {
  const go = (at: Place, next = state) => withActor(next, { ...actor, at })
  switch (actor.at) {
    case 'START':
      return [started(state, actor, rules)]
    case 'READ_VALUES': {
      const content = actor.seenRef && state.stored[actor.seenRef]
      return [content && isValue(content) ? withActor(state, { ...actor, content, at: 'INTENT' }) : go('DONE')]
    }
    case 'INTENT':
      return [go('PUT', withRow(state, actor.id, 'PENDING'))]
    case 'PUT':
      return puts(state, actor, world, rules)
    case 'WAITING':
      // It gives up, or sends once more.
      return [go('DISCARD'), withUnderWay(state, actor.id, true)]
    case 'REMOVE_OLD':
      return [go('COMMIT', actor.seenRef ? withStored(state, actor.seenRef, null) : state)]
    case 'COMMIT':
      return commits(state, actor, rules)
    case 'DISCARD': {
      const isOurs = state.rows[actor.id] === 'PENDING'
      if (!isOurs && rules.discardClaims) return [go('DONE')]
      return [go('FENCE', rules.discardClaims ? withRow(state, actor.id, 'REAPING') : state)]
    }
    default: {
      const { next, at } = removalStep(state, actor.id, actor.at, world, rules)
      return [go(at, next)]
    }
  }
}

function started(state: ModelState, actor: Actor, rules: ProtocolRules): ModelState {
  const { live, version, ref } = state.connector
  const isPossible = live === (actor.kind !== 'CREATOR') && !(actor.kind === 'MOVER' && ref === null)
  const at = isPossible ? firstPlace(actor, rules) : 'DONE'
  return withActor(state, { ...actor, at, seenVersion: version, seenRef: ref })
}

function firstPlace({ kind }: Actor, rules: ProtocolRules): Place {
  if (kind === 'DELETER') return rules.deletionLeavesTheStore ? 'COMMIT' : 'REMOVE_OLD'
  if (kind === 'CLEARER') return 'COMMIT'
  if (kind === 'MOVER') return 'READ_VALUES'
  return ({ INTENT_STORE_ROW: 'INTENT', ROW_STORE: 'COMMIT', STORE_ROW: 'PUT' } as const)[rules.order]
}

function puts(state: ModelState, actor: Actor, world: World, rules: ProtocolRules): ModelState[] {
  const go = (at: Place, next = state) => withActor(next, { ...actor, at })
  if (rules.order !== 'INTENT_STORE_ROW') {
    return [go(rules.order === 'ROW_STORE' ? 'DONE' : 'COMMIT', withStored(state, actor.id, actor.content))]
  }
  if (world.kinds[actor.id] === 'VAULT') return [go('WAITING', withUnderWay(state, actor.id, true))]
  const put = sealedPut(state, actor, rules)
  // Committed, but the database's answer may be lost.
  return put ? [go(rules.oldValuesStayUntilCommit ? 'COMMIT' : 'REMOVE_OLD', put), go('DISCARD', put)] : [go('DISCARD')]
}

/** The transaction that makes it so; committed, or refused. */
function commits(state: ModelState, actor: Actor, rules: ProtocolRules): ModelState[] {
  const { kind, id } = actor
  const go = (at: Place, next = state) => withActor(next, { ...actor, at })
  const isStaged = kind !== 'DELETER' && kind !== 'CLEARER'
  if (!isAllowed(state, actor, rules)) return [go(isStaged && rules.order === 'INTENT_STORE_ROW' ? 'DISCARD' : 'DONE')]

  const { connector } = state
  const replaced = retiredBy(connector.ref, actor, rules)
  const retired = replaced && state.rows[replaced] === 'ACTIVE' ? withRow(state, replaced, 'RETIRED') : state
  const ref = isStaged ? id : null
  const next: ModelState = {
    ...(isStaged ? withRow(retired, id, 'ACTIVE') : retired),
    connector: { live: kind !== 'DELETER', version: connector.version + (kind === 'MOVER' ? 0 : 1), ref },
    acknowledged: kind === 'MOVER' ? state.acknowledged : isStaged ? actor.content : null,
  }
  if (rules.order === 'ROW_STORE' && isStaged) return [go('PUT', next)]
  // Committed, but the database's answer may be lost: then the request withdraws what it believes unused.
  return isStaged && rules.order === 'INTENT_STORE_ROW' ? [go('DONE', next), go('DISCARD', next)] : [go('DONE', next)]
}

function isAllowed({ connector, rows }: ModelState, actor: Actor, rules: ProtocolRules): boolean {
  const { kind, id, seenVersion, seenRef } = actor
  if (kind === 'DELETER') return connector.live
  const isUsable = kind === 'CLEARER' || rules.order !== 'INTENT_STORE_ROW' || rows[id] === 'PENDING'
  if (!isUsable && rules.activationChecksState) return false
  if (kind === 'CREATOR') return !connector.live
  if (!connector.live || connector.version !== seenVersion)
    return kind === 'MOVER' && isMovable(connector, seenRef, rules)
  return kind !== 'MOVER' || isMovable(connector, seenRef, rules)
}

const isMovable = (connector: ModelState['connector'], seenRef: VersionId | null, rules: ProtocolRules) =>
  connector.live && (connector.ref === seenRef || !rules.moverComparesInTheTransaction)

function retiredBy(current: VersionId | null, { kind, seenRef }: Actor, rules: ProtocolRules): VersionId | null {
  if (kind === 'MOVER') return seenRef
  return rules.retiresWhatTheTransactionSees ? current : seenRef
}
