import { describe, expect, test } from 'vitest'
import { type Exploration, explore, type Scenario } from './explore.ts'
import type { ActorKind } from './model-state.ts'
import type { BrokenPromise } from './promises.ts'
import { type ProtocolRules, protocol } from './protocol-rules.ts'

const sealed = { old: 'SEALED', a: 'SEALED', b: 'SEALED' } as const
const vault = { old: 'VAULT', a: 'VAULT', b: 'VAULT' } as const
const toVault = { ...vault, old: 'SEALED' } as const
const toSealed = { ...sealed, old: 'VAULT' } as const
const stores = { sealed, vault, 'sealed, moved to vault': toVault, 'vault, moved to sealed': toSealed }
type StoreName = keyof typeof stores

const pairs: readonly (readonly [ActorKind, ActorKind])[] = [
  ['WRITER', 'WRITER'],
  ['WRITER', 'CLEARER'],
  ['WRITER', 'DELETER'],
  ['CREATOR', 'CREATOR'],
  ['MOVER', 'WRITER'],
  ['MOVER', 'CLEARER'],
  ['MOVER', 'DELETER'],
  ['MOVER', 'MOVER'],
]

const scenarios: readonly (Scenario & { readonly name: string })[] = Object.entries(stores).flatMap(([store, kinds]) =>
  pairs.map(actors => ({ name: `${actors.join(' and ').toLowerCase()}, ${store}`, actors, kinds })),
)

describe('the life of secret versions, in every history of two requests, the reaper, lost and late messages and crashes', () => {
  let visited = 0

  test.each(scenarios)('keeps its promises: $name', scenario => {
    const { states, violation } = explore(scenario, protocol)
    expect(violation).toBeNull()
    visited += states
  })

  // Without this, a model in which nothing can happen would keep every promise.
  test('has been looked at in enough states to mean something', () => {
    expect(visited).toBeGreaterThan(300_000)
  })
})

interface Mistake {
  readonly name: string
  readonly rules: Partial<ProtocolRules>
  readonly actors: readonly [ActorKind, ActorKind]
  readonly store: StoreName
  readonly promise: BrokenPromise
}

const mistakes: readonly Mistake[] = [
  {
    name: 'the connector is saved before its values',
    rules: { order: 'ROW_STORE' },
    actors: ['WRITER', 'WRITER'],
    store: 'vault',
    promise: 'LIVE_CONNECTOR_UNREADABLE',
  },
  {
    name: 'the values are stored without an intent row',
    rules: { order: 'STORE_ROW' },
    actors: ['WRITER', 'WRITER'],
    store: 'vault',
    promise: 'ORPHAN_IN_STORE',
  },
  {
    name: 'the old values are deleted before the new ones are committed',
    rules: { oldValuesStayUntilCommit: false },
    actors: ['WRITER', 'WRITER'],
    store: 'sealed',
    promise: 'LIVE_CONNECTOR_UNREADABLE',
  },
  {
    name: 'a deletion empties the store first',
    rules: { deletionLeavesTheStore: false },
    actors: ['WRITER', 'DELETER'],
    store: 'vault',
    promise: 'LIVE_CONNECTOR_UNREADABLE',
  },
  {
    name: 'the reaper removes without claiming',
    rules: { reaperClaims: false },
    actors: ['WRITER', 'WRITER'],
    store: 'vault',
    promise: 'LIVE_CONNECTOR_UNREADABLE',
  },
  {
    name: 'the reaper leaves no tombstone',
    rules: { fences: false },
    actors: ['WRITER', 'WRITER'],
    store: 'vault',
    promise: 'VALUE_BROUGHT_BACK',
  },
  {
    name: 'an interrupted reaper makes the row PENDING again',
    rules: { claimIsOneWay: false },
    actors: ['WRITER', 'WRITER'],
    store: 'vault',
    promise: 'LIVE_CONNECTOR_UNREADABLE',
  },
  {
    name: 'an interrupted reaper makes the row PENDING again, in the embedded store',
    rules: { claimIsOneWay: false },
    actors: ['WRITER', 'WRITER'],
    store: 'sealed',
    promise: 'VALUE_BROUGHT_BACK',
  },
  {
    name: 'the tombstone is removed without a quarantine',
    rules: { quarantines: false },
    actors: ['WRITER', 'WRITER'],
    store: 'vault',
    promise: 'VALUE_BROUGHT_BACK',
  },
  {
    name: 'a mover replaces what it read instead of what the transaction sees',
    rules: { moverComparesInTheTransaction: false },
    actors: ['MOVER', 'WRITER'],
    store: 'sealed, moved to vault',
    promise: 'ACKNOWLEDGED_WRITE_LOST',
  },
  {
    name: 'a writer retires what it read, and so leaves the copy of a mover behind',
    rules: { retiresWhatTheTransactionSees: false },
    actors: ['MOVER', 'WRITER'],
    store: 'sealed, moved to vault',
    promise: 'ORPHAN_IN_STORE',
  },
  {
    name: 'the embedded store does not look at the state of the row',
    rules: { sealedPutChecksState: false },
    actors: ['WRITER', 'WRITER'],
    store: 'sealed',
    promise: 'VALUE_BROUGHT_BACK',
  },
  {
    name: 'a version is made ACTIVE whatever became of it',
    rules: { activationChecksState: false },
    actors: ['WRITER', 'WRITER'],
    store: 'sealed',
    promise: 'LIVE_CONNECTOR_UNREADABLE',
  },
  {
    name: 'a request that heard no answer from the database withdraws what was committed',
    rules: { discardClaims: false },
    actors: ['WRITER', 'WRITER'],
    store: 'vault',
    promise: 'LIVE_CONNECTOR_UNREADABLE',
  },
]

describe('a protocol that breaks its promises is noticed where', () => {
  const broken = ({ rules, actors, store }: Mistake): Exploration =>
    explore({ actors, kinds: stores[store] }, { ...protocol, ...rules })

  test.each(mistakes)('$name', mistake => {
    expect(broken(mistake).violation).toMatchObject({ promise: mistake.promise })
  })

  test('one rule after the other is left out: none is there for nothing', () => {
    const tried = new Set(mistakes.flatMap(({ rules }) => Object.keys(rules)))
    expect([...tried].toSorted()).toEqual(Object.keys(protocol).toSorted())
  })

  test('the shortest history to it is told', () => {
    const [first] = mistakes
    expect(first && broken(first).violation?.history).toEqual(['a writer START', 'a writer COMMIT'])
  })
})
