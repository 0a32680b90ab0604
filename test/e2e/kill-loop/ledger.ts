import { isDeepStrictEqual } from 'node:util'
import type { ConnectorSeen, DatasetSeen, Inspection, Mutation, Saved, Secrets } from './messages.ts'
import type { Outcome } from './worker.ts'

interface Content {
  readonly note: string
  readonly secrets: Secrets
}

type Create = Extract<Mutation, { kind: 'CREATE_CONNECTOR' | 'CREATE_DATASET' }>

export interface KnownConnector extends Content {
  readonly id: string
  readonly version: number
}

export interface KnownDataset {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly connectorId: string
}

/** A mutation that was sent, with what it makes of what was acknowledged when it was. */
export interface Sent {
  readonly mutation: Mutation
  /** What a connector is afterwards; null for no connector. */
  readonly content: Content | null
}

/**
 * What a client of the API knows: every acknowledged write, and those it has heard nothing of. Whatever is found later
 * must be what was acknowledged last, or what one of those that followed makes of it.
 */
export class Ledger {
  readonly connectors = new Map<string, KnownConnector>()
  readonly datasets = new Map<string, KnownDataset>()
  /** What each key has made, for good. */
  readonly keys = new Map<string, { readonly mutation: Create; readonly id: string }>()
  #unanswered = new Set<Sent>()
  readonly #deleted = new Set<string>()

