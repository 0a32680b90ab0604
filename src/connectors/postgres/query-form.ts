import { sqlQueryForm } from '../postgres-protocol/sql-query.ts'

/** The form of a dataset's query: a statement, or a table with its columns. */
export const queryForm = sqlQueryForm({
  statements: 'SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN',
  maxNameLength: 63,
})
