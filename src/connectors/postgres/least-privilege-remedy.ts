import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { quoteName } from './quote.ts'
import { createRoleSql, grantConnectSql, grantReadSql, passwordPlaceholder } from './remedy-sql.ts'
import type { Run } from './work-transaction.ts'

/** What an administrator has to run so that a new account can read what this one reads, and nothing else. */
export interface ReaderRemedy {
  readonly role: string
  readonly sql: string
}

const maxPublicGrants = 50

const schemasSql = `
  SELECT DISTINCT n.nspname::text AS name
  FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND (pg_catalog.cardinality($1::text[]) = 0 OR n.nspname = ANY ($1::text[]))
  ORDER BY 1 LIMIT 100`

/** What everybody may do, and a new account could therefore do too. */
const publicGrantsSql = `
  WITH grants AS (
    SELECT 'SCHEMA ' || pg_catalog.quote_ident(n.nspname) AS object, a.privilege_type AS privilege
    FROM pg_catalog.pg_namespace n, LATERAL pg_catalog.aclexplode(n.nspacl) a
    WHERE a.grantee = 0 AND a.privilege_type = 'CREATE'
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END
        || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), a.privilege_type
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, LATERAL pg_catalog.aclexplode(c.relacl) a
    WHERE a.grantee = 0 AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
      AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'USAGE')
    UNION ALL
    SELECT 'DATABASE ' || pg_catalog.quote_ident(d.datname), a.privilege_type
    FROM pg_catalog.pg_database d, LATERAL pg_catalog.aclexplode(d.datacl) a
    WHERE d.datname = pg_catalog.current_database() AND a.grantee = 0 AND a.privilege_type = 'CREATE'
  )
  SELECT object, pg_catalog.string_agg(DISTINCT privilege, ', ') AS privileges FROM grants GROUP BY object ORDER BY object LIMIT ${maxPublicGrants}`

/** Reads from the catalogue what the new role needs; changes nothing. */
export async function readerRemedy(run: Run, config: PostgresConfig): Promise<ReaderRemedy> {
  const { username } = credentialsOf(config)
  const role = await freeRoleName(run, username)
  const found = await run<{ name: string }>(schemasSql, [config.schemas])
  const schemas = found.length > 0 ? found.map(({ name }) => name) : ['public']
  const grants = await run<{ object: string; privileges: string }>(publicGrantsSql)
  const sql = [
    `-- Creates an account that can only read. Connect to the database ${quoteName(config.database)} as an administrator first.`,
    ...(config.auth.password ? [`-- Put a password of your own in place of ${passwordPlaceholder}.`] : []),
    createRoleSql(role, { withPassword: config.auth.password !== undefined }),
    ...(config.auth.awsIam ? [`GRANT rds_iam TO ${quoteName(role)};`] : []),
    grantConnectSql(config.database, role),
    grantReadSql(schemas, role),
    ...(grants.length > 0 ? ['-- These let every account write, the new one too.'] : []),
    ...grants.map(({ object, privileges }) => `REVOKE ${privileges} ON ${object} FROM PUBLIC;`),
  ].join('\n')
  return { role, sql }
}

/** A name that no role has: an existing role's rights are nobody's to guess. */
async function freeRoleName(run: Run, username: string): Promise<string> {
  // PostgreSQL cuts names at 63 bytes.
  let base = username
  while (Buffer.byteLength(base) > 63 - '_reader_99'.length) base = base.slice(0, -1)
  const candidates = Array.from({ length: 99 }, (_, index) =>
    index === 0 ? `${base}_reader` : `${base}_reader_${index + 1}`,
  )
  const taken = await run<{ name: string }>(
    'SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[])',
    [candidates],
  )
  const names = new Set(taken.map(({ name }) => name))
  return candidates.find(candidate => !names.has(candidate)) ?? `${base}_reader`
}
