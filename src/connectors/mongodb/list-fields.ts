import type { FindOptions } from 'mongodb'
import { type CatalogEntry, type Listing, type ListingPage, notListed } from '../browse.ts'
import { pageByName } from '../listed-page.ts'
import { pathNotFound } from '../listing-problems.ts'
import { problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { settledWithin } from '../session/settled-within.ts'
import { hasCollection } from './list-collections.ts'
import type { Lister } from './list-in-session.ts'
import { maxFields, type SampledField, SampledFields } from './sampled-fields.ts'

const sampleSize = 20
const goodbyeMs = 500

export interface CollectionPath {
  readonly database: string
  readonly collection: string
}

/** The fields of the first documents of a collection: it has no others, as far as anybody can tell without reading all. */
export async function listFields(
  lister: Lister,
  path: CollectionPath,
  page: ListingPage,
): Promise<Listing<CatalogEntry>> {
  const documents = await firstDocuments(lister, path)
  const { database, collection } = path
  // Servers find nothing in what does not exist, and say no more.
  if (documents.length === 0 && !(await hasCollection(lister, database, collection)))
    return notListed(pathNotFound('collection or view', collection))
  const sample = new SampledFields()
  for (const document of documents) sample.add(document)
  const { items, next } = pageByName(sample.fields, ({ name }) => name, page)
  return {
    items: items.map(entryOf),
    next,
    problem: sample.isCut ? problem('RESULT_TOO_LARGE', { params: { limit: `${maxFields} fields` } }) : null,
  }
}

const entryOf = ({ name, nativeType, type, isNullable, isUnnameable }: SampledField): CatalogEntry => ({
  name,
  kind: 'COLUMN',
  nativeKind: isUnnameable ? 'sampled field with a dot or dollar sign in its name' : 'sampled field',
  hasChildren: false,
  column: { nativeType, type, isNullable },
})

/** As they came. A server sends no more than 16 MB of them at once, and nobody asks for the rest. */
async function firstDocuments(
  { opening: { session }, patience, signal, maxTimeMS }: Lister,
  { database, collection }: CollectionPath,
): Promise<readonly Uint8Array[]> {
  const options: FindOptions & { readonly signal: AbortSignal } = {
    raw: true,
    limit: sampleSize,
    batchSize: sampleSize,
    singleBatch: true,
    maxTimeMS,
    comment: 'patchbay',
    signal,
    ...(session.driverSession && { session: session.driverSession }),
  }
  const cursor = session.client.db(database).collection(collection).find({}, options)
  try {
    const documents = (await patience.wait(cursor.hasNext())) ? cursor.readBufferedDocuments() : []
    if (cursor.namespace.db !== database) throw new ProtocolFaultError('it answered from another database')
    return (documents as readonly unknown[] as readonly Uint8Array[]).slice(0, sampleSize)
  } finally {
    if (!patience.isWaiting) await settledWithin(cursor.close(), goodbyeMs)
  }
}
