import type { CatalogEntry, FieldOption } from '../connectors/browse.ts'
import type { Problem } from '../connectors/problem.ts'
import type { ConnectorRow } from '../db/rows.ts'
import type { TestTarget } from './connection-tests.ts'
import type { Viewer } from './viewer.ts'

/** Which part of a list is wanted. */
export interface ListedPage {
  /** 1 to 100. */
  readonly first: number
  /** The `endCursor` of the page before. */
  readonly after: string | null
  /** Part of the names that are wanted, without regard to case; null and the empty text for all. */
  readonly search: string | null
  /** Whether listing may cost money or start a machine. */
  readonly mayStartCompute: boolean
}

export interface FieldOptionsInput extends ListedPage {
  /** As for a test, but that a draft need not be complete: see `fillOptionsDraft`. */
  readonly target: TestTarget
  /** Path of the form field. */
  readonly field: string
}

export interface CatalogInput extends ListedPage {
  /** Names from the highest level down; empty for that level. */
  readonly path: readonly string[]
}

/** A page with what is wrong with it: then items are missing, or all of them are. */
export interface ListedItems<Item> {
  readonly items: readonly Item[]
  /** Opaque; null when there is no page after this one. */
  readonly endCursor: string | null
  readonly problem: Problem | null
}

export interface ListedEntry extends CatalogEntry {
  /** Names from the highest level down to it. */
  readonly path: readonly string[]
}

/**
 * Lists what a data source holds, live, through the connector host. Nothing is kept: no test, no secret, nothing of the
 * answer. Refusals are thrown as `ServiceError`s before anything is dialled, a cursor that does not fit as
 * `BadCursorError`; whatever goes wrong from then on, the secret store included, is a problem in the answer.
 */
export interface ListingService {
  /** Values for a form field. Throws `ValidationError`, `NotFoundError`, `SecretReentryRequiredError`, `RateLimitedError`. */
  fieldOptions(viewer: Viewer, input: FieldOptionsInput, signal: AbortSignal): Promise<ListedItems<FieldOption>>
  /** What a saved connector finds below a path. Throws `ValidationError`, `NotFoundError`, `RateLimitedError`. */
  catalog(
    viewer: Viewer,
    connector: Pick<ConnectorRow, 'id' | 'typeName'>,
    input: CatalogInput,
    signal: AbortSignal,
  ): Promise<ListedItems<ListedEntry>>
}
