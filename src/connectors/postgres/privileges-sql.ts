/** Most findings of one kind that are told. */
export const maxPerKind = 20

/** PostgreSQL's own roles, and those of managed services, whose members can change data, settings or sessions, or reach files. */
export const powerfulRoles = [
  'pg_write_all_data',
  'pg_execute_server_program',
  'pg_write_server_files',
  'pg_read_server_files',
  'pg_signal_backend',
  'pg_maintain',
  'pg_create_subscription',
  'pg_checkpoint',
  'pg_signal_autovacuum_worker',
  'rds_superuser',
  'rds_replication',
  'cloudsqlsuperuser',
  'alloydbsuperuser',
  'azure_pg_admin',
  'neon_superuser',
]

/** The statements that measure rights, for one server version (`server_version_num`). Each answers kind, object, via. */
export interface PrivilegeStatements {
  /** `$1`: the powerful roles. */
  readonly roles: string
  readonly schemas: string
  readonly relations: string
  readonly others: string
}

const ownSchemas = `n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`

/** Not `current_user`: a role that the account's settings put on at sign-in can be taken off again. */
function myRoles(version: number): string {
  // Since PostgreSQL 16 a membership may give rights without SET ROLE, SET ROLE without rights, or neither.
  const [acts, sets] =
    version >= 160_000
      ? ['USAGE, SET, MEMBER WITH ADMIN OPTION', 'SET, MEMBER WITH ADMIN OPTION']
      : ['MEMBER', 'MEMBER']
  return `my_roles AS (
    SELECT r.oid, r.rolname::text AS name, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
           pg_catalog.pg_has_role(session_user, r.oid, '${sets}') AS assumable,
           CASE WHEN r.rolname = session_user THEN NULL ELSE r.rolname::text END AS via
    FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(session_user, r.oid, '${acts}')
  )`
}

export function privilegeStatements(version: number): PrivilegeStatements {
  const roles = myRoles(version)
  return {
    // Attributes, unlike rights, are never inherited.
    roles: `WITH ${roles}
      SELECT 'SUPERUSER' AS kind, name AS object, via FROM my_roles WHERE rolsuper AND assumable
      UNION ALL SELECT 'ROLE_FLAG', 'CREATEROLE', via FROM my_roles WHERE rolcreaterole AND assumable
      UNION ALL SELECT 'ROLE_FLAG', 'CREATEDB', via FROM my_roles WHERE rolcreatedb AND assumable
      UNION ALL SELECT 'ROLE_FLAG', 'REPLICATION', via FROM my_roles WHERE rolreplication AND assumable
      UNION ALL SELECT 'MEMBERSHIP', name, NULL FROM my_roles WHERE name = ANY ($1::text[]) AND name <> session_user
      UNION ALL SELECT 'DATABASE', pg_catalog.current_database()::text, via FROM my_roles
        WHERE pg_catalog.has_database_privilege(oid, pg_catalog.current_database(), 'CREATE')
      UNION ALL SELECT 'OWNER', 'the database ' || pg_catalog.quote_ident(d.datname), r.via
        FROM pg_catalog.pg_database d JOIN my_roles r ON r.oid = d.datdba
      LIMIT 60`,
    schemas: `WITH ${roles}
      SELECT DISTINCT ON (n.nspname) CASE WHEN n.nspowner = r.oid THEN 'OWNER' ELSE 'SCHEMA' END AS kind,
        CASE WHEN n.nspowner = r.oid THEN 'the schema ' || pg_catalog.quote_ident(n.nspname) ELSE n.nspname::text END AS object, r.via
      FROM pg_catalog.pg_namespace n
      JOIN my_roles r ON n.nspowner = r.oid OR pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')
      WHERE ${ownSchemas}
      ORDER BY n.nspname, n.nspowner <> r.oid, r.via NULLS FIRST LIMIT ${maxPerKind}`,
    relations: relationsSql(version, roles),
    others: othersSql(version, roles),
  }
}

