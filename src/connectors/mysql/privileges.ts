import { definerRoutines, writableTables } from './catalogue-rights.ts'
import { type Grant, type GrantedRight, type GrantTarget, parseGrant } from './grants.ts'
import type { Flavour } from './handshake.ts'
import type { Run } from './work.ts'

/** One thing that an account may do beyond reading. */
export interface Right {
  readonly kind: 'GLOBAL' | 'DATABASE' | 'TABLE' | 'ROUTINE' | 'MAINTAIN' | 'PROXY' | 'ROLE'
  /** What it is on: a database or table; empty for the server. */
  readonly object: string
  /** In the words of GRANT. */
  readonly names: readonly string[]
  /** Null for the account's own; otherwise the role that it can act as to use it. */
  readonly via: string | null
}

type RightsGrant = Extract<Grant, { kind: 'RIGHTS' }>

export interface Privileges {
  readonly rights: readonly Right[]
  /** Facts that are worth showing and are no rights to write by themselves. */
  readonly notes: readonly string[]
  /** What the account has been given, as far as it reads. */
  readonly reads: readonly RightsGrant[]
  /** Databases that it may not read although it may read the whole server. */
  readonly withheld: readonly string[]
  /** What everybody may do beyond reading, and a new account could therefore do too. */
  readonly everybodys: readonly RightsGrant[]
}

/** Something in the server's answer is not understood: nothing can be said of what it leaves out. */
export class GrantsUnknownError extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'GrantsUnknownError'
  }
}

/** No account has more that anybody has given on purpose. */
const maxRoles = 20

/** Rights that read, or see what goes on. */
const reading = new Set([
  'usage',
  'select',
  'show view',
  'show databases',
  'show create routine',
  'show_routine',
  'process',
  'replication client',
  'binlog monitor',
  'slave monitor',
  'replica monitor',
  'sensitive_variables_observer',
])
/** Rights by which no row changes, but others are kept from changing theirs. */
const maintaining = new Set(['lock tables', 'references'])
/** Told as notes: they change nothing that outlasts the session, or only what others have prepared. */
const noted = new Set(['create temporary tables', 'execute', 'replication slave', 'replication replica'])

/** What the session's account could do beyond reading, were it to try. Asks the server; changes no right. */
export async function measurePrivileges(run: Run, flavour: Flavour, database: string | undefined): Promise<Privileges> {
  // Lines are written by these settings.
  await run("SET SESSION sql_mode = ''", {})
  await run('SET SESSION sql_quote_show_create = 1', {})
  const own = await showGrants(run, 'SHOW GRANTS')
  const roles = [
    ...new Set(own.flatMap(grant => (grant.kind === 'ROLES' && grant.to.kind === 'ACCOUNT' ? grant.sql : []))),
  ]
  if (roles.length > maxRoles) throw new GrantsUnknownError(`The account has ${roles.length} roles.`)
  const definers = await definerRoutines(run)
  // Large servers take long over it, and so it is left to where it alone may find something.
  const canWrite = own.some(grant => rightsOf(grant, null).length > 0)
  const effective = canWrite ? [] : await writableTables(run, database)
  const byRole = await grantsOfRoles(run, flavour, roles)
  const all = [...own.map(grant => ({ grant, role: null })), ...byRole]
  const rights = merged(all.flatMap(({ grant, role }) => rightsOf(grant, role)))
  return {
    rights: rights.length === 0 ? effective : rights,
    notes: notesOf(own, definers),
    reads: rightsGrants(own).filter(({ rights: given, to }) => to.kind !== 'PUBLIC' && reads(given)),
    withheld: own.flatMap(grant =>
      grant.kind === 'REVOKED' && grant.on.kind === 'DATABASE' && reads(grant.rights) ? [objectOf(grant.on)] : [],
    ),
    everybodys: rightsGrants(own).filter(
      grant => grant.to.kind === 'PUBLIC' && !isForTrying(grant.on) && writingOf(grant).length > 0,
    ),
  }
}

const reads = (rights: readonly GrantedRight[]): boolean =>
  rights.some(({ name }) => name === 'select' || name === 'all privileges')

const rightsGrants = (grants: readonly Grant[]): RightsGrant[] => grants.filter(grant => grant.kind === 'RIGHTS')

async function showGrants(run: Run, sql: string): Promise<Grant[]> {
  const lines = await run(sql, { line: 'text' })
  if (lines.length === 0) throw new GrantsUnknownError('The server shows no rights at all.')
  return lines.map(({ line }) => {
    const grant = parseGrant(line)
    // The line itself may hold the hash of a password.
    if (!grant) throw new GrantsUnknownError('The server describes a right in words that are not known.')
    return grant
  })
}

interface GrantByRole {
  readonly grant: Grant
  readonly role: string | null
}

