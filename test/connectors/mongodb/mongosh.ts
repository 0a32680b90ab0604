import type { MongoPrivilege, MongoRole } from '../../servers/mongo-roles.ts'
import type { MongoAccount } from '../../servers/mongo-sign-in.ts'

interface NewUser {
  readonly user: string
  readonly pwd?: string
  readonly roles: readonly (MongoRole | string)[]
}

interface NewRole {
  readonly role: string
  readonly privileges: readonly MongoPrivilege[]
  readonly roles: readonly (MongoRole | string)[]
}

/**
 * As much of mongosh as commands that make accounts need. Adds to `accounts`, which a double looks into at each sign-in;
 * whoever is asked for a password types this one.
 */
export function runInMongosh(commands: string, accounts: MongoAccount[], password: string): void {
  const roles = new Map<string, NewRole>()
  /** Built-in roles stay as they are; others are the privileges that they were made of. */
  const granted = (names: NewUser['roles'], database: string) => {
    const all = names.map(name => (typeof name === 'string' ? { role: name, db: database } : name))
    const own = all.flatMap(({ role, db }) => roles.get(`${db}.${role}`) ?? [])
    return {
      roles: all.filter(({ role, db }) => !roles.has(`${db}.${role}`)),
      privileges: own.flatMap(({ privileges }) => privileges),
    }
  }
  const databaseNamed = (database: string) => ({
    createRole: (role: NewRole) => void roles.set(`${database}.${role.role}`, role),
    createUser: ({ user, pwd, roles: names }: NewUser) => {
      const secret = pwd === undefined ? {} : { password: pwd }
      accounts.push({ username: user, database, ...secret, ...granted(names, database) })
    },
    grantRolesToUser: (user: string, names: NewUser['roles']) => {
      const at = accounts.findIndex(each => each.username === user && (each.database ?? 'admin') === database)
      const present = accounts[at]
      if (!present) throw new Error(`There is no account "${user}" in ${database}.`)
      const more = granted(names, database)
      accounts[at] = {
        ...present,
        roles: [...(present.roles ?? []), ...more.roles],
        privileges: [...(present.privileges ?? []), ...more.privileges],
      }
    },
  })
  const db = { getSiblingDB: databaseNamed, ...databaseNamed('test') }
  // Commands of mongosh are JavaScript.
  new Function('db', 'passwordPrompt', commands)(db, () => password)
}
