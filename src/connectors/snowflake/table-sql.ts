import { quoteName } from '../sql/quote-name.ts'
import type { SnowflakeConfig } from './form.ts'
import { quotedPath } from './names.ts'
import type { SnowflakeQuery } from './query-form.ts'

/** Reads a table as far as its rows are wanted. */
export function tableSql(
  { database, schema, name, columns }: NonNullable<SnowflakeQuery['table']>,
  limit: number,
  own: Pick<SnowflakeConfig, 'database' | 'schema'>,
): string {
  const list = columns.length === 0 ? '*' : columns.map(quoteName).join(', ')
  return `SELECT ${list} FROM ${pathOf(database, schema, name, own)} LIMIT ${limit}`
}

/** What the query leaves out is the connector's; what that leaves out as well is the session's, which has none. */
function pathOf(
  database: string | undefined,
  schema: string | undefined,
  name: string,
  own: Pick<SnowflakeConfig, 'database' | 'schema'>,
): string {
  const inSchema = schema ?? (database === undefined ? own.schema : undefined)
  const inDatabase = database ?? own.database
  if (inSchema === undefined)
    return inDatabase === undefined ? quoteName(name) : `${quoteName(inDatabase)}..${quoteName(name)}`
  return inDatabase === undefined ? quotedPath(inSchema, name) : quotedPath(inDatabase, inSchema, name)
}