/** What an account has by way of its roles, of which some, or all, may not be put on at first. */
async function grantsOfRoles(run: Run, flavour: Flavour, roles: readonly string[]): Promise<GrantByRole[]> {
  const found: GrantByRole[] = []
  for (const role of roles) {
    // As the server has written and quoted it.
    if (flavour === 'MARIADB') await run(`SET ROLE ${role}`, {})
    const sql = flavour === 'MARIADB' ? 'SHOW GRANTS' : `SHOW GRANTS FOR CURRENT_USER() USING ${role}`
    for (const grant of await showGrants(run, sql)) {
      // MySQL tells the rights of roles as the account's own; MariaDB names the role, also of roles within roles.
      if (flavour !== 'MARIADB') found.push({ grant, role: nameOf(role) })
      else if ((grant.kind === 'RIGHTS' || grant.kind === 'ROLES') && grant.to.kind === 'ROLE')
        found.push({ grant, role: grant.to.name })
    }
  }
  return found
}

/** "`writer`@`%`" -> "writer" */
const nameOf = (role: string): string => (/^[`'"]?(.*?)[`'"]?(@.*)?$/.exec(role)?.[1] ?? role).replaceAll('``', '`')

function rightsOf(grant: Grant, role: string | null): Right[] {
  if (grant.kind === 'PROXY') return [{ kind: 'PROXY', object: '', names: ['proxy'], via: role }]
  if (grant.kind === 'ROLES')
    return grant.adminOption
      ? grant.sql.map(name => ({ kind: 'ROLE', object: nameOf(name), names: ['admin option'], via: role }) as const)
      : []
  if (grant.kind === 'NONE' || grant.kind === 'REVOKED') return []
  // The account's lines and MySQL's say who has them; what everybody may do in databases for trying things is a note.
  if (grant.to.kind === 'PUBLIC' && isForTrying(grant.on)) return []
  const via = grant.to.kind === 'PUBLIC' ? 'PUBLIC' : grant.to.kind === 'ROLE' ? grant.to.name : role
  const names = writingOf(grant)
  const lesser = grant.rights.map(({ name }) => name).filter(name => maintaining.has(name))
  const object = objectOf(grant.on)
  return [
    ...(names.length > 0 ? [{ kind: grant.on.kind, object, names, via } as const] : []),
    ...(lesser.length > 0 ? [{ kind: 'MAINTAIN', object, names: lesser, via } as const] : []),
  ]
}

const writingOf = ({ rights, grantOption }: RightsGrant): string[] => [
  ...rights.map(({ name }) => name).filter(name => !reading.has(name) && !maintaining.has(name) && !noted.has(name)),
  ...(grantOption ? ['grant option'] : []),
]

/** `test` and `test\_%`, in which servers let everybody do anything when they are set up. */
const isForTrying = (on: GrantTarget): boolean => on.kind === 'DATABASE' && /^test(\\?_%)?$/.test(on.pattern)

function objectOf(on: GrantTarget): string {
  switch (on.kind) {
    case 'GLOBAL':
      return ''
    case 'DATABASE':
      return on.pattern.replaceAll(/\\([_%])/g, '$1')
    default:
      return `${on.schema}.${on.name}`
  }
}

/** One for each object and role; MySQL's lines tell what the account has by itself once more with each role. */
function merged(rights: readonly Right[]): Right[] {
  const byObject = new Map<string, Right>()
  for (const right of rights) {
    const key = JSON.stringify([right.kind, right.object])
    const known = [null, right.via].map(via => byObject.get(`${key}${via}`)).find(each => each !== undefined)
    const names = right.names.filter(name => !known?.names.includes(name))
    if (names.length === 0) continue
    const same = byObject.get(`${key}${right.via}`)
    byObject.set(`${key}${right.via}`, { ...right, names: [...(same?.names ?? []), ...names] })
  }
  return [...byObject.values()]
}

const maxNamed = 5

function notesOf(own: readonly Grant[], definers: readonly string[]): string[] {
  const given = rightsGrants(own)
  const has = (name: string) =>
    given.some(({ rights, to }) => to.kind !== 'PUBLIC' && rights.some(right => right.name === name))
  const named = definers.slice(0, maxNamed).join(', ')
  const more = definers.length > maxNamed ? ' and more' : ''
  return [
    ...(has('create temporary tables') ? ['may create temporary tables, which are gone with the session'] : []),
    ...(has('replication slave') || has('replication replica') ? ['may read the changes of the whole server'] : []),
    ...(definers.length > 0
      ? [`may call routines that run with their owner's rights and may write by them: ${named}${more}`]
      : []),
    ...(given.some(grant => grant.to.kind === 'PUBLIC' && isForTrying(grant.on) && writingOf(grant).length > 0)
      ? ['everybody may write in the databases "test" and "test_...", as servers are set up']
      : []),
  ]
}
