import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { type Grantees, granteesOf, isAmong, namesGrantees } from './grantees.ts'
import { isOwnSchema, isRelation, may } from './relation-sql.ts'
import { unlessUnseen } from './unless-unseen.ts'
import type { Work } from './work.ts'

/** Something that the account may do beyond reading. */
export interface Right {
  readonly kind: 'SUPERUSER' | 'USER_FLAG' | 'ROLE' | 'OWNER' | 'DATABASE' | 'SCHEMA' | 'TABLE' | 'SYSTEM'
  /** As it is to be shown: a table with its schema, a privilege with what it is on. */
  readonly object: string
  /** By whose grant, where it is not the account's own: `the role "etl"`. */
  readonly via: string | null
}

/** A grant to everybody, which a new account would have too. */
export interface PublicGrant {
  readonly kind: 'SCHEMA' | 'TABLE'
  readonly schema: string
  readonly name: string | null
  /** Where it is on one column only. */
  readonly column: string | null
  readonly privilege: string
}

export interface Privileges {
  readonly rights: readonly Right[]
  readonly publicGrants: readonly PublicGrant[]
  /** Views of the system that could not be looked at. */
  readonly unseen: readonly string[]
}

/** Most findings of one kind that are told. */
const maxPerKind = 20

/** Roles of Redshift's own whose members may do more than look. */
const powerfulRoles = ['sys:superuser', 'sys:dba', 'sys:operator', 'sys:secadmin']

const accountSql = `
  SELECT usesuper AS superuser, usecreatedb AS creates_databases,
         has_database_privilege(current_database()::text, 'CREATE') AS creates_schemas
  FROM pg_user WHERE usename = current_user`

const schemasSql = `
  SELECT n.nspname::text AS name, n.nspowner = u.usesysid AS owner
  FROM pg_namespace n, pg_user u
  WHERE u.usename = current_user AND ${isOwnSchema}
    AND (n.nspowner = u.usesysid OR has_schema_privilege(n.nspname::text, 'CREATE'))
  ORDER BY 1 LIMIT ${maxPerKind}`

const relationsSql = `
  SELECT n.nspname::text AS schema, c.relname::text AS name, c.relowner = u.usesysid AS owner
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_user u
  WHERE u.usename = current_user AND ${isRelation} AND ${isOwnSchema}
    AND (c.relowner = u.usesysid OR ${may('INSERT')} OR ${may('UPDATE')} OR ${may('DELETE')})
  ORDER BY 1, 2 LIMIT ${maxPerKind}`

/** What the account may do, as itself and by way of groups, roles and everybody. Each answer is bounded. */
export async function measurePrivileges(work: Work): Promise<Privileges> {
  const { account, schemas, relations } = await work.read(async run => ({
    account: (
      await run(accountSql, { superuser: 'boolean', creates_databases: 'boolean', creates_schemas: 'boolean' })
    )[0],
    schemas: await run(schemasSql, { name: 'text', owner: 'boolean' }),
    relations: await run(relationsSql, { schema: 'text', name: 'text', owner: 'boolean' }),
  }))
  if (!account) throw new ProtocolFaultError('it does not know the account that it has let in')
  const unseen: string[] = []
  const grantees = await granteesOf(work, unseen)
  const granted = await grantedRights(work, grantees, unseen)
  const own = (kind: Right['kind'], object: string): Right => ({ kind, object, via: null })
  const { publicGrants } = granted
  if (account.superuser) return { rights: [own('SUPERUSER', 'superuser')], publicGrants, unseen: [] }
  // Where it is known by whose grant, that says more.
  const isTold = (place: string) => granted.rights.some(({ object }) => object.endsWith(` on ${place}`))
  const rights: Right[] = [
    ...(account.creates_databases ? [own('USER_FLAG', 'CREATEDB')] : []),
    ...(account.creates_schemas ? [own('DATABASE', 'create schemas in the database')] : []),
    ...grantees.roles.filter(role => powerfulRoles.includes(role)).map(role => own('ROLE', role)),
    ...schemas.filter(({ owner }) => owner).map(({ name }) => own('OWNER', `the schema ${name}`)),
    ...schemas
      .filter(({ owner, name }) => !owner && !isTold(`the schema ${name}`))
      .map(({ name }) => own('SCHEMA', `CREATE on the schema ${name}`)),
    ...relations
      .filter(({ owner, schema, name }) => owner || !isTold(`${schema}.${name}`))
      .map(({ schema, name, owner }) => own(owner ? 'OWNER' : 'TABLE', `${schema}.${name}`)),
    ...granted.rights,
  ]
  return { rights, publicGrants, unseen }
}

