import type { CatalogEntry, FieldOption, Listing, ListingPage, ListingRequest } from '../../src/connectors/browse.ts'
import type { ConnectorType } from '../../src/connectors/define.ts'
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
  {
    budgetMs = 10_000,
    signal = new AbortController().signal,
    search = null,
    first = 100,
    after = null,
    ...surroundings
  }: ListingOptions = {},
): Promise<Listing> {
  const environment = await environmentFor(surroundings)
  const config = type.form.schema.parse(input)
  const request = requestOf({ search, first, after })
  const job = { kind: 'LIST', typeName: type.name, config, request, budgetMs, environment } as const
  const { listing } = await runListing(type, job, signal)
  return listing
}

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
    items.push(...listing.items)
    after = listing.next
  } while (after !== null)
  return items
}
