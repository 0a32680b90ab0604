/** What there should be in one workspace. Ids are global ones. */
export interface ModelWorkspace {
  readonly connectors: Map<string, { name: string; externalKey: string | null; version: number }>
  readonly datasets: Map<string, { name: string; connector: string | null; version: number }>
  readonly tests: Map<string, { status: string; connector: string | null }>
  readonly tokens: Map<string, { status: string }>
  /** By operation and key: what was asked for, and what was made. */
  readonly idempotency: Map<string, { asked: string; made: string }>
  /** By attempt key: the target, and the test. */
  readonly attempts: Map<string, { target: string; test: string }>
  /** Running tests of drafts, by what is tested. */
  readonly drafts: Map<string, string>
}

export interface Plan {
  readonly workspace: number
  readonly connector: string
  readonly datasets: readonly string[]
  readonly token: string
}

export type Kind = 'connectors' | 'datasets' | 'tests' | 'tokens'

/** Three workspaces that know of nothing but themselves, and what their ids are, which everybody knows. */
export class HistoryModel {
  readonly workspaces: readonly ModelWorkspace[] = [0, 1, 2].map(() => ({
    connectors: new Map(),
    datasets: new Map(),
    tests: new Map(),
    tokens: new Map(),
    idempotency: new Map(),
    attempts: new Map(),
    drafts: new Map(),
  }))
  readonly plans: Plan[] = []
  /** Every id that was ever given out, by workspace. */
  readonly given: readonly Record<Kind, string[]>[] = [0, 1, 2].map(() => ({
    connectors: [],
    datasets: [],
    tests: [],
    tokens: [],
  }))

  /** What each workspace has ever named: the audit log tells it of its own attempts. */
  readonly named: readonly Set<string>[] = [new Set(), new Set(), new Set()]

  of(workspace: number): ModelWorkspace {
    const found = this.workspaces[workspace]
    if (!found) throw new Error(`There is no workspace ${workspace}.`)
    return found
  }

  give(workspace: number, kind: Kind, id: string): void {
    this.given[workspace]?.[kind].push(id)
  }

  /** Some id of any workspace, which may be gone; null while nobody has one. */
  someId(kind: Kind, pick: number): string | null {
    const all = this.given.flatMap(each => each[kind])
    return all.length === 0 ? null : (all[pick % all.length] ?? null)
  }

  datasetsOf(workspace: number, connector: string): readonly string[] {
    return [...this.of(workspace).datasets].filter(([, dataset]) => dataset.connector === connector).map(([id]) => id)
  }

  /** Ids of others, none of which may be in an answer unless it was asked about. */
  idsOfOthers(workspace: number): readonly string[] {
    return this.given.flatMap((each, index) => (index === workspace ? [] : Object.values(each).flat()))
  }
}
