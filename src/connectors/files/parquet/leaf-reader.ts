import type { JsonValue } from '../../json.ts'
import { tooLarge } from '../file-problem.ts'
import type { ChunkPages, Page } from './chunk-pages.ts'
import { maxNestedValues } from './limits.ts'
import type { Leaf } from './schema.ts'

/** Entries of a leaf that belong to whole rows. */
export interface LeafEntries {
  readonly leaf: Leaf
  /** Null: each is a row of its own. */
  readonly repetitions: readonly number[] | null
  /** Null: none is null. */
  readonly definitions: readonly number[] | null
  /** Of the entries that are not null, in their order. */
  readonly values: readonly JsonValue[]
}

/** Entries that are read at once where it is not known how many make a row. */
const entriesAtOnce = 1_024

/** Levels, a place in a row or in a list, and what is left of it when lists are made. */
const bytesOfEntry = 32

/** Reads a leaf of one row group, in step with the others: so many rows at once. */
export class LeafReader {
  readonly #leaf: Leaf
  readonly #pages: ChunkPages
  #page: Page | null = null
  #leftInPage = 0
  /** Read already, and not yet taken. */
  #repetitions: number[] = []
  #definitions: number[] = []
  #values: JsonValue[] = []

  constructor(leaf: Leaf, pages: ChunkPages) {
    this.#leaf = leaf
    this.#pages = pages
  }

  /** Throws where there are fewer. */
  async take(rows: number): Promise<LeafEntries> {
    const { maxRepetition, maxDefinition } = this.#leaf
    this.#pages.rowsShare.set(0)
    const entries = maxRepetition === 0 ? await this.#flatEntries(rows) : await this.#nestedEntries(rows)
    const definitions = maxDefinition === 0 ? null : this.#definitions.splice(0, entries)
    const present = definitions?.reduce((count, level) => count + (level === maxDefinition ? 1 : 0), 0) ?? entries
    return {
      leaf: this.#leaf,
      repetitions: maxRepetition === 0 ? null : this.#repetitions.splice(0, entries),
      definitions,
      values: this.#values.splice(0, present),
    }
  }

  /** Each row has one entry. */
  async #flatEntries(rows: number): Promise<number> {
    for (let entries = 0; entries < rows; ) {
      if (!(await this.#hasPage())) throw tooFew(rows - entries)
      entries += this.#read(rows - entries)
    }
    return rows
  }

  /** Up to where another row begins, or nothing is left. */
  async #nestedEntries(rows: number): Promise<number> {
    let begun = 0
    for (let entries = 0; ; entries += 1) {
      if (entries === this.#repetitions.length && (await this.#hasPage())) this.#read(entriesAtOnce)
      const level = this.#repetitions[entries]
      if (level === undefined && begun < rows) throw tooFew(rows - begun)
      if (level === undefined || (level === 0 && begun === rows)) return entries
      if (level === 0) begun += 1
      else if (begun === 0) throw new Error('its first value continues a row')
      if (entries > maxNestedValues) throw tooLarge(`${maxNestedValues} values in lists of a few rows`, this.#leaf.name)
    }
  }

  async #hasPage(): Promise<boolean> {
    while (this.#leftInPage === 0) {
      this.#page = await this.#pages.next()
      if (this.#page === null) return false
      this.#leftInPage = this.#page.count
    }
    return true
  }

  /** Reads entries of the page, as many as there are, and answers how many. */
  #read(most: number): number {
    const page = this.#page
    if (page === null) return 0
    const count = Math.min(most, this.#leftInPage)
    this.#leftInPage -= count
    this.#pages.rowsShare.add(count * bytesOfEntry)
    for (const level of page.repetitions?.read(count) ?? []) this.#repetitions.push(level)
    const present = this.#readDefinitions(page, count)
    for (const value of present === 0 ? [] : page.values.read(present)) this.#values.push(value)
    return count
  }

  /** Answers how many are not null. */
  #readDefinitions({ definitions }: Page, count: number): number {
    if (definitions === null) return count
    let present = 0
    for (const level of definitions.read(count)) {
      this.#definitions.push(level)
      if (level === this.#leaf.maxDefinition) present += 1
    }
    return present
  }
}

const tooFew = (rows: number): Error => new Error(`there are fewer values than rows: ${rows} more are missing`)
