import type { CommonType, ResultColumn, Row } from '../define.ts'
import { FieldColumns } from '../field-columns.ts'
import type { JsonValue } from '../json.ts'
import { visitTypes, visitValues } from './bson-values.ts'

/**
 * Makes rows of documents. The first documents decide the columns: the union of their fields, in the order in which they
 * were first seen. Fields that appear only later are in the last column, so nothing is lost.
 */
export class DocumentColumns {
  readonly #fields = new FieldColumns(commonTypes)
  readonly #hasRest: boolean

  /** Decides by `first`; `isAll`: there are no other documents. Throws for what is no document. */
  constructor(first: readonly Uint8Array[], isAll: boolean) {
    for (const document of first) {
      visitTypes(document, (name, type) =>
        this.#fields.see(name, type === 'null' || type === 'undefined' ? null : type),
      )
    }
    this.#hasRest = !isAll || this.#fields.hasOverflow
  }

  get columns(): ResultColumn[] {
    return this.#fields.columns(this.#hasRest)
  }

  row(document: Uint8Array): Row {
    const row: JsonValue[] = new Array(this.#fields.count).fill(null)
    let rest: Record<string, JsonValue> | null = null
    visitValues(document, (name, value) => {
      const place = this.#fields.placeOf(name)
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
}

/** By the names of `visitTypes`. */
export const commonTypes: Readonly<Record<string, CommonType>> = {
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
