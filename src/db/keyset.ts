import { createHash } from 'node:crypto'
import { asc, desc, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'
import type { JsonValue } from '../connectors/json.ts'
import { isStorableText } from './storable-text.ts'

export type Direction = 'ASC' | 'DESC'

export interface PageRequest<Field extends string> {
  /** 1 to 100. */
  readonly first: number
  /** An opaque cursor of an earlier page with the same order and filter. */
  readonly after: string | null
  readonly orderBy: { readonly field: Field; readonly direction: Direction }
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** One for each row. */
  readonly cursors: readonly string[]
  readonly hasNextPage: boolean
}

/** A cursor that Patchbay did not make, or that belongs to a list with another order or filter. */
export class BadCursorError extends Error {
  constructor() {
    super('This cursor does not belong to this list with this order and filter. Start again without a cursor.')
    this.name = 'BadCursorError'
  }
}

/** One ordered, filtered list. Its rows are ordered by a non-null column and, where that is equal, by id. */
export interface KeysetOptions<Row extends { readonly id: string }> {
  /** Name of the list. */
  readonly list: string
  readonly orderBy: { readonly field: string; readonly direction: Direction }
  /** Everything that decides which rows the list has, apart from the workspace. */
  readonly filter: JsonValue
  readonly column: SQLiteColumn
  readonly idColumn: SQLiteColumn
  keyOf(row: Row): string | Date
}

/** Values of the placeholders of `Keyset.afterPlaceholders`. */
export interface KeysetPosition {
  readonly afterKey: string | Date
  readonly afterId: string
}

export interface Keyset<Row extends { readonly id: string }> {
  readonly orderBy: readonly [SQL, SQL]
  /** Condition for the rows after the cursor. Throws `BadCursorError`. */
  after(cursor: string): SQL
  /** The same for a prepared query: the values come from `position`. */
  readonly afterPlaceholders: SQL
  /** Throws `BadCursorError`. */
  position(cursor: string): KeysetPosition
  /** Makes the page of rows that were read with `limit(first + 1)`. */
  page(rows: readonly Row[], first: number): Page<Row>
}

// The widest range of instants that a JavaScript Date can hold.
const maxInstant = 8.64e15
const storableText = z.string().refine(isStorableText)
const cursorSchema = z.tuple([
  z.string(),
  z.union([storableText, z.int().min(-maxInstant).max(maxInstant)]),
  storableText,
])

export function keyset<Row extends { readonly id: string }>(options: KeysetOptions<Row>): Keyset<Row> {
  const { orderBy, column, idColumn, keyOf } = options
  // Most lists are read without a cursor in sight, so what only cursors need is made when one is asked for.
  let listHash: string | undefined
  /** Binds a cursor to its list. Not a protection: a forged position shows nothing that the list itself does not. */
  const list = (): string => {
    listHash ??= createHash('sha256')
      .update(JSON.stringify([options.list, orderBy.field, orderBy.direction, options.filter]))
      .digest('base64url')
      .slice(0, 16)
    return listHash
  }
  const isInstant = column.dataType === 'date'

  const encode = (row: Row): string => {
    const key = keyOf(row)
    const parts = [list(), key instanceof Date ? key.getTime() : key, row.id]
    return Buffer.from(JSON.stringify(parts)).toString('base64url')
  }

  const position = (cursor: string): KeysetPosition => {
    const parsed = cursorSchema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()))
    if (!parsed.success) throw new BadCursorError()
    const [cursorList, key, id] = parsed.data
    if (cursorList !== list() || (typeof key === 'number') !== isInstant) throw new BadCursorError()
    return { afterKey: typeof key === 'number' ? new Date(key) : key, afterId: id }
  }

  const isAfter = ({ afterKey, afterId }: Record<keyof KeysetPosition, unknown>): SQL => {
    // Row values, because the equivalent OR form reads the index from its start.
    const comparison = orderBy.direction === 'ASC' ? sql`>` : sql`<`
    return sql`(${column}, ${idColumn}) ${comparison} (${sql.param(afterKey, column)}, ${sql.param(afterId, idColumn)})`
  }

  const ordered = orderBy.direction === 'ASC' ? asc : desc
  return {
    get orderBy() {
      return [ordered(column), ordered(idColumn)] as const
    },
    after: cursor => isAfter(position(cursor)),
    get afterPlaceholders() {
      return isAfter({ afterKey: sql.placeholder('afterKey'), afterId: sql.placeholder('afterId') })
    },
    position,
    page(rows, first) {
      const shown = rows.slice(0, first)
      let cursors: readonly string[] | undefined
      return {
        rows: shown,
        get cursors() {
          cursors ??= shown.map(encode)
          return cursors
        },
        hasNextPage: rows.length > first,
      }
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
