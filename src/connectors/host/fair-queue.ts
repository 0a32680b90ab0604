/** A bounded queue that gives every owner its turn, however many items another owner has waiting. */
export class FairQueue<T> {
  readonly #limit: number
  /** Owners in the order of their next turns. */
  readonly #waiting = new Map<string, T[]>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    let size = 0
    for (const items of this.#waiting.values()) size += items.length
    return size
  }

  /** Adds `item`. Answers the item that had to give way: when full, the newest one of the owner that has the most. */
  push(owner: string, item: T): T | null {
    const own = this.#waiting.get(owner)
    if (own) own.push(item)
    else this.#waiting.set(owner, [item])
    if (this.size <= this.#limit) return null
    let most = owner
    for (const [other, items] of this.#waiting) {
      if (items.length > (this.#waiting.get(most)?.length ?? 0)) most = other
    }
    const refused = this.#waiting.get(most)?.at(-1) ?? item
    this.remove(most, refused)
    return refused
  }

  /** Removes an item that will not be served; its owner keeps its turn. */
  remove(owner: string, item: T): void {
    const items = this.#waiting.get(owner)
    if (!items) return
    const index = items.indexOf(item)
    if (index >= 0) items.splice(index, 1)
    if (items.length === 0) this.#waiting.delete(owner)
  }

  /** Removes an item that is being served: its owner has had its turn. */
  serve(owner: string, item: T): void {
    this.remove(owner, item)
    const rest = this.#waiting.get(owner)
    if (!rest) return
    this.#waiting.delete(owner)
    this.#waiting.set(owner, rest)
  }

  /** Everything that waits, in the order in which it would be served one after another. */
  inTurn(): readonly { readonly owner: string; readonly item: T }[] {
    const order: { owner: string; item: T }[] = []
    const longest = Math.max(0, ...[...this.#waiting.values()].map(items => items.length))
    for (let round = 0; round < longest; round += 1) {
      for (const [owner, items] of this.#waiting) {
        if (round < items.length) order.push({ owner, item: items[round] as T })
      }
    }
    return order
  }
}
