import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { parseArray } from './types.ts'

/** What a statement of ours answers in a column; with `?` it may be null. */
interface Kinds {
  readonly text: string
  readonly 'text?': string | null
  readonly boolean: boolean
  readonly 'boolean?': boolean | null
  readonly integer: number
  /** An array of texts, without nulls. */
  readonly texts: readonly string[]
}

export type Shape = Readonly<Record<string, keyof Kinds>>
export type RowOf<S extends Shape> = { readonly [Column in keyof S]: Kinds[S[Column]] }

/** No statement of ours asks for more. */
const maxRows = 1_000

/**
 * Rows as the statement's author knows them. What a server sends is text that it chose, under types that it chose: the
 * driver's own parsers believe both, and some of them take the square of a text's length. Throws `ProtocolFaultError`.
 */
export function readAnswer<S extends Shape>(rows: readonly Record<string, unknown>[], shape: S): RowOf<S>[] {
  if (rows.length > maxRows) throw new ProtocolFaultError('it answered with more rows than were asked for')
  const columns = Object.entries(shape)
  return rows.map(
    row =>
      // Each column of the shape is there, of its kind.
      Object.fromEntries(columns.map(([column, kind]) => [column, readValue(row, column, kind)])) as RowOf<S>,
  )
}

function readValue(row: Record<string, unknown>, column: string, kind: keyof Kinds): Kinds[keyof Kinds] {
  // Redshift may be set up to tell all names in upper case (describe_field_name_in_uppercase).
  const told = Object.hasOwn(row, column) ? column : column.toUpperCase()
  const text = Object.hasOwn(row, told) ? row[told] : undefined
  if (text === null && kind.endsWith('?')) return null
  const value = typeof text === 'string' ? parsers[kind](text) : undefined
  if (value === undefined) throw new ProtocolFaultError(`its answer has no usable value for "${column}"`)
  return value
}

const boolean = (text: string) => (text === 't' ? true : text === 'f' ? false : undefined)
const texts = (text: string) => {
  const items = parseArray(text)
  return Array.isArray(items) && items.every(item => typeof item === 'string') ? items : undefined
}

/** Undefined for what is none. */
const parsers: { readonly [K in keyof Kinds]: (text: string) => Kinds[K] | undefined } = {
  text: text => text,
  'text?': text => text,
  boolean,
  'boolean?': boolean,
  integer: text => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined),
  texts,
}
