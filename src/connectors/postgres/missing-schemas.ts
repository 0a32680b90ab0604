import type { Run } from '../postgres-protocol/work-transaction.ts'

const missingSchemasSql = `
  SELECT name FROM pg_catalog.unnest($1::text[]) AS name
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = name)`

/** Those that do not exist. */
export async function missingSchemas(run: Run, schemas: readonly string[]): Promise<readonly string[]> {
  const missing = new Set((await run(missingSchemasSql, { name: 'text' }, [schemas])).map(({ name }) => name))
  // A server names what it was asked about, or nothing.
  return schemas.filter(schema => missing.has(schema))
}
