import type { QueryEnd } from '../define.ts'
import type { Problem } from '../problem.ts'
import type { QueryPart } from './connector-host.ts'

interface Waiting {
  readonly resolve: (part: QueryPart) => void
  readonly reject: (reason: unknown) => void
}

/**
 * What a child has sent of a query's result and nobody has taken yet. Bounded by whoever puts rows in, who hears of what is
 * taken (`onTaken`) and lets the child send no more than the window.
 */
export class QueryInbox {
  onTaken: (weight: number) => void = () => {}
  readonly #parts: { readonly part: QueryPart; readonly weight: number }[] = []
  #waiting: Waiting | null = null
  #ended = false
  #aborted: { readonly reason: unknown } | null = null

  /** `weight`: what `onTaken` is told when the part is taken. Nothing is kept after the end. */
  put(part: QueryPart, weight: number): void {
    if (this.#ended || this.#aborted) return
    this.#parts.push({ part, weight })
    const waiting = this.#waiting
    this.#waiting = null
    if (waiting) this.take().then(waiting.resolve, waiting.reject)
  }

  end(end: QueryEnd): void {
    this.put(end, 0)
    this.#ended = true
  }

  /** What has come is not to be believed: forgets it, the end too, and ends with `problem`. */
  fail(problem: Problem): void {
    this.#parts.length = 0
    this.#ended = false
    this.end({ kind: 'PROBLEM', problem })
  }

  /** Forgets everything: from now on every `take` rejects with `reason`. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason }
    this.#parts.length = 0
    this.#waiting?.reject(reason)
    this.#waiting = null
  }

  /** The next part. For one reader, who asks for nothing more after the end. */
  async take(): Promise<QueryPart> {
    if (this.#aborted) throw this.#aborted.reason
    const next = this.#parts.shift()
    if (!next) return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
    if (next.weight > 0) this.onTaken(next.weight)
    return next.part
  }
}
