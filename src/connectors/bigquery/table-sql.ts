import type { TableReference } from './resources.ts'

/** Reads a table as far as its rows are wanted. One row more tells that there are more. */
export const tableSql = (table: TableReference, columns: readonly string[], maxRows: number): string => {
  const list = columns.length === 0 ? '*' : columns.map(quoted).join(', ')
  return `SELECT ${list} FROM ${quotedTable(table)} LIMIT ${maxRows + 1}`
}

/** https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/lexical#quoted_identifiers */
const quoted = (name: string): string =>
  `\`${name.replace(/[\\`]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}\``

export const quotedTable = ({ projectId, datasetId, tableId }: TableReference): string =>
  [projectId, datasetId, tableId].map(quoted).join('.')
