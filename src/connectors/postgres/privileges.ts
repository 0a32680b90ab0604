import type { Run } from './work-transaction.ts'

/** One thing that an account may do beyond reading. */
export interface Right {
  readonly kind: 'SUPERUSER' | 'ROLE_FLAG' | 'MEMBERSHIP' | 'DATABASE' | 'SCHEMA' | 'TABLE' | 'SEQUENCE'
  /** What it is on: a flag, a role, a schema, a table. */
  readonly object: string
  /** Null for the account's own; otherwise the role that it belongs to and can act as. */
  readonly via: string | null
}

export interface Privileges {
  /** At most `maxPerKind` of each kind. */
  readonly rights: readonly Right[]
  /** Facts that are worth showing and harm no data: temporary tables, functions with their owner's rights. */
  readonly notes: readonly string[]
}

export const maxPerKind = 20

/** PostgreSQL's own roles whose members can change data, settings or sessions, or reach the server's files. */
const powerfulRoles = [
  'pg_write_all_data',
  'pg_execute_server_program',
  'pg_write_server_files',
  'pg_read_server_files',
  'pg_signal_backend',
  'pg_maintain',
  'pg_create_subscription',
  'pg_checkpoint',
  'pg_signal_autovacuum_worker',
  'pg_database_owner',
]

/** Every role that the session's user can act as, itself included: rights may hide behind `SET ROLE`. */
const myRoles = `my_roles AS (
  SELECT r.oid, r.rolname::text AS name, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls,
         CASE WHEN r.rolname = current_user THEN NULL ELSE r.rolname::text END AS via
  FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
)`

const ownSchemas = `n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`

const rolesSql = `WITH ${myRoles}
  SELECT 'SUPERUSER' AS kind, name AS object, via FROM my_roles WHERE rolsuper
  UNION ALL SELECT 'ROLE_FLAG', 'CREATEROLE', via FROM my_roles WHERE rolcreaterole
  UNION ALL SELECT 'ROLE_FLAG', 'CREATEDB', via FROM my_roles WHERE rolcreatedb
  UNION ALL SELECT 'ROLE_FLAG', 'REPLICATION', via FROM my_roles WHERE rolreplication
  UNION ALL SELECT 'MEMBERSHIP', name, NULL FROM my_roles WHERE name = ANY ($1::text[]) AND name <> current_user
  UNION ALL SELECT 'DATABASE', pg_catalog.current_database()::text, via FROM my_roles
    WHERE pg_catalog.has_database_privilege(oid, pg_catalog.current_database(), 'CREATE')
  LIMIT 100`

const schemasSql = `WITH ${myRoles}
  SELECT 'SCHEMA' AS kind, n.nspname::text AS object, pg_catalog.min(r.via) AS via
  FROM pg_catalog.pg_namespace n JOIN my_roles r ON pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')
  WHERE ${ownSchemas}
  GROUP BY n.nspname ORDER BY 2 LIMIT ${maxPerKind}`

// CASE keeps each test off the kinds of relation that it raises an error for.
const relationsSql = `WITH ${myRoles}, relations AS (
    SELECT c.oid, c.relkind, n.nspname || '.' || c.relname AS object
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'f', 'S') AND ${ownSchemas}
  ), writable AS (
    SELECT CASE WHEN t.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, t.object, pg_catalog.min(r.via) AS via
    FROM relations t JOIN my_roles r ON CASE
      WHEN t.relkind = 'S' THEN pg_catalog.has_sequence_privilege(r.oid, t.oid, 'USAGE, UPDATE')
      ELSE pg_catalog.has_table_privilege(r.oid, t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR pg_catalog.has_any_column_privilege(r.oid, t.oid, 'INSERT, UPDATE')
    END
    GROUP BY 1, 2
  ), numbered AS (
    SELECT *, pg_catalog.row_number() OVER (PARTITION BY kind ORDER BY object) AS n FROM writable
  )
  SELECT kind, object, via FROM numbered WHERE n <= ${maxPerKind} ORDER BY kind DESC, object`

const notesSql = `
  SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP') AS temp,
    (SELECT rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user) AS bypass,
    (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      WHERE p.prosecdef AND ${ownSchemas} AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')) AS definers`

/** What the session's user could do beyond reading, were it to try. Asks the catalogue; tries nothing. */
export async function measurePrivileges(run: Run): Promise<Privileges> {
  const roles = await run<Right & Record<string, unknown>>(rolesSql, [powerfulRoles])
  const [facts] = await run<{ temp: boolean; bypass: boolean | null; definers: number }>(notesSql)
  const notes = [
    ...(facts?.temp ? ['may create temporary tables, as every account by default'] : []),
    ...(facts?.bypass ? ['reads past row security policies'] : []),
    ...(facts && facts.definers > 0 ? [`may call ${facts.definers} functions that run with their owner's rights`] : []),
  ]
  // A superuser holds every right there is: one line says it better than a list of everything.
  const supreme = roles.filter(right => right.kind === 'SUPERUSER' && right.via === null)
  if (supreme.length > 0) return { rights: supreme, notes }
  const schemas = await run<Right & Record<string, unknown>>(schemasSql)
  const relations = await run<Right & Record<string, unknown>>(relationsSql)
  return { rights: [...roles, ...schemas, ...relations], notes }
}
