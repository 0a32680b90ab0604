import type { CatalogEntry, FieldOption, Listing } from '../browse.ts'
import { isShallow, maxJsonDepth } from '../json-depth.ts'
import { type Problem, problem } from '../problem.ts'
import { clampProblem, clampText } from './clamp-message.ts'
import {
  maxListedNameLength,
  maxListedProblemBytes,
  maxListedQueryBytes,
  maxNextLength,
  textLimits,
} from './message-limits.ts'

/**
 * What a hostile source lists is cut here, in the child, to what the parent takes. A name is whole or not there, since
 * cut short it would be another one: then the listing's problem says that something is missing.
 */
export function clampListing({ items, next, problem: found }: Listing, first: number): Listing {
  const page = items.slice(0, first)
  const whole = page.filter(item => isListable('value' in item ? item.value : item.name))
  const losses = [
    whole.length < page.length ? tooLarge(`${maxListedNameLength} characters in a name`) : null,
    next !== null && next.length > maxNextLength
      ? tooLarge(`${maxNextLength} characters in what leads to its next page`)
      : null,
  ]
  return {
    items: whole.map(item => ('value' in item ? clampOption(item) : clampEntry(item))) as Listing['items'],
    next: next !== null && next.length <= maxNextLength ? next : null,
    problem: found ? clampProblem(found) : (losses.find(loss => loss !== null) ?? null),
  }
}

const tooLarge = (limit: string): Problem => problem('RESULT_TOO_LARGE', { params: { limit } })

const isListable = (name: string): boolean => name.length > 0 && name.length <= maxListedNameLength

const clampOption = ({ value, label, help }: FieldOption): FieldOption => ({
  value,
  ...(label !== undefined && { label: clampText(label, textLimits.optionLabel) }),
  ...(help !== undefined && { help: clampText(help, textLimits.optionHelp) }),
})

function clampEntry(entry: CatalogEntry): CatalogEntry {
  const { name, kind, nativeKind, hasChildren, comment, column, sizeBytes, query } = entry
  return {
    name,
    kind,
    ...(nativeKind !== undefined && { nativeKind: clampText(nativeKind, textLimits.nativeKind) }),
    hasChildren,
    ...(comment !== undefined && { comment: clampText(comment, textLimits.comment) }),
    ...(column !== undefined && { column: clampColumn(column) }),
    ...(sizeBytes !== undefined && isSize(sizeBytes) && { sizeBytes }),
    // Whole or not there, for the same reason.
    ...(query !== undefined && isSmall(query) && { query }),
    ...(entry.problem !== undefined && { problem: clampEntryProblem(entry.problem) }),
  }
}

const clampColumn = ({
  nativeType,
  type,
  isNullable,
}: NonNullable<CatalogEntry['column']>): NonNullable<CatalogEntry['column']> => ({
  nativeType: clampText(nativeType, textLimits.listedType),
  type,
  ...(isNullable !== undefined && { isNullable }),
})

const isSize = (bytes: number): boolean => Number.isSafeInteger(bytes) && bytes >= 0

const isSmall = (query: NonNullable<CatalogEntry['query']>): boolean =>
  isShallow(query, maxJsonDepth) && bytesOf(query) <= maxListedQueryBytes

const bytesOf = (value: object): number => Buffer.byteLength(JSON.stringify(value))

/** There may be a hundred of them: the message, which says what is wrong, goes before all that could be done about it. */
function clampEntryProblem(found: Problem): Problem {
  const clamped = clampProblem(found)
  if (bytesOf(clamped) <= maxListedProblemBytes) return clamped
  return {
    ...clamped,
    message: clampText(clamped.message, textLimits.problemDetail),
    params: {},
    fields: [],
    remedies: [],
  }
}
