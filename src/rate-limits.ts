import type { GraphQLError } from 'graphql'
import { rateLimited } from './schema/graphql-errors.ts'
import type { RateLimitStatus } from './schema/rate-limit.ts'
import { TokenBuckets } from './services/token-buckets.ts'
import type { Viewer } from './services/viewer.ts'
import { viewerKey } from './viewer-key.ts'

export interface RateLimitSettings {
  /** Points a minute; 0 for no limit. */
  readonly perViewer: number
  /** Points a minute of all viewers of a workspace; 0 for no limit. */
  readonly perWorkspace: number
}

/** Of what one workspace may spend, the part that is kept for viewers who have spent little. */
const keptShare = 1 / 4
/** Of the same, what a viewer may spend in a minute who has still spent little. */
const littleShare = 1 / 10

interface Buckets {
  readonly ofViewer: TokenBuckets
  /** Null when workspaces are not limited. */
  readonly ofWorkspace: { readonly all: TokenBuckets; readonly kept: number; readonly little: TokenBuckets } | null
}

/**
 * Points that operations cost, from two token buckets: the viewer's own, and the one of its workspace. Together they
 * keep a workspace from taking what others need, and a viewer from taking all of its workspace: the last quarter there is
 * kept for viewers who have spent less than a tenth of it within a minute. Counts what this process answers.
 */
export class RateLimits {
  readonly #buckets: Buckets | null

  /** `now` answers milliseconds of a clock that is never set back. */
  constructor({ perViewer, perWorkspace }: RateLimitSettings, now: () => number = () => performance.now()) {
    const kept = Math.floor(perWorkspace * keptShare)
    // No viewer alone can take the kept part.
    const limits = [perViewer, perWorkspace - kept].filter(limit => limit > 0)
    this.#buckets =
      limits.length === 0
        ? null
        : {
            ofViewer: new TokenBuckets(Math.min(...limits), now),
            ofWorkspace:
              perWorkspace === 0
                ? null
                : {
                    all: new TokenBuckets(perWorkspace, now),
                    kept,
                    little: new TokenBuckets(perWorkspace * littleShare, now),
                  },
          }
  }

  /** Takes the point that every request costs, whatever becomes of it; null where there is no limit. */
  charge(viewer: Viewer): RequestCharge | null {
    return this.#buckets === null ? null : new RequestCharge(viewer, this.#buckets)
  }

  /** Buckets in memory, for tests and figures. */
  get remembered(): number {
    const { ofViewer, ofWorkspace } = this.#buckets ?? {}
    return [ofViewer, ofWorkspace?.all, ofWorkspace?.little].reduce((sum, each) => sum + (each?.remembered ?? 0), 0)
  }
}

/** What one request costs its viewer. */
export class RequestCharge {
  readonly #viewer: string
  readonly #workspace: string
  readonly #buckets: Buckets
  #paid = 0
  #paidOfLittle = 0

  constructor(viewer: Viewer, buckets: Buckets) {
    this.#viewer = viewerKey(viewer)
    this.#workspace = viewer.workspace.id
    this.#buckets = buckets
    if (this.#available() >= 1) this.#pay(1)
  }

  /** Whether there was not even a point for the request itself. */
  get isUnpaid(): boolean {
    return this.#paid === 0
  }

  /** Makes the request cost `points` in all; 0 gives back what was taken. Answers why it cannot, or null. */
  settle(points: number): GraphQLError | null {
    const more = points - this.#paid
    if (more > this.#available()) return this.refusal(points)
    this.#pay(more)
    return null
  }

  /** What a viewer is told that has too few points left for what costs `points`. */
  refusal(points = 1): GraphQLError {
    const seconds = Math.max(1, Math.ceil(this.#waitMs(points - this.#paid) / 1_000))
    const { perMinute } = this.#buckets.ofViewer
    return rateLimited(
      `This costs ${points === 1 ? 'a point' : `${points} points`}, and too few are left of the ${perMinute} a minute. Try again in ${seconds} s.`,
      seconds,
    )
  }

  status(): RateLimitStatus {
    const limit = this.#buckets.ofViewer.perMinute
    const fullInMs = this.#waitMs(limit)
    return {
      cost: this.#paid,
      limit,
      remaining: Math.floor(this.#available()),
      resetSeconds: Math.ceil(fullInMs / 1_000),
      resetAt: new Date(Date.now() + fullInMs),
    }
  }

  #pay(points: number): void {
    if (points === 0) return
    const { ofViewer, ofWorkspace } = this.#buckets
    ofViewer.take(this.#viewer, points)
    this.#paid += points
    if (ofWorkspace === null) return
    ofWorkspace.all.take(this.#workspace, points)
    // Only what was taken there is given back, or one could earn by asking.
    this.#paidOfLittle += ofWorkspace.little.take(this.#viewer, points > 0 ? points : -this.#paidOfLittle)
  }

  /** What the viewer could spend now. */
  #available(): number {
    const { ofViewer, ofWorkspace } = this.#buckets
    const own = ofViewer.left(this.#viewer)
    if (ofWorkspace === null) return own
    const all = ofWorkspace.all.left(this.#workspace)
    const little = Math.min(all, ofWorkspace.little.left(this.#viewer))
    return Math.min(own, Math.max(all - ofWorkspace.kept, little))
  }

  #waitMs(points: number): number {
    const { ofViewer, ofWorkspace } = this.#buckets
    const own = ofViewer.waitMs(this.#viewer, points)
    if (ofWorkspace === null) return own
    const all = (tokens: number) => ofWorkspace.all.waitMs(this.#workspace, tokens)
    const { little, kept } = ofWorkspace
    const asAnybody = all(points + kept)
    if (points > little.perMinute) return Math.max(own, asAnybody)
    return Math.max(own, Math.min(asAnybody, Math.max(all(points), little.waitMs(this.#viewer, points))))
  }
}
