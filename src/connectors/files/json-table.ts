import type { Row } from '../define.ts'
import { FieldColumns } from '../field-columns.ts'
import type { JsonValue } from '../json.ts'
import type { FileTable, RowShape } from './file-table.ts'
import { type JsonRecord, jsonType, jsonTypes, visitFields } from './json-record.ts'
import { sampledBytes, sampledRecords } from './limits.ts'

/** Records as they come, with how many bytes of the file they were made of. */
export interface JsonBatch {
  readonly records: readonly JsonRecord[]
  readonly bytes: number
  /** Set where it is known that no other follows. */
  readonly isLast?: true
}

/** Records that become rows together. */
const rowsAtOnce = 10_000

/**
 * Opens a file of records: reads as many as decide the columns. Fields that appear only later are in the last column.
 * `isOnly`: no other file follows, whose fields might be others.
 */
export async function openRecords(batches: AsyncGenerator<JsonBatch, void>, isOnly: boolean): Promise<FileTable> {
  const begun: JsonRecord[] = []
  let bytes = 0
  let isAll = false
  while (!isAll && begun.length < sampledRecords && bytes < sampledBytes) {
    const { value } = await batches.next()
    isAll = value === undefined || value.isLast === true
    if (value === undefined) continue
    // A batch may have more than a call may have arguments.
    for (const record of value.records) begun.push(record)
    bytes += value.bytes
  }
  const fields = new FieldColumns(jsonTypes)
  for (const record of begun) visitFields(record.value, (name, item) => fields.see(name, jsonType(record, name, item)))
  const isEmpty = begun.length === 0 && isAll
  const hasRest = !isEmpty && (!isAll || !isOnly || fields.hasOverflow || fields.count === 0)
  const columns = fields.columns(hasRest)
  return {
    columns,
    otherFields: hasRest ? (columns.at(-1)?.name ?? null) : null,
    rows: shape => rowsOf(begun, batches, shape),
  }
}

async function* rowsOf(
  begun: readonly JsonRecord[],
  batches: AsyncGenerator<JsonBatch, void>,
  shape: RowShape,
): AsyncGenerator<readonly Row[]> {
  const rowOf = rowMaker(shape)
  yield* mapped(begun, rowOf)
  for await (const { records } of batches) yield* mapped(records, rowOf)
}

function* mapped(records: readonly JsonRecord[], rowOf: (record: JsonRecord) => Row): Generator<readonly Row[]> {
  for (let at = 0; at < records.length; at += rowsAtOnce) yield records.slice(at, at + rowsAtOnce).map(rowOf)
}

function rowMaker({ names, known, otherFields, refuse }: RowShape): (record: JsonRecord) => Row {
  const places = new Map(names.map((name, place) => [name, place]))
  const isKnown = (name: string) => known.has(name) && name !== otherFields
  const restPlace = otherFields === null ? undefined : places.get(otherFields)
  return ({ value }) => {
    const row: JsonValue[] = new Array(names.length).fill(null)
    let rest: Record<string, JsonValue> | null = null
    visitFields(value, (name, item) => {
      const place = places.get(name)
      if (isKnown(name)) {
        if (place !== undefined) row[place] = item
        return
      }
      if (otherFields === null) refuse([name])
      if (restPlace === undefined) return
      // Without a prototype `__proto__` is a field like any other.
      rest ??= Object.create(null) as Record<string, JsonValue>
      rest[name] = item
    })
    if (restPlace !== undefined) row[restPlace] = rest
    return row
  }
}
