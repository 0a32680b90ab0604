import type { DatabricksConfig } from './form.ts'
import type { DatabricksQuery } from './query-form.ts'

/** A name in backticks: ``a `b` `` -> ``` `a ``b`` ` ```. */
export const tick = (name: string): string => `\`${name.replaceAll('`', '``')}\``

export const tickPath = (parts: readonly string[]): string => parts.map(tick).join('.')

type Table = NonNullable<DatabricksQuery['table']>

/** Reads a table as far as its rows are wanted. */
export function tableSql({ catalog, schema, name, columns }: Table, config: DatabricksConfig, limit: number): string {
  const list = columns.length === 0 ? '*' : columns.map(tick).join(', ')
  // Behind a catalog its schema must stand, too.
  const schemaOfIt = schema ?? (catalog === undefined ? undefined : (config.schema ?? 'default'))
  const parts = [catalog, schemaOfIt, name].filter(part => part !== undefined)
  return `SELECT ${list} FROM ${tickPath(parts)} LIMIT ${limit}`
}
