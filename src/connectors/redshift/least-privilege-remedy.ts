import type { Remedy } from '../problem.ts'
import { readerAccountRemedies } from '../reader-account.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { Privileges, PublicGrant } from './privileges.ts'
import { isOwnSchema, isRelation, may, placeholders } from './relation-sql.ts'
import {
  createUserSql,
  grantReadSql,
  grantTablesSql,
  passwordPlaceholder,
  revokePublicCreateSql,
} from './remedy-sql.ts'
import type { Work } from './work.ts'

/** More tables than anybody reads in a statement. */
const maxTables = 200
const maxRelations = 500

const docsUrl = 'connectors/redshift.md#read-only-account'

/** How to come by an account that can read what this one can, and nothing else. */
export async function readerRemedies(work: Work, { publicGrants }: Privileges): Promise<Remedy[]> {
  const { password, iam } = work.config.auth
  const named = password?.username ?? iam?.databaseUser
  // AWS makes the user of an IAM identity; what it may do follows from the identity, not from a name in the form.
  if (named === undefined) {
    return [{ kind: 'READ_DOCS', title: 'Give the IAM identity a role that can only read', url: docsUrl }]
  }
  const username = await freeName(work, named)
  const sql = await readerSql(work, username, password !== undefined, publicGrants)
  return readerAccountRemedies({
    username,
    sql,
    usernameField: password ? 'auth.password.username' : 'auth.iam.databaseUser',
    passwordField: password ? 'auth.password.password' : null,
  })
}

const relationShape = { schema: 'text', name: 'text', readable: 'boolean' } as const

const relationsSql = `
  SELECT n.nspname::text AS schema, c.relname::text AS name, ${may('SELECT')} AS readable
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE ${isRelation} AND ${isOwnSchema}
  ORDER BY 1, 2 LIMIT ${maxRelations}`

async function readerSql(
  work: Work,
  username: string,
  withPassword: boolean,
  publicGrants: readonly PublicGrant[],
): Promise<string> {
  const relations = await work.read(run => run(relationsSql, relationShape))
  const { schemas: wanted } = work.config
  const bySchema = Object.entries(Object.groupBy(relations, ({ schema }) => schema)).filter(
    ([schema]) => wanted.length === 0 || wanted.includes(schema),
  )
  const whole = bySchema.filter(([, all = []]) => all.every(({ readable }) => readable)).map(([schema]) => schema)
  const parts = bySchema
    .filter(([schema]) => !whole.includes(schema))
    .flatMap(([, all = []]) => all.filter(({ readable }) => readable))
  return [
    ...(withPassword ? [`-- Put a password of your own in place of ${passwordPlaceholder}.`] : []),
    createUserSql(username, { withPassword }),
    ...(whole.length === 0 && parts.length === 0
      ? ['-- Then let it read what it is to read: the present account reads no table.']
      : []),
    ...(whole.length > 0 ? [grantReadSql(whole, username)] : []),
    ...(parts.length > 0 ? [grantTablesSql(parts.slice(0, maxTables), username)] : []),
    ...(relations.length === maxRelations || parts.length > maxTables
      ? ['-- There are more tables than were looked at: grant the others as needed.']
      : []),
    ...(publicGrants.length > 0 ? ['-- These let every account write, the new one too.'] : []),
    ...publicGrants.map(revokeSql),
  ].join('\n')
}

/** An administrator will run it, and a hostile server chose the words: names are quoted, and all else must be known. */
function revokeSql({ kind, schema, name, column, privilege }: PublicGrant): string {
  if (!/^[A-Z]{3,20}$/.test(privilege)) throw new ProtocolFaultError('it named rights that Redshift does not have')
  if (kind === 'SCHEMA' && privilege === 'CREATE') return revokePublicCreateSql(schema)
  if (kind === 'SCHEMA' || name === null) return `REVOKE ${privilege} ON SCHEMA ${quoteName(schema)} FROM PUBLIC;`
  const what = column === null ? privilege : `${privilege} (${quoteName(column)})`
  return `REVOKE ${what} ON ${quoteName(schema)}.${quoteName(name)} FROM PUBLIC;`
}

/** A name that no user has: an existing user's rights are nobody's to guess. */
async function freeName(work: Work, username: string): Promise<string> {
  const letters = [...username]
  while (Buffer.byteLength(letters.join('')) > 127 - '_reader_99'.length) letters.pop()
  const base = `${letters.join('')}_reader`
  const candidates = [base, ...Array.from({ length: 98 }, (_, index) => `${base}_${index + 2}`)]
  const sql = `SELECT usename::text AS name FROM pg_user WHERE usename IN (${placeholders(candidates)})`
  const taken = new Set((await work.read(run => run(sql, { name: 'text' }, candidates))).map(({ name }) => name))
  return candidates.find(candidate => !taken.has(candidate)) ?? base
}
