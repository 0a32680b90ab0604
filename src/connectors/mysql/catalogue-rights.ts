import type { Right } from './privileges.ts'
import { quoteText } from './quote.ts'
import { systemSchemaList } from './system-schemas.ts'
import type { Run } from './work.ts'

const maxTables = 20

/**
 * Tables that the account may write to, as the server itself works it out: also by what is given to nobody by name, such
 * as rights of the anonymous account.
 */
export async function writableTables(run: Run, database: string | undefined): Promise<Right[]> {
  const where = database === undefined ? `NOT IN (${systemSchemaList})` : `= ${quoteText(database)}`
  const tables = await run(
    `SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA ${where} AND TABLE_SCHEMA <> 'test' AND TABLE_SCHEMA NOT LIKE 'test|_%' ESCAPE '|'
       AND (FIND_IN_SET('insert', PRIVILEGES) OR FIND_IN_SET('update', PRIVILEGES)) LIMIT ${maxTables}`,
    { schema: 'text', name: 'text' },
  )
  return tables.map(({ schema, name }) => ({
    kind: 'TABLE',
    object: `${schema}.${name}`,
    names: ['insert or update'],
    via: null,
  }))
}

/** Routines that run with their owner's rights, of those that the account may know of. */
const definersSql = `
  SELECT ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES
  WHERE SECURITY_TYPE = 'DEFINER' AND SQL_DATA_ACCESS <> 'NO SQL' AND ROUTINE_SCHEMA NOT IN (${systemSchemaList})
  ORDER BY ROUTINE_SCHEMA, ROUTINE_NAME LIMIT 6`

export async function definerRoutines(run: Run): Promise<readonly string[]> {
  const routines = await run(definersSql, { schema: 'text', name: 'text' })
  return routines.map(({ schema, name }) => `${schema}.${name}`)
}
