import { cleanText } from '../problem.ts'
import type { ReadableScope } from './privileges.ts'

/** Quotes a text for mongosh, which is JavaScript. U+2028 and U+2029 end lines there in older versions. */
const quote = (text: string): string =>
  JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

/** Names listed one by one; beyond them an administrator has to decide. */
const maxNames = 200

export interface ReaderAccount {
  readonly username: string
  /** The database of the new account: `$external` for certificates. */
  readonly source: string
  readonly scope: ReadableScope
}

interface GrantedRole {
  readonly role: string
  readonly db: string
}

const rolesOf = (databases: readonly string[]): GrantedRole[] =>
  databases.map(db => (db === '' ? { role: 'readAnyDatabase', db: 'admin' } : { role: 'read', db }))

const roleList = (roles: readonly GrantedRole[]): string =>
  roles.map(({ role, db }) => `\n    { role: ${quote(role)}, db: ${quote(db)} },`).join('')

/** What an administrator runs in mongosh so that a new account can read what this one reads, and nothing else. */
function create({ username, source, scope }: ReaderAccount): string {
  const { databases, collections } = scope
  const isExternal = source === '$external'
  const custom = collections.length > 0
  // More than one line of it would no longer be a comment.
  const roleName = `${username}_role`
  const roles = [...rolesOf(databases.slice(0, maxNames)), ...(custom ? [{ role: roleName, db: 'admin' }] : [])]
  return [
    '// Creates an account that can only read. Run it in mongosh as an administrator.',
    ...(isExternal ? ['// The user is the subject of the new client certificate.'] : []),
    ...(roles.length === 0 ? ['// Give it roles for what it is to read: the present account reads nothing.'] : []),
    ...(custom ? [createRole(roleName, collections.slice(0, maxNames))] : []),
    `db.getSiblingDB(${quote(source)}).createUser({`,
    `  user: ${quote(username)},`,
    ...(isExternal ? [] : ['  pwd: passwordPrompt(),']),
    `  roles: [${roleList(roles)}${roles.length > 0 ? '\n  ' : ''}],`,
    '})',
  ].join('\n')
}

function createRole(name: string, collections: ReadableScope['collections']): string {
  const privileges = collections.map(
    ({ db, collection }) =>
      `\n    { resource: { db: ${quote(db)}, collection: ${quote(collection)} }, actions: ["find"] },`,
  )
  return [
    'db.getSiblingDB("admin").createRole({',
    `  role: ${quote(name)},`,
    `  privileges: [${privileges.join('')}\n  ],`,
    '  roles: [],',
    '})',
  ].join('\n')
}

/** What lets an account that reads nothing read one database. */
function grant({ username, source }: Pick<ReaderAccount, 'username' | 'source'>): string {
  return [
    '// Put the name of the database in place of <database>, and run it in mongosh as an administrator.',
    `db.getSiblingDB(${quote(source)}).grantRolesToUser(${quote(username)}, [{ role: "read", db: "<database>" }])`,
  ].join('\n')
}

/** A name for the new account beside the present one. */
const nameFor = (username: string): string => `${cleanText(username, 200)}_reader`

export const readerCommands = { create, grant, nameFor } as const
