import { type BrowseContext, type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem } from '../problem.ts'
import { isOwnCollection } from './collection-name.ts'
import type { MongodbConfig } from './form.ts'
import { listCollections } from './list-collections.ts'
import { listDatabases } from './list-databases.ts'
import { listFields } from './list-fields.ts'
import { listInSession } from './list-in-session.ts'

/** Databases, then collections and views, then the fields of a few documents. */
export async function listCatalog(
  config: MongodbConfig,
  path: readonly string[],
  page: ListingPage,
  context: BrowseContext,
): Promise<Listing<CatalogEntry>> {
  const refused = pathProblem(path)
  if (refused) return notListed(refused)
  const [database, collection] = path
  return listInSession(config, context, lister => {
    if (database === undefined) return listDatabases(lister, page)
    if (collection === undefined) return listCollections(lister, database, page)
    return listFields(lister, { database, collection }, page)
  })
}

/** What is no path before anybody is asked: names that MongoDB does not have, and what nobody is to look into. */
function pathProblem([database, collection, field, ...deeper]: readonly string[]): Problem | null {
  if (field !== undefined) return pathNotFound('entry below a field', deeper.at(-1) ?? field)
  if (database !== undefined && !isDatabaseName(database)) return pathNotFound('database', database)
  if (collection === undefined) return null
  if (!isCollectionName(collection)) return pathNotFound('collection or view', collection)
  if (!isOwnCollection(collection)) return null
  // With the hashes of passwords among them, and other people's queries.
  return problem('LISTING_UNSUPPORTED', { params: { reason: 'MongoDB keeps this collection for itself' } })
}

const maxDatabaseBytes = 64
const isDatabaseName = (name: string): boolean =>
  name !== '' && Buffer.byteLength(name) <= maxDatabaseBytes && !/[/\\. "$\0]/.test(name)

const maxCollectionBytes = 255
const isCollectionName = (name: string): boolean =>
  name !== '' && Buffer.byteLength(name) <= maxCollectionBytes && !/\0|^\.|\.$|\.\./.test(name)
