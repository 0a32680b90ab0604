import { type Placeholder, type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { isStorableText } from './storable-text.ts'

/** The value to bind for an `isInTextList`. Leaves out what no row can hold. */
export const textListValue = (values: readonly string[]): string => JSON.stringify(values.filter(isStorableText))

/**
 * Whether `value` is one of a list of texts that is bound as one parameter, with `textListValue`: the statement's text
 * does not depend on how many there are, so it can be prepared.
 */
export function isInTextList(dialect: Database['dialect'], value: SQLWrapper, list: Placeholder): SQL {
  return dialect === 'postgres'
    ? sql`${value} = any (array (select json_array_elements_text(${list}::json)))`
    : sql`${value} in (select value from json_each(${list}))`
}

/** `%text%` for `like ... escape '!'`. */
export const containsPattern = (text: string): string => `%${text.replace(/[!%_]/g, '!$&')}%`
