import { rateLimited } from './schema/graphql-errors.ts'
import type { Viewer } from './services/viewer.ts'
import { viewerKey } from './viewer-key.ts'

export interface StreamLimits {
  /** At once, over all clients. */
  readonly perProcess: number
  readonly perViewer: number
  readonly perWorkspace: number
}

/** When a stream will end is not known, so this is only polite. */
const retrySeconds = 5

/** Counts what is open, subscriptions or connections: of each viewer, of each workspace, and all. */
export class StreamPlaces {
  readonly #limits: StreamLimits
  readonly #nouns: string
  readonly #ofWorkspaces = new Map<string, number>()
  readonly #ofViewers = new Map<string, number>()
  #total = 0

  constructor(limits: StreamLimits, nouns: 'subscriptions' | 'connections' = 'subscriptions') {
    this.#limits = limits
    this.#nouns = nouns
  }

  get count(): number {
    return this.#total
  }

  /** Takes a place, which the result gives back, once. Throws `GraphQLError` when there is none. */
  take(viewer: Viewer): () => void {
    const workspace = viewer.workspace.id
    const key = viewerKey(viewer)
    const refusal = this.#refusal(workspace, key)
    if (refusal !== null) throw rateLimited(refusal, retrySeconds)
    const add = (change: 1 | -1): void => {
      this.#total += change
      addTo(this.#ofWorkspaces, workspace, change)
      addTo(this.#ofViewers, key, change)
    }
    add(1)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      add(-1)
    }
  }

  #refusal(workspace: string, key: string): string | null {
    const { perProcess, perViewer, perWorkspace } = this.#limits
    const end = 'End one, or try again later.'
    if ((this.#ofViewers.get(key) ?? 0) >= perViewer) {
      return `You have as many ${this.#nouns} open as you may at once (${perViewer}). ${end}`
    }
    if ((this.#ofWorkspaces.get(workspace) ?? 0) >= perWorkspace) {
      return `The workspace has as many ${this.#nouns} open as it may at once (${perWorkspace}). ${end}`
    }
    return this.#total >= perProcess ? `Too many ${this.#nouns} are open. Try again later.` : null
  }
}

function addTo(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
