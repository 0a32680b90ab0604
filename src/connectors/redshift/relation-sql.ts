import type { NameSql } from '../postgres-protocol/name-page.ts'

/** Parts of questions about tables and views, where `c` is one in `pg_class` and `n` its schema in `pg_namespace`. */

/** `$1, $2, ...` for so many values: Redshift has no lists of them. */
export const placeholders = (values: readonly unknown[], first = 1): string =>
  values.map((_, index) => `$${first + index}`).join(', ')

/** Without patterns: in a literal of Redshift's a backslash means something of its own. */
export const isOwnSchema = "substring(n.nspname::text, 1, 3) <> 'pg_' AND n.nspname <> 'information_schema'"

export const isRelation = "c.relkind IN ('r', 'v', 'm')"

/**
 * Whether the account has the privilege on it: one for each question, as Redshift takes no lists of them. About a table
 * in a schema that is closed to the account the question itself would be refused, and nothing is gained by the privilege.
 */
export const may = (privilege: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'): string =>
  `CASE WHEN has_schema_privilege(n.nspname::text, 'USAGE')
        THEN has_table_privilege(quote_ident(n.nspname::text) || '.' || quote_ident(c.relname::text), '${privilege}')
        ELSE false END`

/** Names sort by their bytes there. */
export const nameSql = (column: string): NameSql => ({ sorted: `${column}::text`, searched: `${column}::text` })

/** Longer comments are cut at the source. */
export const commentSql = (comment: string): string => `substring(${comment}, 1, 1000)`

/** Which schemas the connector works with: those of the form, as the first parameters, or all but Redshift's own. */
export const isInScope = (schemas: readonly string[]): string =>
  schemas.length === 0 ? isOwnSchema : `n.nspname IN (${placeholders(schemas)})`
