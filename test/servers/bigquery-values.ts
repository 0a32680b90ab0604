/** A column, as BigQuery's schemas have it. */
export interface BigQueryField {
  readonly name: string
  readonly type: string
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  readonly fields?: readonly BigQueryField[]
  readonly rangeElementType?: { readonly type: string }
  readonly precision?: string
  readonly scale?: string
  readonly maxLength?: string
  readonly description?: string
}

/**
 * A value of a table: text as BigQuery writes it, microseconds since 1970 for TIMESTAMP, a list for what is repeated and for
 * the fields of a RECORD, both ends for a RANGE.
 */
export type BigQueryValue = string | bigint | null | readonly BigQueryValue[]
export type BigQueryRow = readonly BigQueryValue[]

/** Rows that need not be in memory. */
export interface BigQueryRows {
  readonly length: number
  at(index: number): BigQueryRow | undefined
}

interface Cell {
  readonly v: unknown
}

export interface FormatOptions {
  readonly useInt64Timestamp: boolean
}

/** A row as the API answers it: https://docs.cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list */
export const apiRow = (row: BigQueryRow, schema: readonly BigQueryField[], options: FormatOptions) => ({
  f: schema.map((field, index): Cell => ({ v: apiValue(row[index] ?? null, field, options) })),
})

function apiValue(value: BigQueryValue, field: BigQueryField, options: FormatOptions): unknown {
  if (field.mode === 'REPEATED') {
    const { mode: _, ...item } = field
    return (value as readonly BigQueryValue[] | null)?.map((each): Cell => ({ v: apiValue(each, item, options) })) ?? []
  }
  if (value === null) return null
  switch (field.type) {
    case 'RECORD':
    case 'STRUCT':
      return apiRow(value as BigQueryRow, field.fields ?? [], options)
    case 'TIMESTAMP':
      return timestamp(value as bigint, options)
    case 'RANGE': {
      const element = { name: field.name, type: field.rangeElementType?.type ?? 'DATE' }
      const [start, end] = (value as readonly BigQueryValue[]).map(
        each => apiValue(each, element, options) ?? 'UNBOUNDED',
      )
      return `[${String(start)}, ${String(end)})`
    }
    default:
      return value
  }
}

/** Seconds as Java writes a double, `1.408452095E9`, unless whole microseconds are asked for. */
function timestamp(microseconds: bigint, { useInt64Timestamp }: FormatOptions): string {
  if (useInt64Timestamp) return String(microseconds)
  const [mantissa = '0', exponent = '0'] = (Number(microseconds) / 1e6).toExponential().split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
}

/** The part of a schema and of its rows that `selectedFields` names; null for a name that is not there. */
export function selectFields(schema: readonly BigQueryField[], selected: string): readonly number[] | null {
  const wanted = new Set(selected.split(',').map(name => name.trim().toLowerCase()))
  const indexes = schema.flatMap(({ name }, index) => (wanted.has(name.toLowerCase()) ? [index] : []))
  return indexes.length === wanted.size ? indexes : null
}
