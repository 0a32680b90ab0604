import { HttpCallError } from '../cloud/http-caller.ts'
import { quoteName } from '../sql/quote-name.ts'
import { isOfRequest } from './driver-http.ts'
import { plainName } from './names.ts'
import type { ListedRow, Work } from './work.ts'

/** Roles that are granted to roles, and so on. Real ones have a few levels. */
const maxRoles = 40

export interface GrantsFound {
  /** What goes beyond reading, in words: `INSERT on TABLE SALES.PUBLIC.ORDERS`. */
  readonly writing: readonly string[]
  /** Every role whose rights the role has. */
  readonly roles: readonly string[]
  /** Why it is not known that there is no more; null when it is. */
  readonly unknown: string | null
}

/** Roles of Snowflake's own that administer the account. */
const administrators = ['ACCOUNTADMIN', 'GLOBALORGADMIN', 'ORGADMIN', 'SECURITYADMIN', 'SYSADMIN', 'USERADMIN']

/** What only tells something. Everything else goes beyond reading, whatever Snowflake may come to grant. */
const readingPrivileges: readonly string[] = [
  'IMPORTED PRIVILEGES',
  'MONITOR',
  'MONITOR EXECUTION',
  'MONITOR SECURITY',
  'MONITOR USAGE',
  'READ',
  'REFERENCE_USAGE',
  'REFERENCES',
  'RESOLVE ALL',
  'SELECT',
  'USE AI FUNCTIONS',
  'VIEW LINEAGE',
]
/** What may be used without changing anything by that. Procedures run with the rights of whoever has made them. */
const usable =
  /^(?:APPLICATION_?ROLE|CLASS|COMPUTE_?POOL|DATABASE|DATABASE_?ROLE|FILE_?FORMAT|FUNCTION|INSTANCE_?ROLE|ROLE|SCHEMA|WAREHOUSE)$/

/** Follows the grants of a role through all the roles that it has. Throws as `Work.list`. */
export async function grantsOf(work: Work, role: string): Promise<GrantsFound> {
  const writing: string[] = []
  const roles: string[] = []
  const waiting = [
    { kind: 'ROLE', name: plainName(role) },
    { kind: 'ROLE', name: 'PUBLIC' },
  ]
  let unknown: string | null = null
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { kind, name } = next
    if (roles.includes(name)) continue
    if (roles.length >= maxRoles) {
      unknown = `The role has more than ${maxRoles} roles.`
      break
    }
    roles.push(name)
    if (administrators.includes(name)) writing.push(`${name} administers the account`)
    try {
      const { rows, isWhole } = await work.list(`SHOW GRANTS TO ${kind} ${name}`)
      if (!isWhole) unknown = `The role ${name} has more grants than are listed at once.`
      for (const row of rows) {
        if (!row['privilege'] || !row['granted_on']) {
          unknown = `The grants of ${name} are told in a way that nobody knows.`
          break
        }
        const inherited = inheritedRole(row)
        if (inherited) waiting.push(inherited)
        const words = beyondReading(row)
        if (words !== null) writing.push(words)
      }
    } catch (error) {
      if (!isOfRequest(error)) throw error
      work.signal.throwIfAborted()
      unknown = `${name}: ${error.message}`
      // Whoever says nothing says nothing of others either.
      if (error instanceof HttpCallError) break
    }
  }
  return { writing, roles, unknown }
}

/** The role that a grant passes on; null for other grants. */
function inheritedRole(row: ListedRow): { readonly kind: string; readonly name: string } | null {
  const { privilege = '', granted_on: on = '', name = '' } = row
  if (privilege.toUpperCase() !== 'USAGE') return null
  if (on.toUpperCase() === 'ROLE') return { kind: 'ROLE', name: asWritten(name) }
  // Those of the database that Snowflake puts into every account reach no further than that, which is read-only.
  const isOwn = /^DATABASE_?ROLE$/i.test(on) && !/^"?SNOWFLAKE"?\./.test(name)
  return isOwn ? { kind: 'DATABASE ROLE', name: asWritten(name) } : null
}

/** Lists have names as SQL writes them; a name with other characters in it, that has no quotes, is quoted. */
const asWritten = (name: string): string =>
  /^(?:[A-Z_][A-Z0-9_$]*|"(?:[^"]|"")+")(?:\.(?:[A-Z_][A-Z0-9_$]*|"(?:[^"]|"")+"))?$/.test(name)
    ? name
    : quoteName(name)

/** What a grant allows beyond reading, in words; null when that is nothing. */
function beyondReading(row: ListedRow): string | null {
  const { name = '', granted_on: on = '', grant_option: option = '' } = row
  const privilege = (row['privilege'] ?? '').toUpperCase()
  const kind = on.toUpperCase().replaceAll('_', ' ')
  const what = kind === 'ACCOUNT' ? 'the account' : `${kind} ${name}`
  const isUse = privilege === 'USAGE' && usable.test(on.toUpperCase())
  // Functions are called with SELECT: what those do that reach beyond Snowflake nobody can tell.
  const isReading = isUse || readingPrivileges.includes(privilege)
  if (!isReading) return `${privilege} on ${what}`
  return /^true$/i.test(option) ? `may hand on ${privilege} on ${what}` : null
}