  send(mutation: Mutation): Sent {
    const sent = { mutation, content: this.#contentAfter(mutation) }
    this.#unanswered.add(sent)
    return sent
  }

  /** What was never answered, and of which nobody knows whether it was done. */
  get unanswered(): readonly Mutation[] {
    return [...this.#unanswered].map(({ mutation }) => mutation)
  }

  settle(sent: Sent, outcome: Outcome): void {
    if (outcome.kind === 'LOST' || outcome.kind === 'FAULT') return
    this.#unanswered.delete(sent)
    // What a mutation answers is a `Saved`, unless it deletes.
    if (outcome.kind === 'DONE') this.#acknowledge(sent, outcome.value as Saved)
  }

  #acknowledge({ mutation, content }: Sent, saved: Saved): void {
    switch (mutation.kind) {
      case 'CREATE_CONNECTOR':
      case 'UPDATE_CONNECTOR':
        if (mutation.kind === 'CREATE_CONNECTOR') this.keys.set(mutation.key, { mutation, id: saved.id })
        // The answer to what was deleted meanwhile may come later than the one to its deletion.
        // So may the answer to an update that changed nothing, which tells of an older version.
        if ((this.connectors.get(saved.id)?.version ?? 0) > saved.version) return
        if (content && !this.#deleted.has(saved.id)) this.connectors.set(saved.id, { ...saved, ...content })
        return
      case 'DELETE_CONNECTOR':
        this.#deleted.add(mutation.id)
        this.connectors.delete(mutation.id)
        if (mutation.withDatasets) {
          for (const { id, connectorId } of this.datasets.values()) if (connectorId === mutation.id) this.#drop(id)
        }
        return
      case 'CREATE_DATASET':
        this.keys.set(mutation.key, { mutation, id: saved.id })
        if (this.#deleted.has(saved.id) || this.#deleted.has(mutation.connectorId)) return
        this.datasets.set(saved.id, { ...saved, name: mutation.name, connectorId: mutation.connectorId })
        return
      case 'UPDATE_DATASET': {
        const known = this.datasets.get(saved.id)
        if (known) this.datasets.set(saved.id, { ...known, ...saved, name: mutation.name })
        return
      }
      case 'DELETE_DATASET':
        this.#drop(mutation.id)
    }
  }

  #drop(datasetId: string): void {
    this.#deleted.add(datasetId)
    this.datasets.delete(datasetId)
  }

  #contentAfter(mutation: Mutation): Content | null {
    if (mutation.kind === 'CREATE_CONNECTOR') return { note: mutation.note, secrets: mutation.secrets }
    if (mutation.kind !== 'UPDATE_CONNECTOR') return null
    const before = this.connectors.get(mutation.id)
    if (!before) return null
    const secrets = Object.entries({ ...before.secrets, ...mutation.secrets }).filter(([, value]) => value !== null)
    // Nothing is left that is null.
    return { note: mutation.note ?? before.note, secrets: Object.fromEntries(secrets) as Secrets }
  }

  /** Compares with what is there after a crash, says what is wrong, and goes on from what is there. */
  reconcile({ connectors, datasets }: Pick<Inspection, 'connectors' | 'datasets'>): string[] {
    const wrong = [
      ...connectors.flatMap(seen => this.#judge(seen)),
      ...[...this.connectors.values()].flatMap(known => this.#judgeMissing(known, connectors)),
      ...[...this.datasets.values()].flatMap(known => this.#judgeDataset(known, datasets)),
      ...datasets.filter(({ id }) => this.#deleted.has(id)).map(({ id }) => `deleted dataset ${id} is back`),
    ]
    this.#adopt(connectors, datasets)
    return wrong
  }

  #judge(seen: ConnectorSeen): string[] {
    if (typeof seen.secrets === 'string') return [`connector ${seen.name} is unreadable: ${seen.secrets}`]
    if (this.#deleted.has(seen.id)) return [`deleted connector ${seen.name} is back`]
    const known = this.connectors.get(seen.id)
    const unknown = [...this.#unanswered].filter(({ mutation }) =>
      mutation.kind === 'CREATE_CONNECTOR' ? mutation.name === seen.name : isUpdateOf(mutation, seen.id),
    )
    const possible = [...(known ? [known] : []), ...unknown.map(({ content }) => content)]
    const isPossible = possible.some(
      content =>
        content && content.note === seen.note && isDeepStrictEqual(content.secrets, { ...Object(seen.secrets) }),
    )
    return isPossible ? [] : [`connector ${seen.name} is not what was acknowledged, nor what followed`]
  }

  #judgeMissing(known: KnownConnector, connectors: readonly ConnectorSeen[]): string[] {
    if (connectors.some(({ id }) => id === known.id)) return []
    const isDeleted = this.unanswered.some(mutation => mutation.kind === 'DELETE_CONNECTOR' && mutation.id === known.id)
    return isDeleted ? [] : [`acknowledged connector ${known.id} is gone`]
  }

  #judgeDataset(known: KnownDataset, datasets: readonly DatasetSeen[]): string[] {
    const seen = datasets.find(({ id }) => id === known.id)
    const of = this.unanswered.filter(
      mutation =>
        (mutation.kind === 'DELETE_CONNECTOR' && mutation.withDatasets && mutation.id === known.connectorId) ||
        ('id' in mutation && mutation.id === known.id),
    )
    if (!seen) return of.some(isDeletion) ? [] : [`acknowledged dataset ${known.name} is gone`]
    const names = [known.name, ...of.flatMap(mutation => (mutation.kind === 'UPDATE_DATASET' ? [mutation.name] : []))]
    return names.includes(seen.name) ? [] : [`dataset ${seen.name} is not what was acknowledged, nor what followed`]
  }

  #adopt(connectors: readonly ConnectorSeen[], datasets: readonly DatasetSeen[]): void {
    for (const { id } of this.connectors.values()) {
      if (!connectors.some(seen => seen.id === id)) this.#deleted.add(id)
    }
    for (const { id } of this.datasets.values()) if (!datasets.some(seen => seen.id === id)) this.#deleted.add(id)
    this.connectors.clear()
    this.datasets.clear()
    for (const { id, version, note, secrets } of connectors) {
      if (typeof secrets !== 'string') this.connectors.set(id, { id, version, note, secrets })
    }
    for (const { connectorId, ...dataset } of datasets) {
      if (connectorId !== null) this.datasets.set(dataset.id, { ...dataset, connectorId })
    }
    this.#unanswered.clear()
  }
}

const isUpdateOf = (mutation: Mutation, id: string) => mutation.kind === 'UPDATE_CONNECTOR' && mutation.id === id
const isDeletion = ({ kind }: Mutation) => kind === 'DELETE_CONNECTOR' || kind === 'DELETE_DATASET'
