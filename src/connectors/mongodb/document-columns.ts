import type { CommonType, ResultColumn, Row } from '../define.ts'
import type { JsonValue } from '../json.ts'
import { visitTypes, visitValues } from './bson-values.ts'

/** Fields beyond it go into the last column; a hostile server could name a million. */
const maxColumns = 1_000
const maxNameLength = 500

/** The last column, where there is one: a document with the fields that no column has. */
export const otherFields = '(other fields)'

interface Column {
  readonly name: string
  /** In the order in which they were seen. */
  readonly types: Set<string>
}

/**
 * Makes rows of documents. The first documents decide the columns: the union of their fields, in the order in which they
 * were first seen. Fields that appear only later are in the last column, so nothing is lost.
 */
export class DocumentColumns {
  readonly #columns: Column[] = []
  readonly #places = new Map<string, number>()
  readonly #hasRest: boolean

  /** Decides by `first`; `isAll`: there are no other documents. Throws for what is no document. */
  constructor(first: readonly Uint8Array[], isAll: boolean) {
    let hasOverflow = false
    for (const document of first) {
      visitTypes(document, (name, type) => {
        const column = this.#columns[this.#places.get(name) ?? this.#newPlace(name)]
        if (!column) hasOverflow = true
        else if (type !== 'null' && type !== 'undefined') column.types.add(type)
      })
    }
    this.#hasRest = !isAll || hasOverflow
  }

  get columns(): ResultColumn[] {
    const columns = this.#columns.map(({ name, types }): ResultColumn => {
      const names = [...types]
      return { name, nativeType: names.length === 0 ? 'null' : names.join(' | '), type: commonType(names) }
    })
    return this.#hasRest ? [...columns, { name: this.#restName(), nativeType: 'object', type: 'JSON' }] : columns
  }

  row(document: Uint8Array): Row {
    const row: JsonValue[] = new Array(this.#columns.length).fill(null)
    let rest: Record<string, JsonValue> | null = null
    visitValues(document, (name, value) => {
      const place = this.#places.get(name)
      if (place !== undefined) {
        row[place] = value
        return
      }
      // Without a prototype `__proto__` is a field like any other.
      rest ??= Object.create(null) as Record<string, JsonValue>
      rest[name] = value
    })
    if (this.#hasRest) row.push(rest)
    return row
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
}

const commonTypes: Readonly<Record<string, CommonType>> = {
  double: 'FLOAT',
  string: 'TEXT',
  object: 'JSON',
  array: 'LIST',
  binData: 'BINARY',
  uuid: 'TEXT',
  objectId: 'TEXT',
  bool: 'BOOLEAN',
  date: 'TIMESTAMP',
  symbol: 'TEXT',
  int: 'INTEGER',
  long: 'INTEGER',
  decimal: 'DECIMAL',
}

/** Types of one kind are that kind, numbers of several kinds the widest; everything else that is mixed is OTHER. */
function commonType(names: readonly string[]): CommonType {
  const kinds = new Set(names.map(name => commonTypes[name] ?? 'OTHER'))
  const [only] = kinds
  if (kinds.size <= 1) return only ?? 'OTHER'
  const isNumeric = [...kinds].every(kind => kind === 'INTEGER' || kind === 'FLOAT' || kind === 'DECIMAL')
  if (!isNumeric) return 'OTHER'
  return kinds.has('DECIMAL') ? 'DECIMAL' : 'FLOAT'
}
