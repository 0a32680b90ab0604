import type { ResultColumn } from '../define.ts'
import { FieldColumns } from '../field-columns.ts'
import { visitFields } from './bson-values.ts'
import { commonTypes } from './document-columns.ts'

/** Levels of documents within documents. What is within lists is not looked at. */
const maxDepth = 5
export const maxFields = 500
/** Longer names are nobody's, and would be cut. */
const maxNameLength = 500

export interface SampledField extends ResultColumn {
  /** Whether a document of the sample is without it, or has null for it. */
  readonly isNullable: boolean
  /** Whether a dot or a dollar sign is part of its name, so that filters and projections cannot name it. */
  readonly isUnnameable: boolean
}

/** The fields that some documents have, with those of documents within them by names with dots. */
export class SampledFields {
  readonly #fields = new FieldColumns(commonTypes)
  readonly #present = new Map<string, number>()
  readonly #unnameable = new Set<string>()
  #documents = 0
  #isCut = false

  /** Whether there were more fields than are told. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** Throws for what is no document. */
  add(document: Uint8Array): void {
    this.#documents += 1
    const present = new Set<string>()
    visitFields(document, maxDepth, (names, type) => {
      const name = names.join('.')
      if (!this.#isKnown(name) || names.includes('')) return
      const isNull = type === 'null' || type === 'undefined'
      this.#fields.see(name, isNull ? null : type)
      if (!isNull) present.add(name)
      if (names.some(each => each.includes('.') || each.startsWith('$'))) this.#unnameable.add(name)
    })
    for (const name of present) this.#present.set(name, (this.#present.get(name) ?? 0) + 1)
  }

  get fields(): readonly SampledField[] {
    return this.#fields.columns(false).map(column => ({
      ...column,
      isNullable: (this.#present.get(column.name) ?? 0) < this.#documents,
      isUnnameable: this.#unnameable.has(column.name),
    }))
  }

  /** Whether it is one of those that are told; the first ones are. */
  #isKnown(name: string): boolean {
    if (this.#fields.placeOf(name) !== undefined) return true
    const hasRoom = this.#fields.count < maxFields && name.length <= maxNameLength
    if (!hasRoom) this.#isCut = true
    return hasRoom
  }
}
