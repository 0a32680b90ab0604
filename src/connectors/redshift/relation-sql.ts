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
