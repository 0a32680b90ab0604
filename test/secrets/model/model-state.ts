import type { SecretVersionRow } from '../../../src/db/rows.ts'
import type { StoreKind } from '../../../src/secrets/secret-store.ts'

export const versionIds = ['old', 'a', 'b'] as const
export type VersionId = (typeof versionIds)[number]

/** What lies in a store in the place of values that were removed. */
export const tombstone = '(fenced)'

export type ActorKind = 'CREATOR' | 'WRITER' | 'CLEARER' | 'DELETER' | 'MOVER'

/** Where a request, or the reaper, is in its work. Between two places anything else may happen. */
export type Place =
  | 'START'
  | 'READ_VALUES'
  | 'INTENT'
  | 'PUT'
  | 'WAITING'
  | 'REMOVE_OLD'
  | 'COMMIT'
  | 'DISCARD'
  | 'FENCE'
  | 'DESTROY'
  | 'MARK'
  | 'FORGET'
  | 'REMOVE_ROW'
  | 'DONE'

/** One request. It stores at most one version, which has its name. */
export interface Actor {
  readonly id: VersionId
  readonly kind: ActorKind
  readonly at: Place
  readonly content: string
  readonly seenVersion: number
  readonly seenRef: VersionId | null
}

/** Everything that there is: one connector, its versions, the store, and who works on them. Plain data, never changed. */
export interface ModelState {
  readonly connector: { readonly live: boolean; readonly version: number; readonly ref: VersionId | null }
  readonly rows: Readonly<Record<VersionId, SecretVersionRow['state'] | null>>
  readonly stored: Readonly<Record<VersionId, string | null>>
  /** Whether the version's values were ever removed. */
  readonly wasFenced: Readonly<Record<VersionId, boolean>>
  /** Whether puts of the version may still arrive in Vault: one or many, for what arrives may arrive again. */
  readonly underWay: Readonly<Record<VersionId, boolean>>
  readonly actors: readonly Actor[]
  readonly reaper: { readonly at: Place; readonly id: VersionId }
  /** The content of the last acknowledged write; null when there is no connector, or it has no secrets. */
  readonly acknowledged: string | null
}

/** What does not change while a scenario plays. */
export interface World {
  readonly kinds: Readonly<Record<VersionId, StoreKind>>
}

export interface Step {
  readonly label: string
  readonly next: ModelState
}

const idle = { at: 'DONE', id: 'old' } as const

export function initialState(kinds: readonly [ActorKind, ActorKind]): ModelState {
  const live = !kinds.includes('CREATOR')
  return {
    connector: { live, version: 1, ref: live ? 'old' : null },
    rows: { old: live ? 'ACTIVE' : null, a: null, b: null },
    stored: { old: live ? 'old values' : null, a: null, b: null },
    wasFenced: { old: false, a: false, b: false },
    underWay: { old: false, a: false, b: false },
    actors: [actor('a', kinds[0]), actor('b', kinds[1])],
    reaper: idle,
    acknowledged: live ? 'old values' : null,
  }
}

function actor(id: VersionId, kind: ActorKind): Actor {
  const content = kind === 'MOVER' ? '' : `values of ${id}`
  return { id, kind, at: 'START', content, seenVersion: 0, seenRef: null }
}

export const isValue = (content: string | null): content is string => content !== null && content !== tombstone

export function withActor(state: ModelState, changed: Actor): ModelState {
  // What it knew when it ended makes no difference any more, and so no other state.
  const kept = changed.at === 'DONE' ? { ...changed, seenVersion: 0, seenRef: null } : changed
  return { ...state, actors: state.actors.map(each => (each.id === changed.id ? kept : each)) }
}

export function withUnderWay(state: ModelState, id: VersionId, isUnderWay: boolean): ModelState {
  return { ...state, underWay: { ...state.underWay, [id]: isUnderWay } }
}

export function withRow(state: ModelState, id: VersionId, row: ModelState['rows'][VersionId]): ModelState {
  return { ...state, rows: { ...state.rows, [id]: row } }
}

export function withStored(state: ModelState, id: VersionId, content: string | null): ModelState {
  return { ...state, stored: { ...state.stored, [id]: content } }
}

export function withIdleReaper(state: ModelState): ModelState {
  return { ...state, reaper: idle }
}
