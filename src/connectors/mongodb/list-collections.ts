import { type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import type { JsonObject } from '../json.ts'
import { pageByName } from '../listed-page.ts'
import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { settledWithin } from '../session/settled-within.ts'
import { isOwnCollection } from './collection-name.ts'
import { databaseNames, findDenied, isRefusal, privilegesOf } from './list-databases.ts'
import type { Lister } from './list-in-session.ts'
import { mayFind } from './may-find.ts'
import { type Privilege, readableScope } from './privileges.ts'
import { queryForm } from './query-form.ts'
import { namesIn } from './readable.ts'

/** Servers sort none of them: all have to be there before the first can be told. */
const maxCollections = 20_000
const batchSize = 1_000
const goodbyeMs = 500

interface Collection {
  readonly name: string
  /** `collection`, `view`, `timeseries`; null where it is only known from a privilege. */
  readonly type: string | null
}

interface Collections {
  readonly collections: readonly Collection[]
  /** Why others may be missing. */
  readonly problem: Problem | null
}

/** The collections and views of one database, but for those that MongoDB keeps for itself. */
export async function listCollections(
  lister: Lister,
  database: string,
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const privileges = await privilegesOf(lister)
  const { collections, problem } = await collectionsOf(lister, database, privileges)
  if (collections.length === 0 && problem === null) {
    const { names } = await databaseNames(lister, privileges)
    if (!names.includes(database)) return notListed(pathNotFound('database', database))
  }
  const { items, next } = pageByName(collections, ({ name }) => name, page)
  return {
    items: items.map(({ name, type }): CatalogEntry => {
      const query = queryOf(database, name)
      return {
        name,
        kind: type === 'view' ? 'VIEW' : 'COLLECTION',
        ...(type !== null && type !== 'view' && type !== 'collection' && { nativeKind: type }),
        hasChildren: true,
        ...(query && { query }),
        ...(privileges &&
          !mayFind(privileges, database, name) && { problem: findDenied(lister, `${database}.${name}`) }),
      }
    }),
    next,
    problem,
  }
}

/** Whether a database has a collection or view of this very name, as far as the account may know. */
export async function hasCollection(lister: Lister, database: string, collection: string): Promise<boolean> {
  const { collections, problem } = await collectionsOf(lister, database, null)
  return problem !== null || collections.some(({ name }) => name === collection)
}

async function collectionsOf(
  lister: Lister,
  database: string,
  privileges: readonly Privilege[] | null,
): Promise<Collections> {
  try {
    return await readCollections(lister, database)
  } catch (error) {
    if (!isRefusal(error)) throw error
    const known = lister.opening.classify(error, 'LISTING')
    if (known.code !== 'PERMISSION_DENIED') throw error
    const { collections } = readableScope(privileges ?? [])
    return {
      collections: collections
        .filter(({ db }) => db === database)
        .map(({ collection: name }) => ({ name, type: null })),
      problem: known,
    }
  }
}

/** Without anything but names and types, servers need no look into any collection, and tell what each account may know. */
async function readCollections(
  { opening: { session }, patience, signal, maxTimeMS }: Lister,
  database: string,
): Promise<Collections> {
  const cursor = session.client.db(database).listCollections(
    {},
    {
      nameOnly: true,
      authorizedCollections: true,
      batchSize,
      maxTimeMS,
      signal,
      ...(session.driverSession && { session: session.driverSession }),
    },
  )
  const collections: Collection[] = []
  try {
    while (await patience.wait(cursor.hasNext())) {
      if (cursor.namespace.db !== database) throw new ProtocolFaultError('it answered from another database')
      for (const item of cursor.readBufferedDocuments()) {
        const [name] = namesIn([item])
        if (name !== undefined && !isOwnCollection(name)) collections.push({ name, type: typeOf(item) })
      }
      if (collections.length > maxCollections) {
        const limit = `${maxCollections.toLocaleString('en')} collections`
        return { collections, problem: problem('RESULT_TOO_LARGE', { params: { limit } }) }
      }
    }
    return { collections, problem: null }
  } finally {
    if (!patience.isWaiting) await settledWithin(cursor.close(), goodbyeMs)
  }
}

const typeOf = ({ type }: { readonly type?: unknown }): string => (typeof type === 'string' ? type : 'collection')

/** Null for names that the form of queries does not take. */
function queryOf(database: string, collection: string): JsonObject | null {
  const query = { database, collection, operation: { find: {} } }
  return queryForm.schema.safeParse(query).success ? query : null
}
