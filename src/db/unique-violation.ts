import { is, Table } from 'drizzle-orm'
import { getTableConfig, SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { driverErrorOf } from './database-error.ts'
import * as schema from './schema.sqlite.ts'

export interface UniqueViolation {
  /** Name of the unique index or primary key as the schema has it: `connectors_name`. */
  readonly constraint: string
  readonly table: string
  /** Columns as the database has them: `['workspace_id', 'name_key']`. */
  readonly columns: readonly string[]
}

/** What was violated when `error` says that a row with the same unique values exists; false for every other error. */
export function isUniqueViolation(error: unknown): UniqueViolation | false {
  const driverError = driverErrorOf(error)
  switch (driverError?.code) {
    case '23505':
      return (
        constraints.find(({ constraint }) => 'constraint' in driverError && constraint === driverError.constraint) ??
        false
      )
    case 'SQLITE_CONSTRAINT_UNIQUE':
    case 'SQLITE_CONSTRAINT_PRIMARYKEY': {
      // "UNIQUE constraint failed: connectors.workspace_id, connectors.name_key"
      const columns = driverError.message.slice(driverError.message.indexOf(':') + 2)
      return (
        constraints.find(known => known.columns.map(column => `${known.table}.${column}`).join(', ') === columns) ??
        false
      )
    }
    default:
      return false
  }
}

const constraints: readonly UniqueViolation[] = Object.values(schema).flatMap(table => {
  if (!is(table, Table) || !is(table, SQLiteTable)) return []
  const { name, indexes, primaryKeys, columns } = getTableConfig(table)
  return [
    ...indexes
      .filter(index => index.config.unique)
      .map(({ config }) => ({
        constraint: config.name,
        table: name,
        columns: config.columns.flatMap(column => (is(column, SQLiteColumn) ? [column.name] : [])),
      })),
    ...primaryKeys.map(key => ({
      constraint: key.getName(),
      table: name,
      columns: key.columns.map(column => column.name),
    })),
    ...columns
      .filter(column => column.primary)
      .map(column => ({ constraint: `${name}_pkey`, table: name, columns: [column.name] })),
  ]
})
