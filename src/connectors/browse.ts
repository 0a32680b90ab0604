import type { CommonType, RunEnvironment } from './define.ts'
import type { JsonObject } from './json.ts'
import type { Problem } from './problem.ts'

/** What an entry of a data source's catalog is, in words that are the same for every type. */
export type CatalogEntryKind =
  | 'CATALOG'
  | 'DATABASE'
  | 'SCHEMA'
  | 'TABLE'
  | 'VIEW'
  | 'COLLECTION'
  | 'FOLDER'
  | 'OBJECT'
  | 'COLUMN'

/** One thing that a data source holds: a schema, a table, a column. */
export interface CatalogEntry {
  /** As the source spells it: one segment of a path. */
  readonly name: string
  readonly kind: CatalogEntryKind
  /** What the source itself calls it, where that says more than the kind: `MATERIALIZED VIEW`. */
  readonly nativeKind?: string
  /** Whether its path can be listed in turn. */
  readonly hasChildren: boolean
  /** What its owner has written about it in the source. */
  readonly comment?: string
  /** Of columns alone. */
  readonly column?: {
    readonly nativeType: string
    readonly type: CommonType
    /** Left out where the source does not tell. */
    readonly isNullable?: boolean
  }
  /** Of objects and tables, where the source tells without counting. */
  readonly sizeBytes?: number
  /** Input for the type's dataset form that reads it. */
  readonly query?: JsonObject
  /** Why it cannot be looked into or read, where that is known already: a schema that this account may not use. */
  readonly problem?: Problem
}

/** One value for a form field. */
export interface FieldOption {
  /** What goes into the field. */
  readonly value: string
  /** What to show, where that is something else than the value: the name of a warehouse whose id is the value. */
  readonly label?: string
  /** More about it: "stopped, X-Small". */
  readonly help?: string
}

/** Which part of a list is wanted. All of it comes from clients. */
export interface ListingPage {
  /**
   * Part of the names that are wanted, not empty, without regard to case; null for all. A type that can only look for
   * beginnings of names does that, and its page of the documentation says so.
   */
  readonly search: string | null
  /** How many items at most, from 1 to 100. */
  readonly first: number
  /** The `next` of the page before; null for the beginning. It comes back through clients, and may be made up. */
  readonly after: string | null
}

export type ListingRequest =
  /** Values for the form field at this path. */
  | { readonly kind: 'OPTIONS'; readonly field: string; readonly page: ListingPage }
  /** What lies directly below this path, whose segments are names as the source spells them; all of it comes from clients. */
  | { readonly kind: 'CATALOG'; readonly path: readonly string[]; readonly page: ListingPage }

/**
 * A page of a list, perhaps with a problem beside it: then items are missing, or all of them are, and the problem says
 * why. Never a list that is empty without a word although it could not be looked at.
 */
export interface Listing<Item = FieldOption | CatalogEntry> {
  readonly items: readonly Item[]
  /** Where the next page begins, in the type's own words, at most 2,000 characters; null at the end. */
  readonly next: string | null
  readonly problem: Problem | null
}

export interface BrowseContext {
  /** Aborts when the client leaves and when the time for listing is over. */
  readonly signal: AbortSignal
  /** Milliseconds for all of it, with the way in. */
  readonly budgetMs: number
  readonly environment: RunEnvironment
}

/**
 * `browse.ts` of a type: loaded only inside the connector host. What goes wrong at the source is the listing's problem; an
 * error that is thrown is reported as UNCLASSIFIED, and as LISTING_TIMED_OUT once the signal has aborted for lack of time.
 * What was opened is closed before it settles. Whatever is listed comes from the source, or the source has been asked first:
 * a list without a problem counts as a sign-in that has worked. Nothing is kept, nothing billed, nothing started without
 * `environment.mayStartCompute`.
 */
export interface BrowseModule<Config> {
  /**
   * Values for a field that has `liveOptions`. Required fields of the form that have live options themselves, and that
   * the asked field does not need, may hold their stand-ins: see `LiveOptions`.
   */
  listOptions?(config: Config, field: string, page: ListingPage, context: BrowseContext): Promise<Listing<FieldOption>>
  /** What lies below a path; of the empty path, the highest level. A path that leads nowhere is a problem. */
  listCatalog(
    config: Config,
    path: readonly string[],
    page: ListingPage,
    context: BrowseContext,
  ): Promise<Listing<CatalogEntry>>
}

/** Of a listing that came to nothing. */
export const notListed = (problem: Problem): Listing<never> => ({ items: [], next: null, problem })
