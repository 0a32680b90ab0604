import type { AuditActor, AuditEntry } from './audit.ts'
import type { AuditResult } from './audit-row.ts'

/** What has happened, and how often since it was told of. */
export interface Repeated {
  readonly actor: AuditActor
  readonly entry: AuditEntry
  readonly result: AuditResult
  readonly since: number
  times: number
}

export interface RepetitionLimits {
  /** Kinds of things in one minute that are told apart for one actor; what is more is told of together. */
  readonly perActor: number
  /** The same for one workspace, so that it leaves room for others. */
  readonly perWorkspace: number
  readonly inAll: number
}

const minuteMs = 60_000
export const defaultRepetitionLimits: RepetitionLimits = { perActor: 60, perWorkspace: 1_000, inAll: 10_000 }

/** Counts what happens again within a minute, in bounded memory, however many ways somebody finds to be refused. */
export class AuditRepetitions {
  readonly #limits: RepetitionLimits
  readonly #counts = new Map<string, Repeated>()
  /** By actor, and by workspace. */
  readonly #kinds = new Map<string, number>()

  constructor(limits: RepetitionLimits = defaultRepetitionLimits) {
    this.#limits = limits
  }

  /** The thing to tell of now; null when it has been told of within the minute and was only counted. */
  first(actor: AuditActor, entry: AuditEntry, result: AuditResult, now: number): Repeated | null {
    const who = actorKey(actor)
    const isFull =
      this.#counts.size >= this.#limits.inAll || (this.#kinds.get(actor.workspace.id) ?? 0) >= this.#limits.perWorkspace
    const isManifold = (this.#kinds.get(who) ?? 0) >= this.#limits.perActor
    const key = keyOf(who, entry, result)
    const known = this.#counts.get(key)
    if (known) return counted(known)
    if (!isFull && !isManifold) return this.#add(key, who, { actor, entry, result, since: now, times: 0 })
    // Of whom and of what, but not about what any more.
    const rest: AuditEntry = { action: entry.action, details: { many: true } }
    const restKey = isManifold ? keyOf(who, rest, result) : keyOf(actor.workspace.id, rest, result)
    const knownRest = this.#counts.get(restKey)
    if (knownRest) return counted(knownRest)
    return this.#add(restKey, who, { actor, entry: rest, result, since: now, times: 0 })
  }

  /** What has been repeated within minutes that are over by `now`, or at all. Forgets those minutes. */
  take(now: number): readonly Repeated[] {
    const over = [...this.#counts].filter(([, { since }]) => now - since >= minuteMs)
    for (const [key, { actor }] of over) {
      this.#counts.delete(key)
      for (const who of [actorKey(actor), actor.workspace.id]) {
        const left = (this.#kinds.get(who) ?? 1) - 1
        if (left > 0) this.#kinds.set(who, left)
        else this.#kinds.delete(who)
      }
    }
    return over.map(([, repeated]) => repeated).filter(({ times }) => times > 0)
  }

  #add(key: string, who: string, repeated: Repeated): Repeated {
    this.#counts.set(key, repeated)
    for (const whose of [who, repeated.actor.workspace.id]) this.#kinds.set(whose, (this.#kinds.get(whose) ?? 0) + 1)
    return repeated
  }
}

function counted(repeated: Repeated): null {
  repeated.times++
  return null
}

const actorKey = (actor: AuditActor): string =>
  JSON.stringify([actor.workspace.id, actor.kind, 'id' in actor ? actor.id : null])

const keyOf = (who: string, { action, target }: AuditEntry, { outcome, reason }: AuditResult): string =>
  JSON.stringify([who, action, outcome, reason, target?.kind ?? null, target?.id ?? null])