const grantShape = {
  schema: 'text?',
  name: 'text?',
  column_name: 'text?',
  privilege: 'text',
  type: 'text',
  grantee: 'text',
} as const

/** Schemas and databases also tell of what was granted on all that is in them: SELECT on every table, for one. */
const scopedReading = "'USAGE', 'SELECT', 'EXECUTE'"

/** Where grants are told, and which of them only let read. */
const views = [
  {
    view: 'svv_relation_privileges',
    columns:
      'namespace_name::text AS schema, relation_name::text AS name, NULL::text AS column_name, privilege_type::text AS privilege',
    reading: "privilege_type NOT IN ('SELECT')",
    kind: 'TABLE',
  },
  {
    view: 'svv_column_privileges',
    columns:
      'namespace_name::text AS schema, relation_name::text AS name, column_name::text AS column_name, privilege_type::text AS privilege',
    reading: "privilege_type NOT IN ('SELECT')",
    kind: 'TABLE',
  },
  {
    view: 'svv_schema_privileges',
    columns:
      'namespace_name::text AS schema, NULL::text AS name, NULL::text AS column_name, privilege_type::text AS privilege',
    reading: `privilege_type NOT IN (${scopedReading})`,
    kind: 'SCHEMA',
  },
  {
    view: 'svv_database_privileges',
    columns: 'NULL::text AS schema, NULL::text AS name, NULL::text AS column_name, privilege_type::text AS privilege',
    // Temporary tables are gone with the session.
    reading: `privilege_type NOT IN (${scopedReading}, 'CONNECT', 'TEMP', 'TEMPORARY') AND database_name = current_database()`,
    kind: 'DATABASE',
  },
  {
    view: 'svv_system_privileges',
    columns: 'NULL::text AS schema, NULL::text AS name, NULL::text AS column_name, system_privilege::text AS privilege',
    reading:
      "system_privilege NOT IN ('ACCESS SYSTEM TABLE', 'ACCESS CATALOG', 'EXPLAIN RLS', 'EXPLAIN MASKING', 'IGNORE RLS')",
    kind: 'SYSTEM',
  },
] as const

async function grantedRights(
  work: Work,
  grantees: Grantees,
  unseen: string[],
): Promise<Pick<Privileges, 'rights' | 'publicGrants'>> {
  const rights: Right[] = []
  const publicGrants: PublicGrant[] = []
  const named = namesGrantees(grantees)
  for (const { view, columns, reading, kind } of views) {
    const sql = `
      SELECT DISTINCT ${columns}, identity_type::text AS type, identity_name::text AS grantee FROM ${view}
      WHERE ${reading} AND ${named.condition(1)}
      ORDER BY 1, 2, 3, 4, 5, 6 LIMIT ${3 * maxPerKind}`
    const grants = await unlessUnseen(work, view, unseen, run => run(sql, grantShape, named.values))
    const own = (grants ?? []).filter(({ type, grantee }) => isAmong(grantees, type, grantee)).slice(0, maxPerKind)
    for (const { schema, name, column_name: column, privilege, type, grantee } of own) {
      rights.push({
        kind,
        object: describe(kind, schema, column === null ? name : `${name}.${column}`, privilege),
        via: viaOf(type, grantee),
      })
      if (type === 'public' && schema !== null && (kind === 'SCHEMA' || kind === 'TABLE')) {
        publicGrants.push({ kind, schema, name, column, privilege })
      }
    }
  }
  return { rights, publicGrants }
}

const viaOf = (type: string, identity: string): string | null =>
  type === 'public' ? 'everybody' : type === 'user' ? null : `the ${type} "${identity}"`

function describe(kind: Right['kind'], schema: string | null, name: string | null, privilege: string): string {
  if (kind === 'TABLE') return `${privilege} on ${schema}.${name}`
  return kind === 'SCHEMA' ? `${privilege} on the schema ${schema}` : privilege
}
