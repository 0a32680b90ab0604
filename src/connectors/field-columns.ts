import type { CommonType, ResultColumn } from './define.ts'

/** Fields beyond it go into the last column; a hostile source could name a million. */
const maxColumns = 1_000
const maxNameLength = 500

/** The last column, where there is one: the fields that no column has. */
export const otherFields = '(other fields)'

interface Column {
  readonly name: string
  /** In the order in which they were seen. */
  readonly types: Set<string>
}

/** The columns of records that name their fields themselves: the union of those, in the order in which they were first seen. */
export class FieldColumns {
  readonly #commonTypes: Readonly<Record<string, CommonType>>
  readonly #columns: Column[] = []
  readonly #places = new Map<string, number>()
  #hasOverflow = false

  /** `commonTypes`: by the names of types in the source; what is not named there is OTHER. */
  constructor(commonTypes: Readonly<Record<string, CommonType>>) {
    this.#commonTypes = commonTypes
  }

  get count(): number {
    return this.#columns.length
  }

  /** Whether there were fields that are in no column. */
  get hasOverflow(): boolean {
    return this.#hasOverflow
  }

  /** A record has this field. `type`: of its value in the source; null for values that say nothing of it. */
  see(name: string, type: string | null): void {
    const column = this.#columns[this.#places.get(name) ?? this.#newPlace(name)]
    if (!column) this.#hasOverflow = true
    else if (type !== null) column.types.add(type)
  }

  placeOf(name: string): number | undefined {
    return this.#places.get(name)
  }

  /** `hasRest`: with a last column for other fields, whose name no field has. */
  columns(hasRest: boolean): ResultColumn[] {
    const columns = this.#columns.map(({ name, types }): ResultColumn => {
      const names = [...types]
      const nativeType = names.length === 0 ? 'null' : names.join(' | ')
      return { name, nativeType, type: this.#commonType(names) }
    })
    return hasRest ? [...columns, { name: this.#restName(), nativeType: 'object', type: 'JSON' }] : columns
  }

  /** -1: there is no column for this field. */
  #newPlace(name: string): number {
    if (this.#columns.length === maxColumns || name.length > maxNameLength) return -1
    this.#places.set(name, this.#columns.length)
    return this.#columns.push({ name, types: new Set() }) - 1
  }

  #restName(): string {
    let name = otherFields
    for (let count = 2; this.#places.has(name); count++) name = `${otherFields} ${count}`
    return name
  }

  /** Types of one kind are that kind, numbers of several kinds the widest; everything else that is mixed is OTHER. */
  #commonType(names: readonly string[]): CommonType {
    const kinds = new Set(names.map(name => this.#commonTypes[name] ?? 'OTHER'))
    const [only] = kinds
    if (kinds.size <= 1) return only ?? 'OTHER'
    const isNumeric = [...kinds].every(kind => kind === 'INTEGER' || kind === 'FLOAT' || kind === 'DECIMAL')
    if (!isNumeric) return 'OTHER'
    return kinds.has('DECIMAL') ? 'DECIMAL' : 'FLOAT'
  }
}
