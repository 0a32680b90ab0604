import { forgetServer } from '../proofs/known-servers.ts'
import { type PostgresOptions, PostgresServer } from './postgres.ts'

/**
 * A real PostgreSQL behind the catalogue and the words of Amazon Redshift, as far as a connector asks for them. It shows
 * what the connector does with such answers, and nothing about Redshift: PostgreSQL enforces read-only transactions, has
 * functions and types that Redshift has not, and takes statements that Redshift refuses.
 */
export class RedshiftFacade implements AsyncDisposable {
  readonly server: PostgresServer

  private constructor(server: PostgresServer) {
    this.server = server
  }

  static async start(options: PostgresOptions = {}): Promise<RedshiftFacade> {
    const server = await PostgresServer.start({
      ...options,
      settings: { log_statement: 'all', ...options.settings },
    })
    // Whatever is seen there, it is no Redshift that was seen.
    forgetServer(server.port)
    const facade = new RedshiftFacade(server)
    await facade.addCatalogue('postgres')
    await server.sql('alter database postgres rename to dev', 'template1')
    return facade
  }

  get port(): number {
    return this.server.port
  }

  /** As superuser, in the database `dev`. */
  sql(text: string): Promise<Record<string, unknown>[]> {
    return this.server.sql(text, 'dev')
  }

  /** Makes a role of Redshift's kind, and grants it to accounts or to other such roles. */
  async addRole(name: string, grantedTo: readonly string[] = []): Promise<void> {
    const quoted = `"${name}"`
    await this.sql(`create role ${quoted} nologin; insert into pg_facade.roles values ('${name}')`)
    for (const grantee of grantedTo) await this.sql(`grant ${quoted} to "${grantee}"`)
  }

  /** Every statement that `username` has sent so far, by the server's own log. */
  statementsOf(username: string): readonly string[] {
    return this.server.log
      .split(/\n(?=\d{4}-)/)
      .filter(entry => entry.includes(` ${username}@dev `))
      .flatMap(entry => /LOG: {2}(?:statement|execute [^:]*): (.*)/s.exec(entry)?.[1]?.trim() ?? [])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }

  async addCatalogue(database: string): Promise<void> {
    await this.server.sql(catalogue, database)
  }
}

export const redshiftVersion =
  'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.77467'

/** Who has been granted something: users, groups (roles without login), and roles of Redshift's kind. */
const identity = (grantee: string) => `
  case when ${grantee} = 0 then 'public'
       when (select rolcanlogin from pg_roles r where r.oid = ${grantee}) then 'user'
       when (select rolname from pg_roles r where r.oid = ${grantee})::text in (select name from pg_facade.roles) then 'role'
       else 'group' end as identity_type,
  case when ${grantee} = 0 then 'public' else (select rolname from pg_roles r where r.oid = ${grantee})::text end as identity_name`

const catalogue = `
  set allow_system_table_mods = on;
  create schema pg_facade;
  create table pg_facade.roles (name text);
  create table pg_facade.system_privileges (system_privilege text, identity_name text, identity_type text);
  create table pg_facade.scoped_privileges (namespace_name text, privilege_type text, identity_type text, identity_name text);
  create table pg_facade.external_tables (schemaname text, tablename text);
  create table pg_facade.external_columns
    (schemaname text, tablename text, columnname text, external_type text, columnnum int, part_key int, is_nullable text);
  create table pg_facade.late_bound_columns (view_schema name, view_name name, col_name name, col_type varchar, col_num int);
  grant usage on schema pg_facade to public;
  grant select on all tables in schema pg_facade to public;
  create or replace function pg_catalog.version() returns text language sql stable as $$ select '${redshiftVersion}'::text $$;
  create view pg_catalog.svv_user_grants as
    select m.member::int as user_id, u.rolname::text as user_name, m.roleid::int as role_id, r.rolname::text as role_name, false as admin_option
    from pg_auth_members m join pg_roles u on u.oid = m.member join pg_roles r on r.oid = m.roleid
    where u.rolcanlogin and r.rolname::text in (select name from pg_facade.roles);
  create view pg_catalog.svv_role_grants as
    select u.rolname::text as role_name, r.rolname::text as granted_role_name
    from pg_auth_members m join pg_roles u on u.oid = m.member join pg_roles r on r.oid = m.roleid
    where u.rolname::text in (select name from pg_facade.roles) and r.rolname::text in (select name from pg_facade.roles);
  create view pg_catalog.svv_relation_privileges as
    select n.nspname::text as namespace_name, c.relname::text as relation_name, a.privilege_type, ${identity('a.grantee')}
    from pg_class c join pg_namespace n on n.oid = c.relnamespace, lateral aclexplode(c.relacl) a
    where n.nspname not like 'pg_%' and n.nspname not in ('information_schema') and a.grantee <> c.relowner;
  create view pg_catalog.svv_column_privileges as
    select n.nspname::text as namespace_name, c.relname::text as relation_name, t.attname::text as column_name, a.privilege_type, ${identity('a.grantee')}
    from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace, lateral aclexplode(t.attacl) a
    where a.grantee = 0 or pg_has_role(a.grantee, 'member') or exists
      (select from pg_facade.system_privileges s where s.identity_name = current_user and s.system_privilege = 'ACCESS SYSTEM TABLE');
  create view pg_catalog.svv_schema_privileges as
    select n.nspname::text as namespace_name, a.privilege_type, ${identity('a.grantee')}
    from pg_namespace n, lateral aclexplode(n.nspacl) a
    where n.nspname not like 'pg_%' and n.nspname not in ('information_schema') and a.grantee <> n.nspowner
    union all select * from pg_facade.scoped_privileges where namespace_name is not null;
  create view pg_catalog.svv_database_privileges as
    select d.datname::text as database_name, a.privilege_type, ${identity('a.grantee')}
    from pg_database d, lateral aclexplode(d.datacl) a where a.grantee <> d.datdba
    union all select current_database()::text, privilege_type, identity_type, identity_name from pg_facade.scoped_privileges
    where namespace_name is null;
  create view pg_catalog.svv_system_privileges as select * from pg_facade.system_privileges;
  create view pg_catalog.svv_external_tables as select * from pg_facade.external_tables;
  create view pg_catalog.svv_external_schemas as select distinct schemaname from pg_facade.external_tables;
  create view pg_catalog.svv_external_columns as select * from pg_facade.external_columns;
  create function pg_catalog.pg_get_late_binding_view_cols() returns setof record language sql stable as
    $$ select * from pg_facade.late_bound_columns $$;
  grant select on pg_catalog.svv_user_grants, pg_catalog.svv_role_grants, pg_catalog.svv_relation_privileges,
    pg_catalog.svv_column_privileges, pg_catalog.svv_schema_privileges, pg_catalog.svv_database_privileges,
    pg_catalog.svv_system_privileges, pg_catalog.svv_external_tables, pg_catalog.svv_external_schemas,
    pg_catalog.svv_external_columns to public`
