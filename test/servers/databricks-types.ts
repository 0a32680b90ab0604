import types from '@databricks/sql/thrift/TCLIService_types.js'

/** A column of a table or a result, its type as Databricks SQL writes it: `decimal(38,9)`, `array<map<string,bigint>>`. */
export interface DatabricksColumn {
  readonly name: string
  readonly type: string
  readonly nullable?: boolean
  readonly comment?: string
}

/**
 * As the double keeps values: integers beyond 2^53 as bigint, decimals, dates, instants, intervals and variants as text,
 * binary as bytes, arrays as lists, maps as lists of pairs, structs as objects.
 */
export type DatabricksValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly DatabricksValue[]
  | { readonly [field: string]: DatabricksValue }

export type ParsedType =
  | { readonly kind: 'PRIMITIVE'; readonly name: string; readonly precision: number; readonly scale: number }
  | { readonly kind: 'ARRAY'; readonly element: ParsedType }
  | { readonly kind: 'MAP'; readonly key: ParsedType; readonly value: ParsedType }
  | { readonly kind: 'STRUCT'; readonly fields: readonly { readonly name: string; readonly type: ParsedType }[] }

/** `a,map<b,c>` -> `a`, `map<b,c>`. */
function split(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    if ('<('.includes(text[at] ?? '')) depth += 1
    if ('>)'.includes(text[at] ?? '')) depth -= 1
    if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, text.slice(from)].map(part => part.trim())
}

export function parseType(text: string): ParsedType {
  const [, outer = '', inner = ''] = /^(array|map|struct)<(.*)>$/i.exec(text.trim()) ?? []
  switch (outer.toLowerCase()) {
    case 'array':
      return { kind: 'ARRAY', element: parseType(inner) }
    case 'map': {
      const [key = '', value = ''] = split(inner)
      return { kind: 'MAP', key: parseType(key), value: parseType(value) }
    }
    case 'struct':
      return {
        kind: 'STRUCT',
        fields: split(inner).map(field => {
          const [, name = '', type = ''] = /^([^:]+):(.*)$/.exec(field) ?? []
          return { name: name.trim(), type: parseType(type) }
        }),
      }
    default: {
      const [, name = '', precision = '10', scale = '0'] =
        /^([\w ]+?)(?:\((\d+)(?:,\s*(\d+))?\))?$/.exec(text.trim()) ?? []
      return { kind: 'PRIMITIVE', name: name.toLowerCase(), precision: Number(precision), scale: Number(scale) }
    }
  }
}

const { TTypeId } = types
const primitiveIds: Readonly<Record<string, number>> = {
  boolean: TTypeId.BOOLEAN_TYPE,
  tinyint: TTypeId.TINYINT_TYPE,
  smallint: TTypeId.SMALLINT_TYPE,
  int: TTypeId.INT_TYPE,
  bigint: TTypeId.BIGINT_TYPE,
  float: TTypeId.FLOAT_TYPE,
  double: TTypeId.DOUBLE_TYPE,
  decimal: TTypeId.DECIMAL_TYPE,
  string: TTypeId.STRING_TYPE,
  varchar: TTypeId.VARCHAR_TYPE,
  char: TTypeId.CHAR_TYPE,
  binary: TTypeId.BINARY_TYPE,
  date: TTypeId.DATE_TYPE,
  timestamp: TTypeId.TIMESTAMP_TYPE,
  timestamp_ntz: TTypeId.TIMESTAMP_TYPE,
  void: TTypeId.NULL_TYPE,
  // Of types that the protocol does not know it says that they are text.
  variant: TTypeId.STRING_TYPE,
  'interval year to month': TTypeId.INTERVAL_YEAR_MONTH_TYPE,
  'interval day to second': TTypeId.INTERVAL_DAY_TIME_TYPE,
}

function typeIdOf(type: ParsedType): number {
  switch (type.kind) {
    case 'ARRAY':
      return TTypeId.ARRAY_TYPE
    case 'MAP':
      return TTypeId.MAP_TYPE
    case 'STRUCT':
      return TTypeId.STRUCT_TYPE
    case 'PRIMITIVE': {
      const id = primitiveIds[type.name]
      if (id === undefined) throw new Error(`Databricks has no type ${type.name}.`)
      return id
    }
  }
}

const qualifier = (i32Value: number) => new types.TTypeQualifierValue({ i32Value })

/** As a result's schema describes a column. */
export function describedColumn({ name, type }: DatabricksColumn, index: number) {
  const parsed = parseType(type)
  const isDecimal = parsed.kind === 'PRIMITIVE' && parsed.name === 'decimal'
  const entry = new types.TPrimitiveTypeEntry({
    type: typeIdOf(parsed),
    ...(isDecimal && {
      typeQualifiers: new types.TTypeQualifiers({
        qualifiers: { precision: qualifier(parsed.precision), scale: qualifier(parsed.scale) },
      }),
    }),
  })
  return new types.TColumnDesc({
    columnName: name,
    position: index + 1,
    comment: '',
    typeDesc: new types.TTypeDesc({ types: [new types.TTypeEntry({ primitiveEntry: entry })] }),
  })
}

/** `2026-01-02T03:04:05.123456` as Databricks writes instants: with a blank, and without zeros at the end. */
export const spacedInstant = (text: string): string => text.replace('T', ' ').replace(/Z$/, '')

/** JSON of a nested value as Databricks writes it where nested values are text. Digits are kept. */
export function jsonOf(value: DatabricksValue, type: ParsedType): string {
  if (value === null) return 'null'
  switch (type.kind) {
    case 'ARRAY':
      return `[${(value as readonly DatabricksValue[]).map(item => jsonOf(item, type.element)).join(',')}]`
    case 'MAP': {
      const pairs = value as readonly (readonly [DatabricksValue, DatabricksValue])[]
      return `{${pairs.map(([key, item]) => `${JSON.stringify(String(key))}:${jsonOf(item, type.value)}`).join(',')}}`
    }
    case 'STRUCT': {
      const object = value as { readonly [field: string]: DatabricksValue }
      return `{${type.fields.map(field => `${JSON.stringify(field.name)}:${jsonOf(object[field.name] ?? null, field.type)}`).join(',')}}`
    }
    case 'PRIMITIVE': {
      if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
      if (type.name === 'timestamp' || type.name === 'timestamp_ntz')
        return JSON.stringify(spacedInstant(String(value)))
      // Digits as they are: JSON's numbers have no limit.
      return typeof value === 'string' && type.name !== 'decimal' ? JSON.stringify(value) : String(value)
    }
  }
}