/** For each relation the gravest finding, the account's own before one that it has by way of a role. */
function relationsSql(version: number, roles: string): string {
  const lesser = version >= 170_000 ? 'REFERENCES, MAINTAIN' : 'REFERENCES'
  // CASE keeps each test off the kinds of relation that it raises an error for.
  return `WITH ${roles}, findings AS (
      SELECT n.nspname || '.' || c.relname AS object, r.via, CASE
        WHEN c.relowner = r.oid THEN 1
        WHEN c.relkind = 'S' THEN CASE WHEN pg_catalog.has_sequence_privilege(r.oid, c.oid, 'USAGE, UPDATE') THEN 2 END
        WHEN pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
          OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE') THEN 3
        WHEN pg_catalog.has_table_privilege(r.oid, c.oid, '${lesser}')
          OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'REFERENCES') THEN 4
      END AS rank
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace CROSS JOIN my_roles r
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${ownSchemas}
    ), gravest AS (
      SELECT DISTINCT ON (object) object, via, rank FROM findings WHERE rank IS NOT NULL ORDER BY object, rank, via NULLS FIRST
    ), numbered AS (
      SELECT *, pg_catalog.row_number() OVER (PARTITION BY rank ORDER BY object) AS n FROM gravest
    )
    SELECT (ARRAY['OWNER', 'SEQUENCE', 'TABLE', 'MAINTAIN'])[rank] AS kind, object, via
    FROM numbered WHERE n <= ${maxPerKind} ORDER BY rank = 2, rank, object`
}

function othersSql(version: number, roles: string): string {
  const settings =
    version >= 150_000
      ? `UNION ALL SELECT 'SETTING', p.parname, r.via
          FROM pg_catalog.pg_parameter_acl p, LATERAL pg_catalog.aclexplode(p.paracl) a
          JOIN holders r ON r.oid = a.grantee WHERE a.privilege_type = 'ALTER SYSTEM'`
      : ''
  return `WITH ${roles}, holders AS (
      SELECT oid, via FROM my_roles UNION ALL SELECT 0, NULL
    ), findings AS (
      (SELECT 'LARGE_OBJECT' AS kind, m.oid::text AS object, r.via
        FROM pg_catalog.pg_largeobject_metadata m JOIN holders r ON r.oid = m.lomowner
          OR EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.grantee = r.oid AND a.privilege_type = 'UPDATE')
        LIMIT ${maxPerKind})
      UNION ALL SELECT 'FOREIGN', 'server ' || pg_catalog.quote_ident(s.srvname), r.via
        FROM pg_catalog.pg_foreign_server s JOIN my_roles r ON pg_catalog.has_server_privilege(r.oid, s.oid, 'USAGE')
      UNION ALL SELECT 'FOREIGN', 'data wrapper ' || pg_catalog.quote_ident(w.fdwname), r.via
        FROM pg_catalog.pg_foreign_data_wrapper w JOIN my_roles r ON pg_catalog.has_foreign_data_wrapper_privilege(r.oid, w.oid, 'USAGE')
      UNION ALL SELECT 'FUNCTION', p.proname::text, r.via
        FROM pg_catalog.pg_proc p CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) a JOIN my_roles r ON r.oid = a.grantee
        WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND a.privilege_type = 'EXECUTE' AND r.name NOT LIKE 'pg\\_%'
      ${settings}
    ), numbered AS (
      SELECT kind, object, via, pg_catalog.row_number() OVER (PARTITION BY kind ORDER BY object) AS n
      FROM (SELECT DISTINCT ON (kind, object) * FROM findings ORDER BY kind, object, via NULLS FIRST) AS first
    )
    SELECT kind, object, via FROM numbered WHERE kind = 'FUNCTION' OR n <= ${maxPerKind} ORDER BY kind, object LIMIT 500`
}

/** What is worth knowing and is no right to write. */
export const factsSql = `
  SELECT pg_catalog.current_setting('server_version_num')::int AS version,
    pg_catalog.has_database_privilege(session_user, pg_catalog.current_database(), 'TEMP') AS temp,
    (SELECT rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = session_user) AS bypass,
    ARRAY(SELECT n.nspname || '.' || p.proname
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      WHERE p.prosecdef AND ${ownSchemas} AND pg_catalog.has_function_privilege(session_user, p.oid, 'EXECUTE')
        AND pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE')
      ORDER BY 1 LIMIT 6) AS definers`
