import { quoteName } from '../sql/quote-name.ts'
import type { AthenaQuery } from './query-form.ts'

/** Reads a table as far as its rows are wanted: what is read is billed. */
export function tableSql({ database, name, columns }: NonNullable<AthenaQuery['table']>, limit: number): string {
  const list = columns.length === 0 ? '*' : columns.map(quoteName).join(', ')
  const path = [...(database === undefined ? [] : [database]), name].map(quoteName).join('.')
  return `SELECT ${list} FROM ${path} LIMIT ${limit}`
}
