import type { CatalogEntry, FieldOption, Listing } from '../browse.ts'
import type { Scrubber } from './scrubber.ts'

/**
 * Removes secrets from what a list says beside its names: those, the values for fields and what leads to the next page
 * come back as paths, forms and cursors, where an altered one would name something else.
 */
export const scrubListing = <Item extends FieldOption | CatalogEntry>(
  scrub: Scrubber,
  { items, next, problem }: Listing<Item>,
): Listing<Item> => ({
  items: items.map(item => ('value' in item ? scrubOption(scrub, item) : scrubEntry(scrub, item)) as Item),
  next,
  problem: problem && scrub.problem(problem),
})

const scrubOption = (scrub: Scrubber, { label, help, ...option }: FieldOption): FieldOption => ({
  ...option,
  ...(label !== undefined && { label: scrub.text(label) }),
  ...(help !== undefined && { help: scrub.text(help) }),
})

const scrubEntry = (
  scrub: Scrubber,
  { nativeKind, comment, column, problem, ...entry }: CatalogEntry,
): CatalogEntry => ({
  ...entry,
  ...(nativeKind !== undefined && { nativeKind: scrub.text(nativeKind) }),
  ...(comment !== undefined && { comment: scrub.text(comment) }),
  ...(column !== undefined && { column: { ...column, nativeType: scrub.text(column.nativeType) } }),
  ...(problem !== undefined && { problem: scrub.problem(problem) }),
})
