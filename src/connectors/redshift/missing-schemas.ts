import type { Run } from '../postgres-protocol/work-transaction.ts'
import { placeholders } from './relation-sql.ts'

/** Those that do not exist. */
export async function missingSchemas(run: Run, schemas: readonly string[]): Promise<readonly string[]> {
  if (schemas.length === 0) return []
  const sql = `SELECT nspname::text AS name FROM pg_namespace WHERE nspname IN (${placeholders(schemas)})`
  const existing = new Set((await run(sql, { name: 'text' }, schemas)).map(({ name }) => name))
  return schemas.filter(schema => !existing.has(schema))
}
