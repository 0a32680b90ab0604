import type { CatalogEntry, Listing, ListingPage } from '../browse.ts'
import { pageByName } from '../listed-page.ts'
import { type Problem, problem } from '../problem.ts'
import { credentialsOf } from './credentials.ts'
import type { Lister } from './list-in-session.ts'
import { mayFind } from './may-find.ts'
import { isSignedIn, type Privilege, readableScope, readPrivileges } from './privileges.ts'
import { namesIn } from './readable.ts'

/** Names, and why others may be missing. */
export interface KnownNames {
  readonly names: readonly string[]
  readonly problem: Problem | null
}

/** The databases of which the account may know, by their names. */
export async function listDatabases(lister: Lister, page: ListingPage): Promise<Listing<CatalogEntry>> {
  const privileges = await privilegesOf(lister)
  const { names, problem } = await databaseNames(lister, privileges)
  const { items, next } = pageByName(names, name => name, page)
  return {
    items: items.map(
      (name): CatalogEntry => ({
        name,
        kind: 'DATABASE',
        hasChildren: true,
        ...(privileges && !mayFind(privileges, name, null) && { problem: findDenied(lister, name) }),
      }),
    ),
    next,
    problem,
  }
}

/** What the account may do, by the server's own account; null where it does not tell, or nobody is signed in. */
export async function privilegesOf({ run }: Lister): Promise<readonly Privilege[] | null> {
  try {
    const status = await run('admin', { connectionStatus: 1, showPrivileges: true })
    return isSignedIn(status) ? readPrivileges(status) : null
  } catch (error) {
    if (!isRefusal(error)) throw error
    return null
  }
}

/** The server's own word, and nothing that happened to the connection. */
export const isRefusal = (error: unknown): boolean =>
  typeof (error as { readonly code?: unknown } | null)?.code === 'number'

/** Of an account that may not ask, what its privileges and its own place tell. */
export async function databaseNames(lister: Lister, privileges: readonly Privilege[] | null): Promise<KnownNames> {
  try {
    const answer = await lister.run('admin', { listDatabases: 1, nameOnly: true, authorizedDatabases: true })
    const names = namesIn(answer['databases'])
    if (names.length > 0) return { names, problem: null }
    return { names: knownDatabases(lister, privileges), problem: nothingReadable(lister) }
  } catch (error) {
    if (!isRefusal(error)) throw error
    const known = lister.opening.classify(error, 'LISTING')
    if (known.code === 'AUTHENTICATION_REQUIRED') return { names: [], problem: known }
    if (known.code !== 'PERMISSION_DENIED') throw error
    return { names: knownDatabases(lister, privileges), problem: known }
  }
}

function knownDatabases({ opening }: Lister, privileges: readonly Privilege[] | null): readonly string[] {
  const { databases, collections } = readableScope(privileges ?? [])
  const names = [...databases, ...collections.map(({ db }) => db), opening.authSource]
  return [...new Set(names)].filter(name => name !== '' && !name.startsWith('$'))
}

const nothingReadable = ({ config }: Lister): Problem => {
  const { username, userField } = credentialsOf(config)
  return problem('NOTHING_READABLE', { params: { username }, fields: [userField] })
}

/** `what`: a database, or a collection with its database. */
export const findDenied = ({ config }: Lister, what: string): Problem =>
  problem('PERMISSION_DENIED', {
    detail: `No privilege of the account lets it find documents in ${what}.`,
    fields: [credentialsOf(config).userField],
  })
