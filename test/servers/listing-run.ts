import type { CatalogEntry, FieldOption, Listing, ListingPage, ListingRequest } from '../../src/connectors/browse.ts'
import type { ConnectorType } from '../../src/connectors/define.ts'
import type { ListingJob } from '../../src/connectors/host/protocol.ts'
import { runListing } from '../../src/connectors/host/run-listing.ts'
import { type EnvironmentOptions, environmentFor } from './type-run.ts'

export interface ListingOptions extends EnvironmentOptions, Partial<ListingPage> {
  /** 10 s unless given. */
  readonly budgetMs?: number
  readonly signal?: AbortSignal
}

/** Lists what lies below a path, in this process as a child would. */
export const listCatalog = (type: ConnectorType, input: unknown, path: readonly string[], options?: ListingOptions) =>
  list(type, input, page => ({ kind: 'CATALOG', path, page }), options) as Promise<Listing<CatalogEntry>>

/** Lists values for a form field, in this process as a child would. */
export const listOptions = (type: ConnectorType, input: unknown, field: string, options?: ListingOptions) =>
  list(type, input, page => ({ kind: 'OPTIONS', field, page }), options) as Promise<Listing<FieldOption>>

async function list(
  type: ConnectorType,
  input: unknown,
  requestOf: (page: ListingPage) => ListingRequest,
  { search = null, first = 100, after = null, ...options }: ListingOptions = {},
): Promise<Listing> {
  return runTypeListing(type, input, requestOf({ search, first, after }), options)
}

/** Lists in this process as a child would. */
export async function runTypeListing(
  type: ConnectorType,
  input: unknown,
  request: ListingRequest,
  { signal = new AbortController().signal, ...options }: ListingOptions = {},
): Promise<Listing> {
  const { listing } = await runListing(type, await listingJob(type, input, request, options), signal)
  return listing
}

/** What a child is told to list, with 10 s for it unless said otherwise. */
export const listingJob = async (
  type: ConnectorType,
  input: unknown,
  request: ListingRequest,
  { budgetMs = 10_000, ...surroundings }: Omit<ListingOptions, keyof ListingPage | 'signal'> = {},
): Promise<ListingJob> => ({
  kind: 'LIST',
  typeName: type.name,
  config: type.form.schema.parse(input),
  request,
  budgetMs,
  environment: await environmentFor(surroundings),
})

/** Every item of a list, page by page. */
export async function everyItem<Item>(
  first: number,
  list: (page: { readonly first: number; readonly after: string | null }) => Promise<Listing<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = []
  let after: string | null = null
  do {
    const listing: Listing<Item> = await list({ first, after })
    if (listing.problem !== null) throw new Error(`${listing.problem.code}: ${listing.problem.message}`)
    if (listing.items.length > first) throw new Error('A page is longer than was asked for.')
    if (after !== null && listing.next === after) throw new Error('The next page begins where this one has begun.')
    items.push(...listing.items)
    after = listing.next
  } while (after !== null)
  return items
}
