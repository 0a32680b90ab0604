import { getTableColumns, type InferSelectModel } from 'drizzle-orm'
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Database } from './database.ts'

interface PreparedSelect<Row> {
  execute(values: Record<string, unknown>): Promise<readonly Row[]>
  values(values: Record<string, unknown>): Promise<readonly (readonly unknown[])[]>
}

/**
 * Runs a prepared query that selects all columns of `table`, in their order. Does what the query's own `execute` does;
 * but that one finds out anew for every value of every row how to read it, which takes as long as reading it.
 */
export function wholeRows<T extends SQLiteTable>(
  dialect: Database['dialect'],
  table: T,
  query: PreparedSelect<InferSelectModel<T>>,
): (values: Record<string, unknown>) => Promise<readonly InferSelectModel<T>[]> {
  // Only SQLite's queries can be asked for plain values.
  if (dialect === 'postgres') return values => query.execute(values)
  const columns = Object.entries(getTableColumns(table))
  const rowOf = (values: readonly unknown[]): InferSelectModel<T> => {
    const row: Record<string, unknown> = {}
    columns.forEach(([name, column], index) => {
      const value = values[index]
      row[name] = value === null ? null : column.mapFromDriverValue(value)
    })
    // The columns' own mappings make what the table's type says.
    return row as InferSelectModel<T>
  }
  return async values => (await query.values(values)).map(rowOf)
}
