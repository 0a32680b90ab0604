import { type Placeholder, type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { isStorableText } from './storable-text.ts'

/** The value to bind for a `textList`. Leaves out what no row can hold. */
export const textListValue = (values: readonly string[]): string => JSON.stringify(values.filter(isStorableText))

/**
 * `(select ...)` of a list of texts that is bound as one parameter: the statement's text does not depend on how many
 * there are, so it can be prepared. `value` is bound with `textListValue`.
 */
export function textList(dialect: Database['dialect'], value: string | Placeholder): SQL {
  return dialect === 'postgres'
    ? sql`(select json_array_elements_text(${value}::json))`
    : sql`(select value from json_each(${value}))`
}

/** `%text%` for `like ... escape '!'`. */
export const containsPattern = (text: string): string => `%${text.replace(/[!%_]/g, '!$&')}%`
