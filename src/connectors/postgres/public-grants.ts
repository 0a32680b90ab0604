import type { RowOf } from '../postgres-protocol/answer-shape.ts'
import type { Run } from '../postgres-protocol/work-transaction.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { quoteName } from '../sql/quote-name.ts'

const grantShape = { kind: 'text', schema: 'text?', name: 'text', column: 'text?', privileges: 'texts' } as const
type PublicGrant = RowOf<typeof grantShape>

const maxGrants = 50

/** What everybody may do, and a new account could therefore do too. */
const publicGrantsSql = `
  WITH grants AS (
    SELECT 'SCHEMA' AS kind, NULL::text AS schema, n.nspname::text AS name, NULL::text AS column, a.privilege_type
    FROM pg_catalog.pg_namespace n, LATERAL pg_catalog.aclexplode(n.nspacl) a
    WHERE a.grantee = 0 AND a.privilege_type = 'CREATE'
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname, NULL, a.privilege_type
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, LATERAL pg_catalog.aclexplode(c.relacl) a
    WHERE a.grantee = 0 AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND a.privilege_type <> 'SELECT'
    UNION ALL
    SELECT 'TABLE', n.nspname, c.relname, t.attname, a.privilege_type
    FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, LATERAL pg_catalog.aclexplode(t.attacl) a
    WHERE a.grantee = 0 AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND a.privilege_type <> 'SELECT'
    UNION ALL
    SELECT 'DATABASE', NULL, d.datname, NULL, a.privilege_type
    FROM pg_catalog.pg_database d, LATERAL pg_catalog.aclexplode(d.datacl) a
    WHERE d.datname = pg_catalog.current_database() AND a.grantee = 0 AND a.privilege_type = 'CREATE'
    UNION ALL
    SELECT 'LARGE OBJECT', NULL, m.oid::text, NULL, a.privilege_type
    FROM pg_catalog.pg_largeobject_metadata m, LATERAL pg_catalog.aclexplode(m.lomacl) a
    WHERE a.grantee = 0 AND a.privilege_type = 'UPDATE'
    UNION ALL
    SELECT 'FOREIGN SERVER', NULL, s.srvname, NULL, a.privilege_type
    FROM pg_catalog.pg_foreign_server s, LATERAL pg_catalog.aclexplode(s.srvacl) a WHERE a.grantee = 0
    UNION ALL
    SELECT 'FOREIGN DATA WRAPPER', NULL, w.fdwname, NULL, a.privilege_type
    FROM pg_catalog.pg_foreign_data_wrapper w, LATERAL pg_catalog.aclexplode(w.fdwacl) a WHERE a.grantee = 0
  )
  SELECT kind, schema, name, "column", pg_catalog.array_agg(DISTINCT privilege_type) AS privileges
  FROM grants GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 LIMIT ${maxGrants + 1}`

const kinds = ['SCHEMA', 'TABLE', 'SEQUENCE', 'DATABASE', 'LARGE OBJECT', 'FOREIGN SERVER', 'FOREIGN DATA WRAPPER']

/** The statements that take from everybody what lets a new account write; empty when there is nothing to take. */
export async function revokePublicSql(run: Run): Promise<string[]> {
  const grants = await run(publicGrantsSql, grantShape)
  if (grants.length === 0) return []
  return [
    '-- These let every account write, the new one too.',
    ...grants.slice(0, maxGrants).map(revokeSql),
    ...(grants.length > maxGrants ? ['-- There are more of them: test the new account to see the rest.'] : []),
  ]
}

/**
 * An administrator will run it in a shell that obeys lines of its own (`\!` in psql), and a hostile server chose the
 * words: so names are quoted here, and all else must be known.
 */
function revokeSql({ kind, schema, name, column, privileges }: PublicGrant): string {
  if (!kinds.includes(kind) || !privileges.every(privilege => /^[A-Z]{3,20}$/.test(privilege))) {
    throw new ProtocolFaultError('it named rights that PostgreSQL does not have')
  }
  const target = kind === 'LARGE OBJECT' ? String(Number(name)) : quoteName(name)
  const path = schema === null ? target : `${quoteName(schema)}.${target}`
  const rights = privileges.map(privilege => (column === null ? privilege : `${privilege} (${quoteName(column)})`))
  return `REVOKE ${rights.join(', ')} ON ${kind} ${path} FROM PUBLIC;`
}
